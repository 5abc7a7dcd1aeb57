//! The source of a service: its modules as text, read from its folder, and their hash.
//!
//! Owns which files of a folder count and how many there may be. Never parses them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::component;
use crate::folder::{FolderError, SystemFolder};
use crate::template::Template;

/// Files of one service.
const FILES_MAX: usize = 500;
/// Bytes of one file.
pub(super) const FILE_BYTES_MAX: usize = 256 << 10;
/// Folders inside each other.
const DEPTH_MAX: usize = 16;

/// The TypeScript of one service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceSource {
    /// The service's name.
    pub service: String,
    /// Its operations; `<operation>.ts` is the module of each.
    pub operations: Vec<String>,
    /// The text of each module, by its path relative to the service's folder, with `/` between parts.
    pub modules: BTreeMap<String, String>,
    /// What it is built with.
    pub template: Template,
}

/// Why [`ServiceSource::read`] could not read a service.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system's template cannot be read.
    #[error(transparent)]
    Template(#[from] FolderError),
    /// A file or folder cannot be read.
    #[error("cannot read `{path}`")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file is not text.
    #[error("`{path}` is not UTF-8 text")]
    NotText {
        /// The file.
        path: PathBuf,
    },
    /// The folder holds more than a service may.
    #[error("`{path}` is beyond what a service may hold: {limit}")]
    TooLarge {
        /// The file or folder.
        path: PathBuf,
        /// The limit, in words.
        limit: String,
    },
}

impl ServiceSource {
    /// Reads the service `service` of the system in `folder`, with the system's template.
    pub fn of(folder: &SystemFolder, service: &str, operations: &[String]) -> Result<Self, ReadError> {
        let template = Template::read(folder)?;
        Ok(Self { template, ..Self::read(&folder.service(service), service, operations)? })
    }

    /// Reads every `.ts` file of a service's folder, to be built with what is built in. Declarations (`.d.ts`), hidden entries and links are left out.
    pub fn read(folder: &Path, service: &str, operations: &[String]) -> Result<Self, ReadError> {
        let mut modules = BTreeMap::new();
        read_folder(folder, "", 0, &mut modules)?;
        let (service, operations) = (service.to_owned(), operations.to_vec());
        Ok(Self { service, operations, modules, template: Template::default() })
    }

    /// The hash of everything the component depends on: these texts, the template and the toolchain.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let mut add = |text: &str| {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        };
        component::TOOLCHAIN.iter().for_each(|text| add(text));
        add(&self.template.digest().to_string());
        add(&self.service);
        add(&self.operations.len().to_string());
        self.operations.iter().for_each(|operation| add(operation));
        for (path, text) in &self.modules {
            add(path);
            add(text);
        }
        hash.finalize().into()
    }
}

fn read_folder(
    folder: &Path,
    prefix: &str,
    depth: usize,
    modules: &mut BTreeMap<String, String>,
) -> Result<(), ReadError> {
    let too_large = |path: &Path, limit: String| ReadError::TooLarge { path: path.to_owned(), limit };
    if depth > DEPTH_MAX {
        return Err(too_large(folder, format!("{DEPTH_MAX} folders inside each other")));
    }
    let read = |source| ReadError::Read { path: folder.to_owned(), source };
    for entry in fs::read_dir(folder).map_err(read)? {
        let entry = entry.map_err(read)?;
        let path = entry.path();
        let failed = |source| ReadError::Read { path: path.clone(), source };
        let kind = entry.file_type().map_err(failed)?;
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
        if name.starts_with('.') || name == "node_modules" {
            continue;
        }
        let relative = format!("{prefix}{name}");
        if kind.is_dir() {
            read_folder(&path, &format!("{relative}/"), depth + 1, modules)?;
        } else if kind.is_file() && name.ends_with(".ts") && !name.ends_with(".d.ts") {
            if entry.metadata().map_err(failed)?.len() > FILE_BYTES_MAX as u64 {
                return Err(too_large(&path, format!("{FILE_BYTES_MAX} bytes in a file")));
            }
            let bytes = fs::read(&path).map_err(failed)?;
            let text = String::from_utf8(bytes).map_err(|_| ReadError::NotText { path: path.clone() })?;
            modules.insert(relative, text);
            if modules.len() > FILES_MAX {
                return Err(too_large(folder, format!("{FILES_MAX} files")));
            }
        }
    }
    Ok(())
}

//! A system's folder on disk: its texts in, its state below `.mote`.
//! Owns which files belong to a system and where Mote keeps its own. Never reads what a file means.

use std::fs;
use std::path::{Path, PathBuf};

use mote_contract::Files;

/// How large one file of a system may be, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// How many files a system may have.
const FILES_MAX: usize = 10_000;
/// How deep folders may nest.
const DEPTH_MAX: usize = 16;
/// The folders whose files belong to a system, and how the names of these files end. `.yml` is read to be told of.
const FOLDERS: [(&str, &[&str]); 8] = [
    ("aggregates", YAML),
    ("contracts", YAML),
    ("definitions", YAML),
    ("regressions", YAML_OR_JSON),
    ("schemas", YAML),
    ("tests", YAML_OR_JSON),
    ("views", YAML),
    ("workflows", YAML),
];
const YAML: &[&str] = &[".yaml", ".yml"];
const YAML_OR_JSON: &[&str] = &[".yaml", ".yml", ".json"];

/// Every file of a folder, however its name ends.
const ANY: [&str; 1] = [""];

/// The folder of a system.
#[derive(Clone, Debug)]
pub struct SystemFolder {
    root: PathBuf,
}

/// Why a folder is not a system's, or cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// There is no `mote.yaml`.
    #[error("there is no system in `{0}`: it has no `mote.yaml`")]
    NoSystem(PathBuf),
    /// Something cannot be read or written.
    #[error("cannot use `{path}`: {source}")]
    Access {
        /// Which file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file is not text, or too large.
    #[error("`{path}` is {what}")]
    Unfit {
        /// Which file.
        path: PathBuf,
        /// What it is.
        what: String,
    },
}

impl SystemFolder {
    /// The system in `root`.
    pub fn open(root: &Path) -> Result<SystemFolder, FolderError> {
        // A relative path would mean another folder once somebody changes directory.
        let root =
            root.canonicalize().map_err(|source| FolderError::Access { path: root.to_owned(), source })?;
        if !root.join("mote.yaml").is_file() {
            return Err(FolderError::NoSystem(root));
        }
        Ok(SystemFolder { root })
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of a service's source.
    pub fn service(&self, name: &str) -> PathBuf {
        self.root.join("services").join(name)
    }

    /// The lock file.
    pub fn lock(&self) -> PathBuf {
        self.root.join("mote.lock")
    }

    /// A folder below `.mote`, made if it is not there. Only its owner can read it.
    pub fn state(&self, name: &str) -> Result<PathBuf, FolderError> {
        let path = self.root.join(".mote").join(name);
        make_private(&path).map_err(|source| FolderError::Access { path: path.clone(), source })?;
        Ok(path)
    }

    /// The texts of the system.
    pub fn read(&self) -> Result<Files, FolderError> {
        let mut files = Files::new();
        self.add("mote.yaml", &mut files)?;
        for (folder, endings) in FOLDERS {
            if self.root.join(folder).is_dir() {
                self.add_folder(folder, endings, 0, &mut files)?;
            }
        }
        self.add_templates(&mut files)?;
        Ok(files)
    }

    /// Add what services begin with in this system to `files`.
    pub(crate) fn add_templates(&self, files: &mut Files) -> Result<(), FolderError> {
        if self.root.join(crate::template::FOLDER).is_dir() {
            self.add_folder(crate::template::FOLDER, &ANY, 0, files)?;
        }
        Ok(())
    }

    fn add_folder(
        &self,
        relative: &str,
        endings: &[&str],
        depth: usize,
        files: &mut Files,
    ) -> Result<(), FolderError> {
        let path = self.root.join(relative);
        if depth > DEPTH_MAX {
            return Err(FolderError::Unfit {
                path,
                what: format!("nested more than {DEPTH_MAX} folders deep"),
            });
        }
        let access = |source| FolderError::Access { path: path.clone(), source };
        let mut names = Vec::new();
        for entry in fs::read_dir(&path).map_err(access)? {
            let entry = entry.map_err(access)?;
            let kind = entry.file_type().map_err(access)?;
            // Names that are not UTF-8 cannot be referred to, and links could lead out of the system.
            if let (Ok(name), false) = (entry.file_name().into_string(), kind.is_symlink()) {
                names.push((name, kind.is_dir()));
            }
        }
        names.sort();
        for (name, is_folder) in names.into_iter().filter(|(name, _)| !name.starts_with('.')) {
            let inner = format!("{relative}/{name}");
            if is_folder {
                self.add_folder(&inner, endings, depth + 1, files)?;
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                self.add(&inner, files)?;
            }
        }
        Ok(())
    }

    fn add(&self, relative: &str, files: &mut Files) -> Result<(), FolderError> {
        let path = self.root.join(relative);
        let access = |source| FolderError::Access { path: path.clone(), source };
        let unfit = |what: String| FolderError::Unfit { path: path.clone(), what };
        if fs::metadata(&path).map_err(access)?.len() > FILE_BYTES_MAX {
            return Err(unfit(format!("larger than {FILE_BYTES_MAX} bytes")));
        }
        if files.paths().count() >= FILES_MAX {
            return Err(unfit(format!("one file too many: a system has at most {FILES_MAX}")));
        }
        let text = String::from_utf8(fs::read(&path).map_err(access)?)
            .map_err(|_| unfit("not UTF-8 text".to_owned()))?;
        files.add(relative, text);
        Ok(())
    }
}

#[cfg(unix)]
fn make_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
fn make_private(path: &Path) -> std::io::Result<()> {
    fs::create_dir_all(path)
}

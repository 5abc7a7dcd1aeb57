//! `mote.lock`: which artifact answers under which contract, and the verdicts that say so.
//!
//! Owns the file's form: JSON with sorted keys, one release an entry, so that a change of one release
//! is a change of a few lines. It is committed and travels with the system, and so do the texts of
//! what was released in it: a contract can be compared with its release wherever the lock is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use mote_contract::{Files, Law};
use mote_expr::{Digest, Object, Value, parse};
use mote_verify::PublicKey;

use crate::released;

/// The version of the file's form.
const FORM: i64 = 2;

/// What `mote.lock` says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lock {
    /// The keys whose verdicts count.
    pub trusted: Vec<PublicKey>,
    /// The release of each operation.
    pub releases: BTreeMap<String, Locked>,
    /// The texts of the files that the releases were made from, by their hashes.
    pub texts: BTreeMap<Digest, String>,
}

/// The release of one operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Locked {
    /// The hash of the contract's closure.
    pub contract: Digest,
    /// The hash of the source that the artifact was built from.
    pub source: Digest,
    /// The hash of the artifact.
    pub artifact: Digest,
    /// The verdict, a signed DSSE envelope.
    pub verdict: Value,
    /// The files that make the contract, and the hashes of their texts. Filled in by
    /// [`Lock::activate`].
    pub files: BTreeMap<String, Digest>,
}

/// Why the lock file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// It cannot be read or written.
    #[error("cannot use `{path}`: {source}")]
    Access {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It is not a lock file as this version writes it.
    #[error("`{path}` cannot be read: {why}; restore it, or remove it to verify everything anew")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

impl Lock {
    /// Read the file at `path`; an absent one is an empty lock.
    pub fn read(path: &Path) -> Result<Lock, LockError> {
        match fs::read(path) {
            Ok(bytes) => Lock::parse(&bytes).map_err(|why| LockError::Damaged { path: path.to_owned(), why }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Lock::default()),
            Err(source) => Err(LockError::Access { path: path.to_owned(), source }),
        }
    }

    /// Name `release` as the one of `law`, under verdicts of `key`. `files` are those of the system.
    pub fn activate(&mut self, law: &Law, mut release: Locked, files: &Files, key: PublicKey) {
        if !self.trusted.contains(&key) {
            self.trusted.push(key);
        }
        for (path, text) in released::files_of(law, files) {
            let digest = Digest::of(text.as_bytes());
            self.texts.insert(digest, text);
            release.files.insert(path.to_owned(), digest);
        }
        self.releases.insert(law.contract.name.clone(), release);
        self.retain(|_| true);
    }

    /// Keep the releases of these operations, and the texts that they are made from.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.releases.retain(|operation, _| keep(operation));
        let named: BTreeSet<Digest> =
            self.releases.values().flat_map(|release| release.files.values().copied()).collect();
        self.texts.retain(|digest, _| named.contains(digest));
    }

    /// Write the file whole, or not at all.
    pub fn write(&self, path: &Path) -> Result<(), LockError> {
        let access = |source| LockError::Access { path: path.to_owned(), source };
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::Builder::new().prefix(".mote.lock").tempfile_in(folder).map_err(access)?;
        file.write_all(self.text().as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(access)?;
        readable_by_all(file.as_file()).map_err(access)?;
        file.persist(path).map_err(|error| access(error.error))?;
        Ok(())
    }

    fn parse(bytes: &[u8]) -> Result<Lock, String> {
        let value = parse(bytes).map_err(|error| error.to_string())?;
        let mut fields = Fields::of(value)?;
        match fields.take("lock")? {
            Value::Int(FORM) => {}
            other => return Err(format!("its form is {other}, this version of Mote reads {FORM}")),
        }
        let mut trusted = Vec::new();
        for key in fields.take("trusted")?.as_list().unwrap_or(&[]) {
            let text = key.as_text().unwrap_or("");
            trusted.push(text.parse::<PublicKey>().map_err(|error| format!("the key {text:?}: {error}"))?);
        }
        let mut releases = BTreeMap::new();
        for (operation, release) in Fields::of(fields.take("releases")?)?.0.iter() {
            let read = Locked::parse(release.clone())
                .map_err(|why| format!("the release of `{operation}`: {why}"))?;
            releases.insert(operation.to_owned(), read);
        }
        let mut texts = BTreeMap::new();
        for (name, text) in Fields::of(fields.take("texts")?)?.0.iter() {
            let text = text.as_text().unwrap_or("");
            let digest = Digest::of(text.as_bytes());
            if digest.to_string() != name {
                return Err(format!("the text `{name}` was changed"));
            }
            texts.insert(digest, text.to_owned());
        }
        fields.finish()?;
        Ok(Lock { trusted, releases, texts })
    }

    fn text(&self) -> String {
        let releases = self.releases.iter().map(|(operation, release)| (operation, release.value()));
        let value = Value::object([
            ("lock", Value::Int(FORM)),
            ("releases", Value::object(releases)),
            (
                "texts",
                Value::object(
                    self.texts.iter().map(|(digest, text)| (digest.to_string(), Value::text(text))),
                ),
            ),
            ("trusted", Value::list(self.trusted.iter().map(|key| Value::text(key.to_string())))),
        ]);
        let mut text = String::new();
        write_pretty(&value, 0, &mut text);
        text.push('\n');
        text
    }
}

impl Locked {
    fn parse(value: Value) -> Result<Locked, String> {
        let mut fields = Fields::of(value)?;
        let mut files = BTreeMap::new();
        for (path, digest) in Fields::of(fields.take("files")?)?.0.iter() {
            let digest = digest.as_text().unwrap_or("").parse();
            files.insert(path.to_owned(), digest.map_err(|error| format!("`{path}`: {error}"))?);
        }
        let release = Locked {
            files,
            contract: fields.digest("contract")?,
            source: fields.digest("source")?,
            artifact: fields.digest("artifact")?,
            verdict: fields.take("verdict")?,
        };
        fields.finish()?;
        Ok(release)
    }

    fn value(&self) -> Value {
        Value::object([
            ("contract", Value::text(self.contract.to_string())),
            ("source", Value::text(self.source.to_string())),
            ("artifact", Value::text(self.artifact.to_string())),
            ("verdict", self.verdict.clone()),
            (
                "files",
                Value::object(
                    self.files.iter().map(|(path, digest)| (path, Value::text(digest.to_string()))),
                ),
            ),
        ])
    }
}

/// The fields of an object, taken one by one; what is left is unknown.
struct Fields(Object);

impl Fields {
    fn of(value: Value) -> Result<Fields, String> {
        value
            .as_object()
            .map(|object| Fields(object.clone()))
            .ok_or_else(|| format!("expected an object, found {}", value.kind()))
    }

    fn take(&mut self, key: &str) -> Result<Value, String> {
        self.0.remove(key).ok_or_else(|| format!("it has no `{key}`"))
    }

    fn digest(&mut self, key: &str) -> Result<Digest, String> {
        self.take(key)?.as_text().unwrap_or("").parse().map_err(|error| format!("`{key}`: {error}"))
    }

    fn finish(self) -> Result<(), String> {
        self.0.iter().next().map_or(Ok(()), |(key, _)| Err(format!("it has an unknown field `{key}`")))
    }
}

/// JSON with two spaces a level: what changes in a release shows as a few changed lines.
fn write_pretty(value: &Value, depth: usize, text: &mut String) {
    let indent = |depth: usize| "  ".repeat(depth);
    match value {
        Value::Object(object) if !object.is_empty() => {
            text.push_str("{\n");
            for (at, (key, field)) in object.iter().enumerate() {
                text.push_str(&format!("{}{}: ", indent(depth + 1), Value::text(key)));
                write_pretty(field, depth + 1, text);
                text.push_str(if at + 1 < object.len() { ",\n" } else { "\n" });
            }
            text.push_str(&format!("{}}}", indent(depth)));
        }
        Value::List(items) if !items.is_empty() => {
            text.push_str("[\n");
            for (at, item) in items.iter().enumerate() {
                text.push_str(&indent(depth + 1));
                write_pretty(item, depth + 1, text);
                text.push_str(if at + 1 < items.len() { ",\n" } else { "\n" });
            }
            text.push_str(&format!("{}]", indent(depth)));
        }
        other => text.push_str(&other.to_string()),
    }
}

/// A temporary file is private; the lock is for everybody who reads the system.
#[cfg(unix)]
fn readable_by_all(file: &fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_all(_: &fs::File) -> std::io::Result<()> {
    Ok(())
}

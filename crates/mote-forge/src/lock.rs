//! `mote.lock`: which artifact answers under which contract, and the verdicts that say so.
//!
//! Owns the file's form: JSON with sorted keys, one release an entry, so that a change of one release
//! is a change of a few lines. It is committed and travels with the system.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use mote_expr::{Digest, Object, Value, parse};
use mote_verify::PublicKey;

/// The version of the file's form.
const FORM: i64 = 1;

/// What `mote.lock` says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lock {
    /// The keys whose verdicts count.
    pub trusted: Vec<PublicKey>,
    /// The release of each operation.
    pub releases: BTreeMap<String, Locked>,
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

    /// Name `release` as the one of `operation`, under verdicts of `key`.
    pub fn activate(&mut self, operation: &str, release: Locked, key: PublicKey) {
        if !self.trusted.contains(&key) {
            self.trusted.push(key);
        }
        self.releases.insert(operation.to_owned(), release);
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
        fields.finish()?;
        Ok(Lock { trusted, releases })
    }

    fn text(&self) -> String {
        let releases = self.releases.iter().map(|(operation, release)| (operation, release.value()));
        let value = Value::object([
            ("lock", Value::Int(FORM)),
            ("releases", Value::object(releases)),
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
        let release = Locked {
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

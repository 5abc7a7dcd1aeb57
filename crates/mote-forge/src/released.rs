//! The contract as it was released: read again from the texts that the lock keeps.
//!
//! Owns which files make a contract. What is read is the release only if it has the release's hash.

use std::sync::Arc;

use mote_contract::{Files, Law, Severity, check};

use crate::lock::Lock;

/// Why the contract of a release cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ReleasedError {
    /// There is no release.
    #[error("`{0}` has no release")]
    NoRelease(String),
    /// A text is missing.
    #[error("the lock names `{0}` and does not hold its text")]
    NoText(String),
    /// The texts say something else, or nothing, to this version of Mote.
    #[error("the texts in the lock are not the release of `{operation}` to this version of Mote: {why}")]
    Other {
        /// Which.
        operation: String,
        /// What is wrong.
        why: String,
    },
}

/// The files that `law` may depend on: its own, and all that is no operation.
pub(crate) fn files_of<'f>(law: &Law, files: &'f Files) -> impl Iterator<Item = (&'f str, String)> {
    let own = files.path(law.contract.place.file);
    let shared = |path: &str| {
        ["aggregates/", "definitions/", "schemas/", "views/"].iter().any(|folder| path.starts_with(folder))
    };
    let paths = files.paths().filter(move |path| *path == own || *path == "mote.yaml" || shared(path));
    paths.filter_map(|path| {
        let text = files.text(files.find(path)?);
        Some((path, if path == "mote.yaml" { without_may_use(text) } else { text.to_owned() }))
    })
}

/// `mote.yaml` without what it says of other contracts, which are not kept with this one.
fn without_may_use(text: &str) -> String {
    let mut inside = false;
    let lines = text.lines().filter(|line| {
        let top = !line.starts_with([' ', '\t', '#']) && !line.is_empty();
        inside = if top { line.starts_with("may-use:") } else { inside };
        !inside
    });
    lines.map(|line| format!("{line}\n")).collect()
}

impl Lock {
    /// The contract of the release of `operation`.
    pub fn law(&self, operation: &str) -> Result<Arc<Law>, ReleasedError> {
        let locked =
            self.releases.get(operation).ok_or_else(|| ReleasedError::NoRelease(operation.to_owned()))?;
        let mut files = Files::new();
        for (path, digest) in &locked.files {
            let text = self.texts.get(digest).ok_or_else(|| ReleasedError::NoText(path.clone()))?;
            files.add(path, text.clone());
        }
        let other = |why: String| ReleasedError::Other { operation: operation.to_owned(), why };
        let report = check(&files);
        let error = report.diagnostics.iter().find(|found| found.severity == Severity::Error);
        let law = report.system.and_then(|system| system.laws.get(operation).cloned());
        match (law, error) {
            (Some(law), _) if law.digest == locked.contract => Ok(law),
            (Some(law), _) => Err(other(format!("they make {}", law.digest.short()))),
            (None, Some(error)) => Err(other(error.message.clone())),
            (None, None) => Err(other("they hold no such contract".to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_release_keeps_nothing_of_other_contracts() {
        let kept =
            super::without_may_use("system: shop\nmay-use:\n  ordering: [stock]\n\n  # why\nowner: us\n");
        assert_eq!(kept, "system: shop\nowner: us\n");
        assert_eq!(super::without_may_use("may-use: {a: [b]}\nsystem: shop"), "system: shop\n");
    }
}

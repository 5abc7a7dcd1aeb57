//! Why a service cannot be built, at the author's own line.

/// Why [`build`](super::build) refused a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildError {
    /// The file, relative to the service's folder; the folder's name if it is about no single file.
    pub file: String,
    /// The line, from 1; 0 if it is about the whole file.
    pub line: u32,
    /// The column in characters, from 1; 0 if it is about the whole line.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl BuildError {
    pub(super) fn new(file: &str, (line, column): (u32, u32), message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, column, message: message.into(), hint: None }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

impl std::error::Error for BuildError {}

impl std::fmt::Display for BuildError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.file)?;
        for number in [self.line, self.column] {
            if number > 0 {
                write!(f, ":{number}")?;
            }
        }
        write!(f, ": {}", self.message)
    }
}

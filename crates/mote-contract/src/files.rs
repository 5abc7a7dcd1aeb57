//! The texts of a system, by path.
//! Owns the mapping from byte offsets to lines and columns. Never reads a disk: the caller does.

use std::collections::BTreeMap;

/// One file of a [`Files`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(u32);

/// The texts of a system's files, by their paths from the system's folder (with `/`).
#[derive(Clone, Debug, Default)]
pub struct Files {
    files: Vec<(String, String)>,
    by_path: BTreeMap<String, FileId>,
}

impl FileId {
    /// `mote.yaml` where there is none: its absence has a place too.
    pub(crate) const ABSENT_MANIFEST: FileId = FileId(u32::MAX);
}

impl Files {
    /// No files yet.
    pub fn new() -> Files {
        Files::default()
    }

    /// Add a file; of two with one path the later wins.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> FileId {
        let path = path.into();
        let id = FileId(self.files.len() as u32);
        self.by_path.insert(path.clone(), id);
        self.files.push((path, text.into()));
        id
    }

    /// The file at `path`.
    pub fn find(&self, path: &str) -> Option<FileId> {
        self.by_path.get(path).copied()
    }

    /// The files whose paths start with `folder` and end with `.yaml`, in the order of their paths.
    pub fn yaml_below<'f>(&'f self, folder: &'f str) -> impl Iterator<Item = FileId> + 'f {
        let inside = move |path: &str| {
            path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')) && path.ends_with(".yaml")
        };
        self.by_path.iter().filter(move |(path, _)| inside(path)).map(|(_, id)| *id)
    }

    /// All files, in the order of their paths.
    pub(crate) fn ids(&self) -> impl Iterator<Item = FileId> {
        self.by_path.values().copied()
    }

    /// All paths.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.by_path.keys().map(String::as_str)
    }

    /// A file's path.
    pub fn path(&self, file: FileId) -> &str {
        self.files.get(file.0 as usize).map_or("mote.yaml", |(path, _)| path)
    }

    /// A file's text.
    pub fn text(&self, file: FileId) -> &str {
        self.files.get(file.0 as usize).map_or("", |(_, text)| text)
    }

    /// The line and column of a byte offset, both from 1; columns count characters.
    pub fn line_column(&self, file: FileId, offset: usize) -> (usize, usize) {
        let text = self.text(file);
        let mut at = offset.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let before = &text[..at];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        // A byte order mark is in the file and on nobody's screen.
        let column = before[line_start..].chars().filter(|char| *char != '\u{feff}').count();
        (before.matches('\n').count() + 1, column + 1)
    }
}

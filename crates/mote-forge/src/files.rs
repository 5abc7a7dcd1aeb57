//! Files that appear whole or not at all.

use std::fs;
use std::io::Write as _;
use std::path::Path;

/// Put `bytes` into the file at `path`, on disk when this returns. Private to its owner.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut draft = tempfile::NamedTempFile::new_in(folder)?;
    draft.write_all(bytes)?;
    draft.as_file().sync_all()?;
    draft.persist(path).map_err(|error| error.error)?;
    // The new name is on disk only when its folder is.
    fs::File::open(folder)?.sync_all()
}

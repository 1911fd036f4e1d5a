//! Which file a path leads to, whatever its name. Nothing is opened here.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use serde::{Deserialize, Serialize};

/// As many links as Linux follows.
const LINKS: usize = 40;

/// A file, whatever its names. Another file in its place differs, even if it has the same inode again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileId {
    device: u64,
    inode: u64,
    /// In nanoseconds since 1970; `None` where the file system does not keep it.
    created: Option<u64>,
}

impl FileId {
    #[cfg(unix)]
    #[allow(clippy::unnecessary_wraps, reason = "other platforms have no identity")]
    pub(crate) fn of(metadata: &fs::Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let created = metadata.created().ok();
        let created = created.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
        let created = created.and_then(|since| u64::try_from(since.as_nanos()).ok());
        Some(Self { device: metadata.dev(), inode: metadata.ino(), created })
    }

    #[cfg(not(unix))]
    pub(crate) fn of(_: &fs::Metadata) -> Option<Self> {
        None
    }

    pub(crate) fn at(path: &Path) -> Option<Self> {
        Self::of(&fs::metadata(path).ok()?)
    }
}

/// Whether an error says that there is no such file. A home directory may be `/dev/null`.
pub(crate) fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// The path without links and detours. The file itself may not exist yet, but its folder must.
pub(crate) fn resolved(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let missing = match fs::canonicalize(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => error,
            other => return other,
        };
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = fs::canonicalize(parent.unwrap_or(Path::new(".")))?;
        match fs::read_link(&path) {
            Ok(target) => path = parent.join(target),
            Err(_) => return path.file_name().map(|name| parent.join(name)).ok_or(missing),
        }
    }
    Err(io::Error::other("too many links"))
}

/// Whether both paths lead to one file, or would if it existed.
pub(crate) fn is_same_file(one: &Path, other: &Path) -> bool {
    let is_same_id = FileId::at(one).is_some_and(|id| FileId::at(other) == Some(id));
    is_same_id || resolved(one).is_ok_and(|one| resolved(other).is_ok_and(|other| one == other))
}

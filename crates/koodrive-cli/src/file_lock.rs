//! A lock on a file that is replaced at each save, so that one program at a time uses it.
//!
//! The lock is on another file beside it, which is never replaced. It holds who has the lock.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    process,
};

use jiff::Timestamp;

use crate::paths::FileId;

/// Locked until dropped, or until the process ends.
pub(crate) struct FileLock {
    file: File,
    path: PathBuf,
}

/// Another program has the lock: who, in brackets. Empty if it has not signed yet.
pub(crate) type Holder = String;

impl FileLock {
    /// The lock of a file.
    pub(crate) fn path_of(file: &Path) -> PathBuf {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        file.with_file_name(format!(".{name}.koodrive-lock"))
    }

    /// Locks `file`, unless another program has.
    pub(crate) fn try_acquire(file: &Path) -> io::Result<Result<Self, Holder>> {
        let path = Self::path_of(file);
        loop {
            let file =
                File::options().read(true).write(true).create(true).truncate(false).open(&path)?;
            match file.try_lock() {
                // The last holder deletes the file, perhaps after it was opened here.
                Ok(()) if !is_at(&file, &path) => {}
                Ok(()) => return Self { file, path }.signed().map(Ok),
                Err(TryLockError::WouldBlock) => return Ok(Err(holder(file))),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }

    fn signed(mut self) -> io::Result<Self> {
        self.file.set_len(0)?;
        write!(self.file, "pid {}, started {:.0}", process::id(), Timestamp::now())?;
        Ok(self)
    }
}

impl Drop for FileLock {
    /// Deletes the file while it is locked. Elsewhere than on Unix, that cannot be done safely.
    fn drop(&mut self) {
        if cfg!(unix) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn is_at(file: &File, path: &Path) -> bool {
    file.metadata().is_ok_and(|opened| FileId::of(&opened) == FileId::at(path))
}

fn holder(mut file: File) -> Holder {
    let mut text = String::new();
    match file.read_to_string(&mut text) {
        Ok(1..) => format!(" ({text})"),
        _ => String::new(),
    }
}

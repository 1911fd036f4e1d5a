//! The lock on a state, so that one run at a time uses it.
//!
//! The state itself is replaced at each save, so the lock is on a file beside it, which is not. It holds
//! who has the lock.

use std::{
    fs::{self, File, TryLockError},
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    process,
};

use anyhow::{Context as _, bail};
use jiff::Timestamp;

use crate::{paths::FileId, report::UsageError};

/// Locked until dropped, or until the process ends.
pub(crate) struct StateLock {
    file: File,
    path: PathBuf,
}

impl StateLock {
    /// The lock file of a state.
    pub(crate) fn path_of(state: &Path) -> PathBuf {
        let name = state.file_name().unwrap_or_default().to_string_lossy();
        state.with_file_name(format!(".{name}.koodrive-lock"))
    }

    /// Locks the state at `path`, which messages call `name`.
    pub(crate) fn acquire(path: &Path, name: &Path) -> anyhow::Result<Self> {
        let (path, name) = (Self::path_of(path), name.display());
        loop {
            let file =
                File::options().read(true).write(true).create(true).truncate(false).open(&path);
            let file = file.with_context(|| format!("cannot write the state file {name}"))?;
            match file.try_lock() {
                // The last holder deletes the file, perhaps after it was opened here.
                Ok(()) if !is_at(&file, &path) => {}
                Ok(()) => {
                    let mut lock = Self { file, path };
                    lock.sign().with_context(|| format!("cannot lock the state file {name}"))?;
                    return Ok(lock);
                }
                Err(TryLockError::WouldBlock) => {
                    let holder = holder(file);
                    bail!(UsageError(format!(
                        "{name} is in use by another koodrive{holder}; wait for it, or pass a different file to --state"
                    )));
                }
                Err(TryLockError::Error(error)) => {
                    return Err(error)
                        .with_context(|| format!("cannot lock the state file {name}"));
                }
            }
        }
    }

    fn sign(&mut self) -> std::io::Result<()> {
        self.file.set_len(0)?;
        write!(self.file, "pid {}, started {:.0}", process::id(), Timestamp::now())
    }
}

impl Drop for StateLock {
    /// Deletes the file while it is locked. Elsewhere than on Unix, that cannot be done safely.
    fn drop(&mut self) {
        if cfg!(unix) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn is_at(file: &File, path: &Path) -> bool {
    let (Ok(opened), Ok(found)) = (file.metadata(), fs::metadata(path)) else { return false };
    FileId::of(&opened) == FileId::of(&found)
}

/// Who holds the lock, in brackets. Empty if the holder has not signed yet.
fn holder(mut file: File) -> String {
    let mut text = String::new();
    match file.read_to_string(&mut text) {
        Ok(1..) => format!(" ({text})"),
        _ => String::new(),
    }
}

//! The lock on a copy: held by the system, so that it ends with its holder, and never renamed.

use std::{
    fs::{File, TryLockError},
    io::{self, Read as _, Write as _},
    path::Path,
    process,
};

use jiff::{Timestamp, Unit};

use crate::{disk::folder::open, error::SyncError};

/// Held as long as it lives.
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Does not wait.
    pub(crate) fn take(folder: &Path) -> Result<Self, SyncError> {
        let path = folder.join("lock");
        let at = SyncError::at(&path);
        let mut file = open(folder, "lock", true).map_err(at)?;
        match file.try_lock() {
            Ok(()) => sign(&mut file).map_err(at)?,
            Err(TryLockError::WouldBlock) => return Err(SyncError::InUse { holder: holder(file) }),
            Err(TryLockError::Error(source)) => return Err(at(source)),
        }
        Ok(Self { _file: file })
    }

    /// In a folder that cannot be written, this keeps runs out as far as a lock is there.
    pub(crate) fn share(folder: &Path) -> Result<Option<Self>, SyncError> {
        let Ok(file) = File::open(folder.join("lock")) else { return Ok(None) };
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Err(SyncError::InUse { holder: holder(file) }),
            _ => Ok(Some(Self { _file: file })),
        }
    }
}

fn sign(file: &mut File) -> io::Result<()> {
    let since = Timestamp::now().round(Unit::Second).unwrap_or_default();
    file.set_len(0)?;
    writeln!(file, "process {} since {since}", process::id())
}

/// It may be reading what is being written, and Windows does not let it read at all.
fn holder(file: File) -> String {
    let mut text = String::new();
    let _ = file.take(100).read_to_string(&mut text);
    match text.trim() {
        "" => "process unknown".to_owned(),
        text => text.escape_debug().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_keeps_others_out_and_says_who_holds_it() {
        let folder = tempfile::tempdir().unwrap();
        let lock = Lock::take(folder.path()).unwrap();

        let refusal = Lock::take(folder.path()).err().unwrap().to_string();
        assert!(refusal.contains(&format!("process {} since 20", process::id())), "{refusal}");

        drop(lock);
        Lock::take(folder.path()).unwrap();
    }
}

//! Where a file goes: the target, and the names beside it until the file is whole.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};
use tempfile::TempPath;

use crate::error::{Error, ErrorKind, Result};

pub(super) struct Place {
    pub(super) target: PathBuf,
    /// The first bytes of the file.
    pub(super) part: PathBuf,
    /// What is known about them.
    pub(super) record: PathBuf,
    overwrite: bool,
}

impl Place {
    pub(super) fn new(target: PathBuf, overwrite: bool) -> Result<Self> {
        let name = target.file_name().ok_or_else(|| {
            Error::invalid("the path of the download has no file name; name a file, not a folder")
        })?;
        let stem = stem(name);
        let part = target.with_file_name(format!("{stem}.part"));
        let record = target.with_file_name(format!("{stem}.part-record"));
        Ok(Self { target, part, record, overwrite })
    }

    /// Whether the target can be written as far as that is known before.
    pub(super) fn check(&self) -> io::Result<()> {
        match fs::symlink_metadata(&self.target) {
            Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
            Ok(_) if !self.overwrite => Err(io::ErrorKind::AlreadyExists.into()),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Gives the part its final name.
    pub(super) fn publish(&self) -> io::Result<()> {
        self.check()?; // also on systems that would replace an empty folder
        if self.overwrite {
            return fs::rename(&self.part, &self.target);
        }
        let part = TempPath::try_from_path(&self.part)?;
        let Err(error) = part.persist_noclobber(&self.target) else { return Ok(()) };
        drop(error.path.keep()); // it would be deleted
        self.rename_instead(error.error)
    }

    /// Renames where the disk has neither hard links nor a rename that spares what is there: FAT and some network
    /// drives.
    fn rename_instead(&self, cause: io::Error) -> io::Result<()> {
        if cause.kind() == io::ErrorKind::AlreadyExists {
            return Err(cause);
        }
        self.check()?;
        fs::rename(&self.part, &self.target)
    }

    /// Makes the final name durable. Some file systems cannot sync a folder, and some folders cannot be read.
    pub(super) fn sync(&self) -> io::Result<()> {
        use io::ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
        if cfg!(not(unix)) {
            return Ok(());
        }
        let folder = self.target.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = File::open(folder.unwrap_or(Path::new(".")));
        match folder.and_then(|folder| folder.sync_all()) {
            Err(error) if matches!(error.kind(), InvalidInput | PermissionDenied | Unsupported) => {
                Ok(())
            }
            synced => synced,
        }
    }

    /// An error about the target.
    pub(super) fn error(&self, cause: io::Error) -> Error {
        let target = self.target.display();
        let message = match cause.kind() {
            io::ErrorKind::AlreadyExists => {
                format!("{target} exists; choose another name, or set `overwrite`")
            }
            io::ErrorKind::IsADirectory => format!("{target} is a folder; name a file in it"),
            io::ErrorKind::ResourceBusy => format!("another download to {target} is under way"),
            io::ErrorKind::NotFound => format!("cannot write {target}: its folder does not exist"),
            _ => format!("cannot write {target}"),
        };
        Error::new(ErrorKind::Io, message).with(|facts| facts.source = Some(cause.into()))
    }
}

/// `.<name>`, without exceeding the 255 bytes that a name may have once a suffix follows.
fn stem(name: &OsStr) -> String {
    const LONGEST: usize = 200;
    let name = name.to_string_lossy();
    if name.len() <= LONGEST {
        return format!(".{name}");
    }
    let digest = hex::encode(Sha256::digest(name.as_bytes()));
    let start: String = name.chars().take(LONGEST / 8).collect();
    format!(".{start}-{}", digest.get(..16).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_beside_a_target_are_its_own_and_not_too_long() {
        let names = |target: &str| {
            let place = Place::new(target.into(), false).unwrap();
            [place.part, place.record].map(|path| path.display().to_string())
        };
        assert_eq!(names("a/sea.jpg"), ["a/.sea.jpg.part", "a/.sea.jpg.part-record"]);
        assert_eq!(names("sea.jpg/"), [".sea.jpg.part", ".sea.jpg.part-record"]);

        let long = "图".repeat(84);
        let (one, other) = (names(&format!("{long}1")), names(&format!("{long}2")));
        assert!(one.iter().chain(&other).all(|name| name.len() <= 255), "{one:?}");
        assert!(one.iter().all(|name| !other.contains(name)), "{one:?}");
    }

    #[test]
    fn a_path_without_a_file_name_is_refused() {
        for target in ["", "/", "..", "a/.."] {
            let error = Place::new(target.into(), false).err().unwrap();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{target}");
        }
    }

    #[test]
    fn a_file_that_appears_meanwhile_is_not_replaced_and_the_part_stays() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::new(folder.path().join("a"), false).unwrap();
        place.check().unwrap();
        fs::write(&place.part, "new").unwrap();
        fs::write(&place.target, "a stranger's").unwrap();

        let error = place.publish().unwrap_err();

        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&place.target).unwrap(), "a stranger's");
        assert_eq!(fs::read_to_string(&place.part).unwrap(), "new");
    }

    #[test]
    fn a_disk_without_hard_links_gets_its_file_and_a_stranger_keeps_his() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::new(folder.path().join("a"), false).unwrap();
        for cause in [io::ErrorKind::PermissionDenied, io::ErrorKind::Unsupported] {
            fs::write(&place.part, "new").unwrap();
            place.rename_instead(cause.into()).unwrap();
            assert_eq!(fs::read_to_string(&place.target).unwrap(), "new");

            fs::write(&place.part, "newer").unwrap();
            let error = place.rename_instead(cause.into()).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(fs::read_to_string(&place.part).unwrap(), "newer");
            fs::remove_file(&place.target).unwrap();
        }
    }
}

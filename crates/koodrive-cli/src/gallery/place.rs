//! Where the page goes: whole or not at all, and never over a file that is not a page of ours.

use std::{fs, io, io::Write as _, path::Path};

use anyhow::{Context as _, bail};
use koodrive_sync::is_page;
use tempfile::PersistError;

pub(super) fn write(path: &Path, html: &str) -> anyhow::Result<()> {
    let name = path.display();
    let is_ours = is_ours(path).with_context(|| format!("cannot read {name}"))?;
    let written = match is_ours {
        Some(false) => Err(io::ErrorKind::AlreadyExists.into()),
        _ => replace(path, html, is_ours.is_some()),
    };
    match written {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => bail!(
            "{name} is not a page of `koodrive gallery`, so it is left alone; move it, or name another page: \
             --output gallery.html"
        ),
        written => written.with_context(|| format!("cannot write {name}")),
    }
}

/// Whether what is there is a page of ours. `None` if nothing is there.
fn is_ours(path: &Path) -> io::Result<Option<bool>> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        found => Ok(Some(found?.is_file() && is_page(path)?)),
    }
}

fn replace(path: &Path, html: &str, is_there: bool) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut options = tempfile::Builder::new();
    // A name that `koodrive verify` knows, should a kill leave it.
    options.prefix(".koodrive-").suffix(".part");
    #[cfg(unix)]
    options.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666)); // less the umask
    let mut file = options.tempfile_in(folder)?;
    file.write_all(html.as_bytes())?;
    file.as_file().sync_all()?;
    if is_there {
        file.persist(path)?;
    } else if let Err(refused) = file.persist_noclobber(path) {
        rename_instead(refused, path)?;
    }
    Ok(())
}

/// Renames where the disk has neither hard links nor a rename that spares what is there: FAT and some network
/// drives.
fn rename_instead(refused: PersistError, path: &Path) -> io::Result<()> {
    if refused.error.kind() == io::ErrorKind::AlreadyExists {
        return Err(refused.error);
    }
    refused.file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_without_hard_links_gets_its_page_and_a_stranger_keeps_his() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.html");
        let refused = |kind: io::ErrorKind| {
            let mut file = tempfile::NamedTempFile::new_in(folder.path()).unwrap();
            file.write_all(b"page").unwrap();
            PersistError { error: kind.into(), file }
        };

        rename_instead(refused(io::ErrorKind::PermissionDenied), &path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "page");

        fs::write(&path, "a stranger's").unwrap();
        let error = rename_instead(refused(io::ErrorKind::AlreadyExists), &path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "a stranger's");
    }
}

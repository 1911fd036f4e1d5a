//! Where the page goes: whole or not at all, and never over a file that is not a page of ours.

use std::{fs, io, io::Write as _, path::Path};

use anyhow::{Context as _, bail};
use koodrive_sync::is_page;

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
    let placed = if is_there { file.persist(path) } else { file.persist_noclobber(path) };
    placed.map(drop).map_err(io::Error::from)
}

//! Files that only their owner can read. All but logs are replaced as a whole or not at all.

use std::{fs::File, io, path::Path};

use serde::Serialize;
use tempfile::NamedTempFile;

/// Replaces the file at `path` by the JSON of `value`.
pub(crate) fn replace(path: &Path, value: &impl Serialize) -> io::Result<()> {
    written(path, value)?.persist(path)?;
    Ok(())
}

/// The same, and waits until it would survive a power failure.
pub(crate) fn replace_durably(path: &Path, value: &impl Serialize) -> io::Result<()> {
    let file = written(path, value)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    // Some file systems cannot sync a folder, and not all systems open one.
    let _ = File::open(folder(path)).and_then(|folder| folder.sync_all());
    Ok(())
}

/// Opens a file to append to. If it exists, its permissions stay as they are.
pub(crate) fn append(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn written(path: &Path, value: &impl Serialize) -> io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix(".koodrive-").tempfile_in(folder(path))?;
    serde_json::to_writer_pretty(&mut file, value)?;
    Ok(file)
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// # Errors
///
/// If others can read the file, with the command that changes that.
#[cfg(unix)]
pub(crate) fn check_permissions(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let quoted = crate::text::shell_quoted(&path.to_string_lossy());
        anyhow::bail!(
            "{} holds a secret, but others can read it (mode {mode:o}); run: chmod 600 {quoted}",
            path.display()
        );
    }
    Ok(())
}

/// Elsewhere the file is in the user's own directory, which others cannot read by default.
#[cfg(not(unix))]
pub(crate) fn check_permissions(_: &Path) -> anyhow::Result<()> {
    Ok(())
}

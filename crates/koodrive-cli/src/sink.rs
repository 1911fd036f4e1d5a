//! Where a listing is written, and how much of it has been written. It knows nothing of the content.

use std::{
    fs::{File, OpenOptions},
    io::{self, IsTerminal as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

/// How much was written, and to which file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OutputPosition {
    length: u64,
    /// Device and inode of a redirected file, which has no known path.
    identity: Option<(u64, u64)>,
}

/// Standard output or a file.
pub(crate) struct Sink {
    /// For messages.
    name: String,
    /// The output file, or the file that standard output is redirected to.
    file: Option<File>,
    is_stdout: bool,
}

impl Sink {
    pub(crate) fn stdout() -> Self {
        Self { name: "standard output".to_owned(), file: redirected(), is_stdout: true }
    }

    /// Opens a file, and empties it.
    pub(crate) fn create(path: &Path) -> anyhow::Result<Self> {
        Self::open(path, OpenOptions::new().write(true).create(true).truncate(true))
    }

    /// Opens a file, and keeps its content.
    pub(crate) fn append(path: &Path) -> anyhow::Result<Self> {
        Self::open(path, OpenOptions::new().append(true).create(true))
    }

    fn open(path: &Path, options: &OpenOptions) -> anyhow::Result<Self> {
        let name = path.display().to_string();
        let file = options.open(path).with_context(|| format!("cannot write to {name}"))?;
        Ok(Self { name, file: Some(file), is_stdout: false })
    }

    pub(crate) fn is_terminal(&self) -> bool {
        self.is_stdout && io::stdout().is_terminal()
    }

    /// Whether standard output is redirected to a file.
    pub(crate) fn is_redirected(&self) -> bool {
        self.is_stdout && self.file.is_some()
    }

    /// Writes all bytes. If that fails for a file, restores its length.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let before = self.position()?;
        let outcome = self.write_some(bytes);
        if let (Err(_), Some(file), Some(before)) = (&outcome, &self.file, before) {
            file.set_len(before.length)?;
        }
        outcome
    }

    fn write_some(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.file {
            Some(file) => file.write_all(bytes),
            None => {
                let mut out = io::stdout().lock();
                out.write_all(bytes)?;
                out.flush()
            }
        }
    }

    /// The current position; `None` for a pipe or a terminal.
    pub(crate) fn position(&self) -> io::Result<Option<OutputPosition>> {
        let metadata = self.file.as_ref().map(File::metadata).transpose()?;
        let metadata = metadata.filter(std::fs::Metadata::is_file);
        Ok(metadata.map(|metadata| OutputPosition {
            length: metadata.len(),
            identity: if self.is_stdout { identity(&metadata) } else { None },
        }))
    }

    /// Moves to the end of the output. If the earlier run was killed, first removes what it wrote after the
    /// saved position.
    pub(crate) fn resume_at(
        &mut self,
        saved: OutputPosition,
        was_closed: bool,
    ) -> anyhow::Result<()> {
        let (Some(now), Some(file)) = (self.position()?, &mut self.file) else {
            return Ok(());
        };
        if now.identity != saved.identity {
            return Ok(()); // the rest goes to a different file
        }
        if now.length < saved.length {
            let (name, now, saved) = (&self.name, now.length, saved.length);
            let advice = if self.is_stdout { "append to it (>>)" } else { "restore it" };
            bail!(
                "{name} holds {now} bytes, but {saved} were written earlier; {advice}, or delete the state file to start again"
            );
        }
        if !was_closed {
            file.set_len(saved.length)?;
        }
        file.seek(SeekFrom::End(0))?;
        Ok(())
    }
}

#[cfg(unix)]
fn redirected() -> Option<File> {
    use std::os::fd::AsFd as _;
    let file = File::from(io::stdout().as_fd().try_clone_to_owned().ok()?);
    file.metadata().ok()?.is_file().then_some(file)
}

#[cfg(unix)]
#[allow(clippy::unnecessary_wraps, reason = "other platforms have no identity")]
fn identity(metadata: &std::fs::Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    Some((metadata.dev(), metadata.ino()))
}

/// Without an identity, a file cannot be recognized as the same one, so it is treated as a pipe.
#[cfg(not(unix))]
fn redirected() -> Option<File> {
    None
}

#[cfg(not(unix))]
fn identity(_: &std::fs::Metadata) -> Option<(u64, u64)> {
    None
}

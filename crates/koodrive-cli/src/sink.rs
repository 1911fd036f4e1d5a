//! Where a listing is written to, and how much of it is there. What is written is none of its business.

use std::{
    fs::{File, OpenOptions},
    io::{self, IsTerminal as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

/// How much of a file was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OutputPosition {
    length: u64,
    /// Which file it is, where no path says so: device and inode.
    identity: Option<(u64, u64)>,
}

/// Standard output or a file.
pub(crate) struct Sink {
    /// Shown to a person.
    name: String,
    /// What is written to, or, behind standard output, what it was redirected to.
    file: Option<File>,
    is_stdout: bool,
}

impl Sink {
    pub(crate) fn stdout() -> Self {
        Self { name: "standard output".to_owned(), file: redirected(), is_stdout: true }
    }

    /// An empty file.
    pub(crate) fn create(path: &Path) -> anyhow::Result<Self> {
        Self::open(path, OpenOptions::new().write(true).create(true).truncate(true))
    }

    /// A file as it is, to be written to at its end.
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

    /// Whether it is a file that the shell opened.
    pub(crate) fn is_redirected(&self) -> bool {
        self.is_stdout && self.file.is_some()
    }

    /// Writes all of it, or, to a file, nothing.
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

    /// How much there is; `None` for what has no length, a pipe or a terminal.
    pub(crate) fn position(&self) -> io::Result<Option<OutputPosition>> {
        let metadata = self.file.as_ref().map(File::metadata).transpose()?;
        let metadata = metadata.filter(std::fs::Metadata::is_file);
        Ok(metadata.map(|metadata| OutputPosition {
            length: metadata.len(),
            identity: if self.is_stdout { identity(&metadata) } else { None },
        }))
    }

    /// Goes to the end of what an earlier part wrote, and takes away what a part that was killed wrote
    /// after it last kept its place.
    pub(crate) fn resume_at(
        &mut self,
        known: OutputPosition,
        was_closed: bool,
    ) -> anyhow::Result<()> {
        let (Some(now), Some(file)) = (self.position()?, &mut self.file) else {
            return Ok(());
        };
        if now.identity != known.identity {
            return Ok(()); // the rest goes to another file
        }
        if now.length < known.length {
            let (name, now, known) = (&self.name, now.length, known.length);
            let advice = if self.is_stdout { "append to it (>>)" } else { "put it back" };
            bail!(
                "{name} holds {now} bytes, and {known} were written before; {advice}, or delete the state file to begin again"
            );
        }
        if !was_closed {
            file.set_len(known.length)?;
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
#[allow(clippy::unnecessary_wraps, reason = "elsewhere it cannot be told")]
fn identity(metadata: &std::fs::Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    Some((metadata.dev(), metadata.ino()))
}

/// Without an identity nobody knows whether it is the same file, so it is treated as a pipe.
#[cfg(not(unix))]
fn redirected() -> Option<File> {
    None
}

#[cfg(not(unix))]
fn identity(_: &std::fs::Metadata) -> Option<(u64, u64)> {
    None
}

//! Where a listing is written, and how much of it has been written. It knows nothing of the content.
//!
//! Nothing is created or changed before [`Sink::begin`].

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, IsTerminal as _, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{paths::FileId, report::usage};

/// How much of the end of the output is compared, in bytes.
const TAIL: u64 = 4096;

/// How much was written, and to which file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OutputPosition {
    length: u64,
    /// The digest of the last bytes before the position; `None` if they could not be read.
    tail_sha256: Option<String>,
    id: Option<FileId>,
    /// The run ended without being killed, so it wrote nothing after this position.
    is_closed: bool,
}

/// Standard output or a file.
pub(crate) struct Sink {
    /// The path of an output file; `None` for standard output.
    path: Option<PathBuf>,
    /// The output file, or the file that standard output is redirected to. `None` before the file exists.
    file: Option<File>,
}

impl Sink {
    pub(crate) fn stdout() -> Self {
        Self { path: None, file: redirected() }
    }

    /// Opens a file, if it exists, and leaves it as it is.
    pub(crate) fn file(path: &Path) -> anyhow::Result<Self> {
        let mut sink = Self { path: Some(path.to_owned()), file: None };
        sink.file = match OpenOptions::new().append(true).open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                crate::paths::resolved(path).with_context(|| sink.cannot_write())?;
                None
            }
            other => Some(other.with_context(|| sink.cannot_write())?),
        };
        sink.lock()?;
        Ok(sink)
    }

    /// Keeps other runs from writing to the same output file. Elsewhere than on Unix, it would also keep
    /// everybody from reading it.
    fn lock(&self) -> anyhow::Result<()> {
        let file = self.file.as_ref().filter(|_| cfg!(unix) && self.is_output_file());
        // A file system without locks is no reason to fail.
        if let Some(Err(TryLockError::WouldBlock)) = file.map(File::try_lock) {
            let name = self.name();
            bail!(usage(format!(
                "{name} is in use by another koodrive; wait for it, or pass a different file to --output"
            )));
        }
        Ok(())
    }

    /// For messages.
    fn name(&self) -> String {
        let path = self.path.as_deref().map(|path| path.display().to_string());
        path.unwrap_or_else(|| "standard output".to_owned())
    }

    fn cannot_write(&self) -> String {
        format!("cannot write to {}", self.name())
    }

    pub(crate) fn is_terminal(&self) -> bool {
        match (&self.path, &self.file) {
            (None, _) => io::stdout().is_terminal(),
            (Some(_), file) => file.as_ref().is_some_and(File::is_terminal),
        }
    }

    /// Whether standard output is redirected to a file.
    pub(crate) fn is_redirected(&self) -> bool {
        self.path.is_none() && self.file.is_some()
    }

    fn metadata(&self) -> Option<fs::Metadata> {
        self.file.as_ref()?.metadata().ok()
    }

    /// The identity of the output file, if it exists.
    pub(crate) fn id(&self) -> Option<FileId> {
        FileId::of(&self.metadata()?)
    }

    fn is_regular(&self) -> bool {
        self.metadata().is_some_and(|metadata| metadata.is_file())
    }

    fn is_output_file(&self) -> bool {
        self.path.is_some() && self.is_regular()
    }

    fn length(&self) -> u64 {
        self.metadata().map_or(0, |metadata| metadata.len())
    }

    /// Whether the output that holds a complete listing is missing: deleted, or emptied by a shell.
    pub(crate) fn has_lost(&self, saved: &OutputPosition) -> bool {
        let can_hold_it = self.path.is_some() || self.is_regular();
        saved.length > 0 && can_hold_it && self.length() == 0
    }

    /// Checks that this is the file that an earlier run wrote up to `saved`.
    pub(crate) fn check(&self, saved: &OutputPosition) -> anyhow::Result<()> {
        if self.goes_elsewhere(saved) {
            return Ok(());
        }
        let (name, now, length) = (self.name(), self.length(), saved.length);
        let advice = if self.path.is_none() { "append to it (>>)" } else { "restore it" };
        if now < length {
            bail!(
                "{name} holds {now} bytes, but {length} were written earlier; {advice}, or delete the state file to start again"
            );
        }
        let tail = self.tail_sha256(length);
        let is_same = match (&tail, &saved.tail_sha256) {
            (Ok(tail), Some(saved)) if length > 0 => tail == saved,
            // There are no bytes to compare.
            (Ok(_), _) => now == 0 || self.id() == saved.id,
            // Nothing will be cut.
            (Err(_), _) => saved.is_closed || now == length,
        };
        if is_same {
            return Ok(());
        }
        tail.with_context(|| {
            format!("cannot check whether {name} is the file that the listing wrote; use --output, or delete the state file to start again")
        })?;
        bail!(
            "{name} is not the file that the listing wrote; move it away and {advice}, or delete the state file to start again"
        )
    }

    /// Whether the rest goes to a pipe, or to a different file.
    fn goes_elsewhere(&self, saved: &OutputPosition) -> bool {
        match (&self.path, &self.file) {
            (None, _) => !self.is_regular() || self.id() != saved.id,
            (Some(_), Some(_)) => !self.is_regular(),
            (Some(_), None) => false,
        }
    }

    /// The digest of the last bytes of the file before a position.
    fn tail_sha256(&self, position: u64) -> io::Result<String> {
        let mut tail = Vec::new();
        if position > 0 {
            // What was opened is only for writing.
            let mut file = File::open(self.path.as_deref().unwrap_or(Path::new("/dev/stdout")))?;
            if FileId::of(&file.metadata()?) != self.id() {
                return Err(io::Error::other("another file has taken its place"));
            }
            file.seek(SeekFrom::Start(position.saturating_sub(TAIL)))?;
            file.take(TAIL.min(position)).read_to_end(&mut tail)?;
        }
        Ok(hex::encode(Sha256::digest(tail)))
    }

    /// Creates an output file that does not exist. Removes what a killed run wrote after the saved position or, at the
    /// start of a listing, all that is in the file.
    pub(crate) fn begin(
        &mut self,
        saved: Option<&OutputPosition>,
        is_start: bool,
    ) -> anyhow::Result<()> {
        self.create()?;
        match saved {
            Some(saved) if !self.goes_elsewhere(saved) => {
                self.continue_after((!saved.is_closed).then_some(saved.length))
            }
            None if is_start && self.is_output_file() => self.continue_after(Some(0)),
            _ => Ok(()),
        }
    }

    fn create(&mut self) -> anyhow::Result<()> {
        let (Some(path), None) = (&self.path, &self.file) else { return Ok(()) };
        let file = OpenOptions::new().append(true).create(true).open(path);
        self.file = Some(file.with_context(|| self.cannot_write())?);
        self.lock()
    }

    /// Goes to the end of the file, which is first cut at `length`, if any.
    fn continue_after(&mut self, length: Option<u64>) -> anyhow::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let cut = length.map_or(Ok(()), |length| file.set_len(length));
        let moved = cut.and_then(|()| file.seek(SeekFrom::End(0)));
        moved.with_context(|| self.cannot_write())?;
        Ok(())
    }

    /// Writes all bytes. If that fails for a file, restores its length, if it can.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some(file) = &mut self.file else {
            let mut out = io::stdout().lock();
            return out.write_all(bytes).and_then(|()| out.flush());
        };
        let before = file.metadata()?;
        let written = file.write_all(bytes);
        if written.is_err() && before.is_file() {
            // Where that fails, too, the reason to tell is still the first one.
            let _ = file.set_len(before.len());
        }
        written
    }

    /// The current position; `None` for a pipe or a terminal.
    pub(crate) fn position(&self, is_closed: bool) -> io::Result<Option<OutputPosition>> {
        let metadata = self.file.as_ref().map(File::metadata).transpose()?;
        let metadata = metadata.filter(fs::Metadata::is_file);
        Ok(metadata.map(|metadata| {
            let (length, id) = (metadata.len(), FileId::of(&metadata));
            OutputPosition { length, tail_sha256: self.tail_sha256(length).ok(), id, is_closed }
        }))
    }
}

#[cfg(unix)]
fn redirected() -> Option<File> {
    use std::os::fd::AsFd as _;
    let file = File::from(io::stdout().as_fd().try_clone_to_owned().ok()?);
    file.metadata().ok()?.is_file().then_some(file)
}

/// Without an identity, a file cannot be recognized as the same one, so it is treated as a pipe.
#[cfg(not(unix))]
fn redirected() -> Option<File> {
    None
}

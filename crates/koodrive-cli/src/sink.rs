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

/// How much of the end of the output is remembered, in bytes.
const TAIL: u64 = 4096;

/// How much was written, and to which file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OutputPosition {
    length: u64,
    /// How many bytes before the position are remembered, and their digest.
    tail_length: u64,
    tail_sha256: String,
    id: Option<FileId>,
}

/// Standard output or a file.
pub(crate) struct Sink {
    /// For messages.
    name: String,
    /// The path of an output file; `None` for standard output.
    path: Option<PathBuf>,
    /// The output file, or the file that standard output is redirected to. `None` before the file exists.
    file: Option<File>,
    /// The last bytes of the output.
    tail: Vec<u8>,
}

impl Sink {
    pub(crate) fn stdout() -> Self {
        let name = "standard output".to_owned();
        Self { name, path: None, file: redirected(), tail: Vec::new() }
    }

    /// Opens a file, if it exists, and leaves it as it is.
    pub(crate) fn file(path: &Path) -> anyhow::Result<Self> {
        let name = path.display().to_string();
        let file = match OpenOptions::new().append(true).open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                crate::paths::resolved(path).with_context(|| format!("cannot write to {name}"))?;
                None
            }
            other => Some(other.with_context(|| format!("cannot write to {name}"))?),
        };
        let sink = Self { name, path: Some(path.to_owned()), file, tail: Vec::new() };
        sink.lock()?;
        Ok(sink)
    }

    /// Keeps other runs from writing to the same output file. Elsewhere than on Unix, it would also keep
    /// everybody from reading it.
    fn lock(&self) -> anyhow::Result<()> {
        let file =
            self.file.as_ref().filter(|_| cfg!(unix) && self.is_regular() && self.path.is_some());
        // A file system without locks is no reason to fail.
        if let Some(Err(TryLockError::WouldBlock)) = file.map(File::try_lock) {
            let name = &self.name;
            bail!(usage(format!(
                "{name} is in use by another koodrive; wait for it, or pass a different file to --output"
            )));
        }
        Ok(())
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

    fn length(&self) -> u64 {
        self.metadata().map_or(0, |metadata| metadata.len())
    }

    /// Whether the output that holds a complete listing is missing: deleted, or emptied by a shell.
    pub(crate) fn has_lost(&self, saved: &OutputPosition) -> bool {
        let can_hold_it = self.path.is_some() || self.is_regular();
        saved.length > 0 && can_hold_it && self.length() == 0
    }

    /// Checks that this is the file that an earlier run wrote up to `saved`.
    pub(crate) fn check(&self, saved: &OutputPosition, was_closed: bool) -> anyhow::Result<()> {
        if self.goes_elsewhere(saved) {
            return Ok(());
        }
        let (name, now, length) = (&self.name, self.length(), saved.length);
        let advice = if self.path.is_none() { "append to it (>>)" } else { "restore it" };
        if now < length {
            bail!(
                "{name} holds {now} bytes, but {length} were written earlier; {advice}, or delete the state file to start again"
            );
        }
        match self.tail_before(length, saved.tail_length) {
            Ok(tail) if sha256(&tail) != saved.tail_sha256 => {}
            // Nothing was written yet, so there are no bytes to compare.
            Ok(_) if saved.tail_length == 0 && now > 0 && self.id() != saved.id => {}
            Ok(_) => return Ok(()),
            Err(_) if was_closed || now == length => return Ok(()),
            Err(error) => {
                return Err(error).with_context(|| {
                    format!("cannot check whether {name} is the file that the listing wrote; use --output, or delete the state file to start again")
                });
            }
        }
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

    /// The bytes of the file before a position: `length` of them, or as many as there are.
    fn tail_before(&self, position: u64, length: u64) -> io::Result<Vec<u8>> {
        if position == 0 || length == 0 {
            return Ok(Vec::new());
        }
        // What was opened is only for writing.
        let mut file = File::open(self.path.as_deref().unwrap_or(Path::new("/dev/stdout")))?;
        file.seek(SeekFrom::Start(position.saturating_sub(length)))?;
        let mut tail = Vec::new();
        file.take(length.min(position)).read_to_end(&mut tail)?;
        Ok(tail)
    }

    /// Empties an output file, or creates it.
    pub(crate) fn begin(&mut self) -> anyhow::Result<()> {
        self.create()?;
        if self.path.is_some() && self.is_regular() {
            self.cut(0)?;
        }
        self.remember_tail();
        Ok(())
    }

    /// Moves to the end of the output. If the earlier run was killed, first removes what it wrote after the
    /// saved position.
    pub(crate) fn resume(
        &mut self,
        saved: Option<&OutputPosition>,
        was_closed: bool,
    ) -> anyhow::Result<()> {
        self.create()?;
        if let Some(saved) = saved.filter(|saved| !was_closed && !self.goes_elsewhere(saved)) {
            self.cut(saved.length)?;
        }
        self.remember_tail();
        Ok(())
    }

    fn create(&mut self) -> anyhow::Result<()> {
        let (Some(path), None) = (&self.path, &self.file) else { return Ok(()) };
        let file = OpenOptions::new().append(true).create(true).open(path);
        self.file = Some(file.with_context(|| format!("cannot write to {}", self.name))?);
        self.lock()
    }

    fn cut(&mut self, length: u64) -> anyhow::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let cut = file.set_len(length).and_then(|()| file.seek(SeekFrom::End(0)));
        cut.with_context(|| format!("cannot write to {}", self.name))?;
        Ok(())
    }

    fn remember_tail(&mut self) {
        if self.is_regular() {
            // Where it cannot be read, only what this run writes is remembered.
            self.tail = self.tail_before(self.length(), TAIL).unwrap_or_default();
        }
    }

    /// Writes all bytes. If that fails for a file, restores its length.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let before = self.position()?;
        let outcome = self.write_some(bytes);
        match (&outcome, &self.file, before) {
            (Ok(()), ..) => self.extend_tail(bytes),
            (Err(_), Some(file), Some(before)) => file.set_len(before.length)?,
            _ => {}
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

    fn extend_tail(&mut self, bytes: &[u8]) {
        self.tail.extend_from_slice(bytes);
        let most = usize::try_from(TAIL).unwrap_or(usize::MAX);
        self.tail.drain(..self.tail.len().saturating_sub(most));
    }

    /// The current position; `None` for a pipe or a terminal.
    pub(crate) fn position(&self) -> io::Result<Option<OutputPosition>> {
        let metadata = self.file.as_ref().map(File::metadata).transpose()?;
        let metadata = metadata.filter(fs::Metadata::is_file);
        Ok(metadata.map(|metadata| OutputPosition {
            length: metadata.len(),
            tail_length: u64::try_from(self.tail.len()).unwrap_or(u64::MAX),
            tail_sha256: sha256(&self.tail),
            id: FileId::of(&metadata),
        }))
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
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

//! What the copy holds: one line a file in `.koodrive/manifest.ndjson`, of which the last about an id counts.
//!
//! In memory, a file is a digest of its id, the place of its line, and a digest of its path. A line that was
//! not yet synced when the power went may be missing or unreadable: the file is then recognised by name and
//! size.

mod entry;
mod lock;
mod open;

use std::{
    collections::{HashMap, HashSet},
    fs::File,
    io::{self, BufRead as _, BufReader, BufWriter, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

pub(crate) use self::{
    entry::{About, Entry, Local, Version, sidecar, taken_time},
    lock::Lock,
};
use crate::{disk::folder::sync_folder, names::folded};

pub(crate) struct Manifest {
    pub(crate) path: PathBuf,
    file: File,
    /// Where the next line goes.
    end: u64,
    lines: u64,
    index: HashMap<u128, Slot>,
    /// Counts the listings of this run.
    listing: u8,
    /// The paths of files, and those of what is beside them.
    files: HashSet<u64>,
    sidecars: HashSet<u64>,
    is_synced: bool,
    /// Up to where a power cut leaves it.
    #[cfg(test)]
    pub(crate) synced: std::sync::Arc<std::sync::atomic::AtomicU64>,
}

struct Slot {
    offset: u64,
    /// The last listing that had it. 0 for none.
    listing: u8,
}

impl Manifest {
    pub(crate) fn entry(&self, id: &str) -> io::Result<Option<Entry>> {
        self.index.get(&id_key(id)).map(|slot| self.entry_at(slot.offset)).transpose()
    }

    pub(crate) fn entry_at(&self, offset: u64) -> io::Result<Entry> {
        Ok(serde_json::from_slice(&self.line_at(offset)?)?)
    }

    fn line_at(&self, offset: u64) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        (&self.file).seek(SeekFrom::Start(offset))?;
        BufReader::with_capacity(1024, &self.file).read_until(b'\n', &mut line)?;
        Ok(line)
    }

    /// Appends a line, which replaces what was known about the file. The file counts as listed.
    pub(crate) fn put(&mut self, entry: &Entry) -> io::Result<()> {
        let offset = self.end;
        self.append(&line(entry)?)?;
        self.note(entry, offset, self.listing);
        Ok(())
    }

    /// Whether something of the copy has this path, or may have it on some disk.
    pub(crate) fn is_taken(&self, path: &str) -> bool {
        self.is_file(path) || self.sidecars.contains(&path_key(path))
    }

    /// Whether that is a file of the album.
    pub(crate) fn is_file(&self, path: &str) -> bool {
        self.files.contains(&path_key(path))
    }

    /// Notes that the album has this file. Returns false if this listing had it before.
    pub(crate) fn list(&mut self, id: &str) -> bool {
        let (slot, listing) = (self.index.get_mut(&id_key(id)), self.listing);
        slot.is_none_or(|slot| std::mem::replace(&mut slot.listing, listing) != listing)
    }

    /// From now on, another listing of the same run is noted.
    pub(crate) fn begin_listing(&mut self) {
        self.listing = self.listing.saturating_add(1);
    }

    /// How many files the copy has.
    pub(crate) fn len(&self) -> usize {
        self.index.len()
    }

    /// The places of the lines about files that no listing [had](Self::list), or of all, in their order.
    pub(crate) fn offsets(&self, all: bool) -> Vec<u64> {
        let slots = self.index.values().filter(|slot| all || slot.listing == 0);
        let mut offsets: Vec<u64> = slots.map(|slot| slot.offset).collect();
        offsets.sort_unstable();
        offsets
    }

    /// Makes the lines durable.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        if !self.is_synced {
            self.file.sync_all()?;
            sync_folder(self.folder())?;
            self.is_synced = true;
            #[cfg(test)]
            self.synced.store(self.end, std::sync::atomic::Ordering::SeqCst);
        }
        Ok(())
    }

    /// Makes the lines durable, without those that no longer count if they have become many.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        let live = u64::try_from(self.index.len()).unwrap_or(u64::MAX);
        let dead = self.lines.saturating_sub(1).saturating_sub(live);
        if dead <= live / 4 {
            return self.sync();
        }
        let mut copy = tempfile::NamedTempFile::new_in(self.folder())?;
        copy.as_file().set_permissions(self.file.metadata()?.permissions())?;
        let mut writer = BufWriter::new(copy.as_file_mut());
        for offset in [0].into_iter().chain(self.offsets(true)) {
            writer.write_all(&self.line_at(offset)?)?;
        }
        writer.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        let Self { path, file, .. } = self;
        drop(file); // Windows does not replace an open file
        copy.persist(&path)?;
        sync_folder(path.parent().unwrap_or(Path::new("")))
    }

    fn note(&mut self, entry: &Entry, offset: u64, listing: u8) {
        let (key, path) = (id_key(&entry.id), path_key(&entry.path));
        let sidecar = entry.has_sidecar.then(|| path_key(&entry.sidecar()));
        if entry.is_removed {
            self.index.remove(&key);
            self.files.remove(&path);
            sidecar.map(|path| self.sidecars.remove(&path));
        } else {
            self.index.insert(key, Slot { offset, listing });
            self.files.insert(path);
            self.sidecars.extend(sidecar);
        }
    }

    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.end))?;
        self.is_synced = false;
        self.file.write_all(line)?;
        self.advance(line.len());
        Ok(())
    }

    fn advance(&mut self, bytes: usize) {
        self.end = self.end.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        self.lines = self.lines.saturating_add(1);
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }
}

fn line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    Ok(line)
}

fn id_key(id: &str) -> u128 {
    Sha256::digest(id).first_chunk().copied().map_or(0, u128::from_be_bytes)
}

/// Two paths with one key only cost one of them its preferred name.
fn path_key(path: &str) -> u64 {
    Sha256::digest(folded(path)).first_chunk().copied().map_or(0, u64::from_be_bytes)
}

#[cfg(test)]
mod tests;

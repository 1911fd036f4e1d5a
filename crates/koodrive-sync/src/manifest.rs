//! What the copy holds: one line a file in `.koodrive/manifest.ndjson`, of which the last about an id counts.
//!
//! In memory, a file is a digest of its id, the place of its line, and a digest of its path. A line that was
//! not yet synced when the power went may be missing or unreadable: the file is then recognised by name and
//! size.

mod entry;
mod lock;

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    fs::File,
    io::{self, BufRead as _, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub(crate) use self::{
    entry::{About, Entry, Local, Version, sidecar, taken_time},
    lock::Lock,
};
use crate::{disk::folder::sync_folder, error::SyncError, names::folded};

/// The format of the lines.
const VERSION: u32 = 1;
const LONGEST_HEADER: u64 = 64 * 1024;

pub(crate) struct Manifest {
    path: PathBuf,
    file: File,
    /// Where the next line goes.
    end: u64,
    lines: u64,
    index: HashMap<u128, Slot>,
    /// Counts the listings of this run.
    listing: u8,
    taken: HashSet<u64>,
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

/// The first line.
#[derive(Serialize, Deserialize)]
struct Header<'a> {
    version: u32,
    #[serde(borrow)]
    album: Cow<'a, str>,
}

impl Manifest {
    /// Opens the manifest of `album` in this folder, or makes one.
    pub(crate) fn open(folder: &Path, album: &str) -> Result<Self, SyncError> {
        let path = folder.join("manifest.ndjson");
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.open(&path).map_err(SyncError::at(&path))?;
        Self::read(file, path, Some(album))
    }

    /// A copy to read, or to try things out on: of `album`, or of whatever album there is. It is gone with the value.
    pub(crate) fn open_copy(folder: &Path, album: Option<&str>) -> Result<Self, SyncError> {
        let path = folder.join("manifest.ndjson");
        let copy = || {
            let mut copy = tempfile::tempfile()?;
            match File::open(&path) {
                Ok(mut file) => io::copy(&mut file, &mut copy).map(drop)?,
                Err(error) if error.kind() == io::ErrorKind::NotFound && album.is_some() => {}
                Err(error) => return Err(error),
            }
            Ok(copy)
        };
        let copy = copy().map_err(SyncError::at(&path))?;
        Self::read(copy, path, album)
    }

    /// Opens the manifest of whatever album is in this folder.
    pub(crate) fn open_any(folder: &Path) -> Result<Self, SyncError> {
        let path = folder.join("manifest.ndjson");
        let options = File::options().read(true).write(true).open(&path);
        Self::read(options.map_err(SyncError::at(&path))?, path, None)
    }

    fn read(file: File, path: PathBuf, album: Option<&str>) -> Result<Self, SyncError> {
        let (index, taken) = (HashMap::new(), HashSet::new());
        let mut manifest = Self {
            path,
            file,
            end: 0,
            lines: 0,
            index,
            listing: 1,
            taken,
            is_synced: true,
            #[cfg(test)]
            synced: std::sync::Arc::default(),
        };
        let mut lines = manifest.lines().map_err(|source| manifest.error(source))?;
        while let Some(line) = lines.next().map_err(|source| manifest.error(source))? {
            if manifest.end == 0 {
                manifest.check(line, album)?;
            } else if let Ok(entry) = serde_json::from_slice(line) {
                manifest.note(&entry, 0);
            }
            manifest.advance(line.len());
        }
        manifest.begin(album).map_err(|source| manifest.error(source))?;
        Ok(manifest)
    }

    fn lines(&self) -> io::Result<Lines> {
        let mut file = self.file.try_clone()?;
        file.rewind()?;
        Ok(Lines { reader: BufReader::new(file), line: Vec::new() })
    }

    /// The album of the manifest in this folder, if there is one whose first line is not torn.
    pub(crate) fn album(folder: &Path) -> Result<Option<String>, SyncError> {
        let path = folder.join("manifest.ndjson");
        let mut line = Vec::new();
        let read = File::open(&path).and_then(|file| {
            BufReader::new(file.take(LONGEST_HEADER)).read_until(b'\n', &mut line)
        });
        match read {
            Err(error) if is_nowhere(error.kind()) => return Ok(None),
            read => read.map_err(SyncError::at(&path))?,
        };
        match serde_json::from_slice(&line) {
            Ok(Header { version: VERSION, album }) => Ok(Some(album.into_owned())),
            _ if line.ends_with(b"\n") => Err(SyncError::Manifest { path }),
            _ => Ok(None),
        }
    }

    fn check(&self, line: &[u8], album: Option<&str>) -> Result<(), SyncError> {
        match serde_json::from_slice(line) {
            Ok(Header { version: VERSION, album: found }) => match album {
                Some(album) if album != found => {
                    Err(SyncError::OtherAlbum { album_id: found.into_owned() })
                }
                _ => Ok(()),
            },
            _ => Err(SyncError::Manifest { path: self.path.clone() }),
        }
    }

    /// Cuts off what is torn, and starts a manifest that is empty.
    fn begin(&mut self, album: Option<&str>) -> io::Result<()> {
        if self.file.metadata()?.len() > self.end {
            self.file.set_len(self.end)?;
        }
        if let Some(album) = album.filter(|_| self.end == 0) {
            let line = line(&Header { version: VERSION, album: album.into() })?;
            self.write(&line)?;
            self.advance(line.len());
        }
        Ok(())
    }

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
        let line = line(entry)?;
        self.write(&line)?;
        self.note(entry, self.listing);
        self.advance(line.len());
        Ok(())
    }

    /// Whether another file of the copy has this path, or may have it on some disk.
    pub(crate) fn is_taken(&self, path: &str) -> bool {
        self.taken.contains(&path_key(path))
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
        copy.persist(&path).map_err(|error| error.error)?;
        sync_folder(path.parent().unwrap_or(Path::new("")))
    }

    fn note(&mut self, entry: &Entry, listing: u8) {
        let (key, path) = (id_key(&entry.id), path_key(&entry.path));
        let sidecar = entry.has_sidecar.then(|| path_key(&entry.sidecar()));
        if entry.is_removed {
            self.index.remove(&key);
            self.taken.remove(&path);
            sidecar.map(|path| self.taken.remove(&path));
        } else {
            self.index.insert(key, Slot { offset: self.end, listing });
            self.taken.extend([path].into_iter().chain(sidecar));
        }
    }

    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.end))?;
        self.is_synced = false;
        self.file.write_all(line)
    }

    fn advance(&mut self, bytes: usize) {
        self.end = self.end.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        self.lines = self.lines.saturating_add(1);
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    pub(crate) fn error(&self, source: io::Error) -> SyncError {
        SyncError::Io { path: self.path.clone(), source }
    }
}

/// The whole lines of a manifest. A torn one is its end.
struct Lines {
    reader: BufReader<File>,
    line: Vec<u8>,
}

impl Lines {
    fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.line.clear();
        self.reader.read_until(b'\n', &mut self.line)?;
        Ok(self.line.ends_with(b"\n").then_some(&*self.line))
    }
}

fn is_nowhere(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
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

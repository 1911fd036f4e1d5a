//! Opening a manifest: what is torn is cut off, and what this version cannot read is refused.

use std::{
    collections::{HashMap, HashSet},
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _, Seek as _},
    path::{Component, Path},
};

use serde::{Deserialize, Serialize};

use super::{Entry, Manifest, line};
use crate::{disk::folder::open, error::SyncError};

const NAME: &str = "manifest.ndjson";
/// The format of the lines.
const VERSION: u32 = 1;
const LONGEST_HEADER: u64 = 64 * 1024;

/// The first line.
#[derive(Serialize, Deserialize)]
struct Header {
    version: u32,
    album: String,
}

impl Manifest {
    /// Opens the manifest in this folder: of `album`, which is made if there is none, or of whatever album there is.
    pub(crate) fn open(folder: &Path, album: Option<&str>) -> Result<Self, SyncError> {
        Self::read(folder, album, |_| open(folder, NAME, album.is_some()))
    }

    /// A copy to read, or to try things out on. It is gone with the value.
    pub(crate) fn open_copy(folder: &Path, album: Option<&str>) -> Result<Self, SyncError> {
        Self::read(folder, album, |path| {
            let mut copy = tempfile::tempfile()?;
            match File::open(path) {
                Ok(mut file) => io::copy(&mut file, &mut copy).map(drop)?,
                Err(error) if error.kind() == io::ErrorKind::NotFound && album.is_some() => {}
                Err(error) => return Err(error),
            }
            copy.rewind()?;
            Ok(copy)
        })
    }

    fn read(
        folder: &Path,
        album: Option<&str>,
        open: impl FnOnce(&Path) -> io::Result<File>,
    ) -> Result<Self, SyncError> {
        let path = &folder.join(NAME);
        let at = SyncError::at(path);
        let mut manifest = Self {
            file: open(path).map_err(at)?,
            path: path.clone(),
            end: 0,
            lines: 0,
            index: HashMap::new(),
            listing: 1,
            files: HashSet::new(),
            sidecars: HashSet::new(),
            is_synced: true,
            #[cfg(test)]
            synced: std::sync::Arc::default(),
        };
        let mut lines = BufReader::new(manifest.file.try_clone().map_err(at)?);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).map_err(at)? > 0 && line.ends_with(b"\n") {
            if manifest.end == 0 {
                check(&line, album, path)?;
            } else if let Some(entry) = entry_in(&line) {
                manifest.note(&entry, manifest.end, 0);
            }
            manifest.advance(line.len());
            line.clear();
        }
        manifest.begin(album).map_err(at)?;
        Ok(manifest)
    }

    /// The album of the manifest in this folder, if there is one whose first line is not torn.
    pub(crate) fn album(folder: &Path) -> Result<Option<String>, SyncError> {
        use io::ErrorKind::{NotADirectory, NotFound};
        let path = folder.join(NAME);
        let mut line = Vec::new();
        let read = File::open(&path).and_then(|file| {
            BufReader::new(file.take(LONGEST_HEADER)).read_until(b'\n', &mut line)
        });
        match read {
            Err(error) if matches!(error.kind(), NotFound | NotADirectory) => return Ok(None),
            read => read.map_err(SyncError::at(&path))?,
        };
        match album_in(&line) {
            None if line.ends_with(b"\n") => Err(SyncError::Manifest { path }),
            album => Ok(album),
        }
    }

    /// Cuts off what is torn, and starts a manifest that is empty.
    fn begin(&mut self, album: Option<&str>) -> io::Result<()> {
        if self.file.metadata()?.len() > self.end {
            self.file.set_len(self.end)?;
        }
        if let Some(album) = album.filter(|_| self.end == 0) {
            self.append(&line(&Header { version: VERSION, album: album.to_owned() })?)?;
        }
        Ok(())
    }
}

fn check(header: &[u8], album: Option<&str>, path: &Path) -> Result<(), SyncError> {
    match album_in(header) {
        None => Err(SyncError::Manifest { path: path.to_owned() }),
        Some(found) if album.is_some_and(|album| album != found) => {
            Err(SyncError::OtherAlbum { album_id: found })
        }
        Some(_) => Ok(()),
    }
}

/// The album in a first line that this version can read.
fn album_in(line: &[u8]) -> Option<String> {
    let header: Header = serde_json::from_slice(line).ok()?;
    (header.version == VERSION).then_some(header.album)
}

/// None in a line that cannot be read, or that leads to where no file of a copy is: somebody else wrote it.
fn entry_in(line: &[u8]) -> Option<Entry> {
    let entry: Entry = serde_json::from_slice(line).ok()?;
    let is_name = |part: Component<'_>| match part {
        Component::Normal(name) => !name.to_string_lossy().starts_with('.'),
        _ => false,
    };
    Path::new(&entry.path).components().all(is_name).then_some(entry)
}

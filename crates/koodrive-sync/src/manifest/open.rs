//! Opening a manifest: what is torn is cut off, and what this version cannot read is refused.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _, Seek as _},
    path::{Component, Path},
};

use serde::{Deserialize, Serialize};

use super::{Entry, Manifest, line};
use crate::error::SyncError;

const NAME: &str = "manifest.ndjson";
/// The format of the lines.
const VERSION: u32 = 1;
const LONGEST_HEADER: u64 = 64 * 1024;

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
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        Self::read(folder, Some(album), |path| options.open(path))
    }

    /// Opens the manifest of whatever album is in this folder.
    pub(crate) fn open_any(folder: &Path) -> Result<Self, SyncError> {
        Self::read(folder, None, |path| File::options().read(true).write(true).open(path))
    }

    /// A copy to read, or to try things out on: of `album`, or of whatever album there is. It is gone with the value.
    pub(crate) fn open_copy(folder: &Path, album: Option<&str>) -> Result<Self, SyncError> {
        Self::read(folder, album, |path| {
            let mut copy = tempfile::tempfile()?;
            match File::open(path) {
                Ok(mut file) => io::copy(&mut file, &mut copy).map(drop)?,
                Err(error) if error.kind() == io::ErrorKind::NotFound && album.is_some() => {}
                Err(error) => return Err(error),
            }
            Ok(copy)
        })
    }

    fn read(
        folder: &Path,
        album: Option<&str>,
        open: impl FnOnce(&Path) -> io::Result<File>,
    ) -> Result<Self, SyncError> {
        let path = folder.join(NAME);
        let mut manifest = Self {
            file: open(&path).map_err(SyncError::at(&path))?,
            path,
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
        let mut lines = manifest.lines().map_err(|source| manifest.error(source))?;
        while let Some(line) = lines.next().map_err(|source| manifest.error(source))? {
            if manifest.end == 0 {
                manifest.check(line, album)?;
            } else if let Some(entry) = entry_in(line) {
                manifest.note(&entry, manifest.end, 0);
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
            self.append(&line(&Header { version: VERSION, album: album.into() })?)?;
        }
        Ok(())
    }
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

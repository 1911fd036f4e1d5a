//! The file beside a part that says what the part is: the version of the file, and, after each write, how long
//! the part is and a check of all that it holds. It also is the lock on the part.
//!
//! After a power cut, a part can be as long as it was and hold something else, and so can its record. So
//! nothing of a part is used that its record does not prove.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    thread::sleep,
    time::Duration,
};

use sha2::{Digest as _, Sha256};

use super::decision::Version;

pub(super) struct Record {
    file: File,
    path: PathBuf,
    /// The first line: the version.
    header: String,
}

/// One line after the first: a length, and the check of a part of this length.
pub(super) struct Row {
    pub(super) len: u64,
    check: u64,
    /// Where the line ends.
    end: u64,
}

impl Record {
    /// Opens the record and locks it for as long as it lives. Does not wait for another download, but for the
    /// last write of one that was dropped.
    pub(super) fn lock(path: &Path) -> io::Result<Self> {
        const PATIENCE: [Duration; 20] = [Duration::from_millis(25); 20];
        for pause in PATIENCE {
            let file = open(path)?;
            // The last holder deletes the file, perhaps after it was opened here.
            if file.try_lock().is_ok() && is_at(&file, path) {
                return Ok(Self { file, path: path.to_owned(), header: String::new() });
            }
            sleep(pause);
        }
        Err(io::ErrorKind::ResourceBusy.into())
    }

    /// Reads the version and the rows after it, which are checked one by one.
    pub(super) fn read(
        &mut self,
    ) -> io::Result<Option<(Version, impl Iterator<Item = Row> + use<>)>> {
        let mut lines = BufReader::new(self.file.try_clone()?);
        let Some(header) = next_line(&mut lines) else { return Ok(None) };
        let Ok(version) = serde_json::from_str(&header) else { return Ok(None) };
        self.header = header;
        let mut end = u64::try_from(self.header.len()).unwrap_or(u64::MAX);
        let rows = std::iter::from_fn(move || {
            let line = next_line(&mut lines)?;
            end = end.saturating_add(u64::try_from(line.len()).ok()?);
            let (len, check) = line.trim_end().split_once(' ')?;
            Some(Row { len: len.parse().ok()?, check: u64::from_str_radix(check, 16).ok()?, end })
        });
        Ok(Some((version, rows)))
    }

    /// Whether `row` is about a part with this digest.
    pub(super) fn proves(&self, row: &Row, digest: &Sha256) -> bool {
        row.check == self.check(row.len, digest)
    }

    /// Drops the rows after this one, and all of them for `None`.
    pub(super) fn cut_after(&mut self, row: Option<&Row>) -> io::Result<()> {
        let header = u64::try_from(self.header.len()).unwrap_or(u64::MAX);
        let end = row.map_or(header, |row| row.end);
        self.file.set_len(end)?;
        self.file.seek(SeekFrom::Start(end)).map(drop)
    }

    /// Starts anew.
    pub(super) fn begin(&mut self, version: &Version) -> io::Result<()> {
        self.header = serde_json::to_string(version)?;
        self.header.push('\n');
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(self.header.as_bytes())
    }

    pub(super) fn add(&mut self, len: u64, digest: &Sha256) -> io::Result<()> {
        let row = format!("{len} {:016x}\n", self.check(len, digest));
        self.file.write_all(row.as_bytes())
    }

    /// Deletes it while it is locked.
    pub(super) fn delete(self) {
        let _ = fs::remove_file(&self.path); // without its part it does no harm
    }

    /// Belongs to this version and length as well as to the bytes.
    fn check(&self, len: u64, digest: &Sha256) -> u64 {
        let check = Sha256::new()
            .chain_update(&self.header)
            .chain_update(len.to_be_bytes())
            .chain_update(digest.clone().finalize())
            .finalize();
        check.first_chunk().copied().map_or(0, u64::from_be_bytes)
    }
}

/// The next line, unless it is cut, or longer than a version can be.
fn next_line(lines: &mut impl BufRead) -> Option<String> {
    const LONGEST: u64 = 64 * 1024;
    let mut line = String::new();
    lines.take(LONGEST).read_line(&mut line).ok()?;
    line.ends_with('\n').then_some(line)
}

/// Opens a file to read and write it, or creates it. Not through a link: whoever put it there would choose what is
/// written.
pub(super) fn open(path: &Path) -> io::Result<File> {
    if fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink()) {
        let link = path.display();
        return Err(io::Error::other(format!("nothing is written through the link {link}")));
    }
    File::options().read(true).write(true).create(true).truncate(false).open(path)
}

/// Whether the file that was opened is still the one at this path. Elsewhere than on Unix, std cannot tell.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(opened), Ok(found)) = (file.metadata(), fs::metadata(path)) else { return false };
    (opened.dev(), opened.ino()) == (found.dev(), found.ino())
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

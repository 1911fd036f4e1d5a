//! The first bytes of a file, on the disk, until the file is whole. All of this blocks.

use std::{
    fs::{self, File, FileTimes},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    mem::take,
    sync::{Arc, Weak},
    time::SystemTime,
};

use sha2::{Digest as _, Sha256};

use super::{
    decision::{Received, Version},
    place::Place,
    record::{Record, open},
};

pub(super) struct Part {
    place: Arc<Place>,
    file: File,
    record: Record,
    digest: Sha256,
    pub(super) received: Received,
    /// How many bytes were appended that the record does not prove.
    unnoted: usize,
}

/// After so many bytes the record gets a row.
const ROW: usize = 128 * 1024;

impl Part {
    /// Opens the part of an earlier run, or a new one. What its record does not prove, or is of another size
    /// than `listed`, is dropped. Gives up if `caller` no longer lives: a long part takes a while to check.
    pub(super) fn open(
        place: &Arc<Place>,
        listed: Option<u64>,
        caller: &Weak<()>,
    ) -> io::Result<Self> {
        place.check()?;
        let record = Record::lock(&place.record)?;
        if let Err(error) = place.check() {
            record.delete(); // the download that had the lock has ended
            return Err(error);
        }
        let mut part = Self {
            file: open(&place.part)?,
            place: Arc::clone(place),
            record,
            digest: Sha256::new(),
            received: Received::default(),
            unnoted: 0,
        };
        part.check(listed, caller)?;
        Ok(part)
    }

    fn check(&mut self, listed: Option<u64>, caller: &Weak<()>) -> io::Result<()> {
        let Some((version, rows)) = self.record.read()? else {
            return self.begin(Version::default());
        };
        let size = listed.or(version.size);
        if version.etag.is_none() || size.zip(version.size).is_some_and(|(a, b)| a != b) {
            return self.begin(Version::default());
        }
        let (mut digest, mut last) = (self.digest.clone(), None);
        // A part that is whole is not used as it is: the storage has to confirm its version.
        for row in rows.take_while(|row| size.is_none_or(|size| row.len < size)) {
            if caller.strong_count() == 0 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let gap = row.len.saturating_sub(self.received.len);
            if hash(&self.file, gap, &mut digest)? < gap || !self.record.proves(&row, &digest) {
                break;
            }
            (self.digest, self.received.len) = (digest.clone(), row.len);
            last = Some(row);
        }
        self.received.version = version;
        self.file.set_len(self.received.len)?;
        self.file.seek(SeekFrom::Start(self.received.len))?;
        self.record.cut_after(last.as_ref())
    }

    /// Drops all bytes: those of `version` follow.
    pub(super) fn begin(&mut self, version: Version) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.record.begin(&version)?;
        (self.digest, self.unnoted) = (Sha256::new(), 0);
        self.received = Received { len: 0, version };
        Ok(())
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        for bytes in bytes.chunks(ROW) {
            self.file.write_all(bytes)?;
            self.digest.update(bytes);
            self.unnoted = self.unnoted.saturating_add(bytes.len());
            if self.unnoted >= ROW {
                self.note()?;
            }
        }
        Ok(())
    }

    /// Writes to the record what was appended since the last time.
    pub(super) fn note(&mut self) -> io::Result<()> {
        let len = u64::try_from(take(&mut self.unnoted)).unwrap_or(u64::MAX);
        if len == 0 {
            return Ok(());
        }
        self.received.len = self.received.len.saturating_add(len);
        self.record.add(self.received.len, &self.digest)
    }

    /// Makes the part the file, durably. Returns the SHA-256 of the file.
    pub(super) fn publish(self, modified: Option<SystemTime>) -> io::Result<[u8; 32]> {
        if let Some(time) = modified {
            // Some drivers ignore one time without the other, and not every disk can hold every time.
            let times = FileTimes::new().set_accessed(time).set_modified(time);
            let _ = self.file.set_times(times);
        }
        self.file.sync_all()?;
        self.place.publish()?;
        self.record.delete(); // before the folder is synced: a kill in that time would leave it behind
        self.place.sync()?;
        Ok(self.digest.finalize().into())
    }

    /// Leaves nothing behind if there is nothing to keep.
    pub(super) fn close(self) {
        if self.received.len == 0 {
            let _ = fs::remove_file(&self.place.part);
            self.record.delete();
        }
    }
}

/// Hashes this many bytes, or those that there are. Returns how many.
fn hash(file: &File, bytes: u64, digest: &mut Sha256) -> io::Result<u64> {
    let (mut buffer, mut hashed) = (vec![0; 64 * 1024], 0_u64);
    let mut file = file.take(bytes);
    loop {
        let read = file.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else {
            return Ok(hashed);
        };
        digest.update(bytes);
        hashed = hashed.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_gets_a_row_every_128_kib_however_the_bytes_come() {
        for pieces in [vec![400_000, 10], vec![1; 400_010], vec![131_072, 268_938]] {
            let folder = tempfile::tempdir().unwrap();
            let place = Arc::new(Place::new(folder.path().join("a"), false).unwrap());
            let caller = Arc::new(());
            let mut part = Part::open(&place, None, &Arc::downgrade(&caller)).unwrap();
            for len in pieces {
                part.append(&vec![7; len]).unwrap();
            }
            part.note().unwrap();
            part.note().unwrap();
            let record = fs::read_to_string(&place.record).unwrap();
            let rows = record.lines().skip(1).map(|row| row.split_once(' ').unwrap().0);
            assert_eq!(rows.collect::<Vec<_>>(), ["131072", "262144", "393216", "400010"]);
        }
    }
}

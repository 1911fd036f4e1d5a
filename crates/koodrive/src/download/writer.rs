//! Writes a part while more of it arrives: one buffer is hashed and written on a thread for blocking work, and
//! the next one fills.

use std::{
    io,
    mem::{replace, take},
    sync::Arc,
    time::SystemTime,
};

use tokio::task::{JoinHandle, spawn_blocking};

use super::{
    decision::{Received, Version},
    part::Part,
    place::Place,
};
use crate::error::Result;

/// What a killed program loses is at most two of these: one that fills, and one that is being written.
pub(super) const BUFFER: usize = 128 * 1024;

/// Returns the part and an empty buffer.
type Work = JoinHandle<io::Result<(Part, Vec<u8>)>>;

pub(super) struct Writer {
    place: Arc<Place>,
    /// The last work. `None` after it failed.
    work: Option<Work>,
    buffer: Vec<u8>,
    /// The file begins anew with the bytes in `buffer`.
    begins: Option<Version>,
}

impl Writer {
    /// Opens the part. `listed` is the size of the file as its album lists it.
    pub(super) async fn open(place: Place, listed: Option<u64>) -> Result<(Self, Received)> {
        let place = Arc::new(place);
        let caller = Arc::new(());
        let (shared, weak) = (Arc::clone(&place), Arc::downgrade(&caller));
        let open = move || Ok((Part::open(&shared, listed, &weak)?, Vec::new()));
        let (buffer, begins) = (Vec::new(), None);
        let mut writer = Self { place, work: Some(spawn_blocking(open)), buffer, begins };
        let (part, buffer) = writer.part().await?;
        let received = part.received.clone();
        writer.work = Some(spawn_blocking(|| Ok((part, buffer))));
        Ok((writer, received))
    }

    /// Drops what was written so far: the bytes of `version` follow.
    pub(super) fn begin(&mut self, version: Version) {
        self.buffer.clear();
        self.begins = Some(version);
    }

    pub(super) async fn write(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            let room = BUFFER.saturating_sub(self.buffer.len()).min(bytes.len());
            let (now, later) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
            self.buffer.extend_from_slice(now);
            if self.buffer.len() >= BUFFER {
                self.flush().await?;
            }
            bytes = later;
        }
        Ok(())
    }

    /// Begins to write the buffer, once the one before it is written.
    async fn flush(&mut self) -> Result<()> {
        let (mut part, spare) = self.part().await?;
        let (mut full, begins) = (replace(&mut self.buffer, spare), self.begins.take());
        self.work = Some(spawn_blocking(move || {
            append(&mut part, begins, &full)?;
            full.clear();
            Ok((part, full))
        }));
        Ok(())
    }

    /// Writes the rest, and makes the part the file. Returns its length and SHA-256.
    pub(super) async fn publish(mut self, modified: Option<SystemTime>) -> Result<(u64, [u8; 32])> {
        let (mut part, _) = self.part().await?;
        let (rest, begins) = (take(&mut self.buffer), self.begins.take());
        let publish = move || {
            append(&mut part, begins, &rest)?;
            Ok((part.received.len, part.publish(modified)?))
        };
        self.result(spawn_blocking(publish)).await
    }

    /// Writes the rest, for a later run to continue from.
    pub(super) async fn keep(mut self) -> Result<()> {
        let (mut part, _) = self.part().await?;
        let (rest, begins) = (take(&mut self.buffer), self.begins.take());
        let keep = move || {
            let kept = append(&mut part, begins, &rest);
            part.close();
            kept
        };
        self.result(spawn_blocking(keep)).await
    }

    async fn part(&mut self) -> Result<(Part, Vec<u8>)> {
        match self.work.take() {
            Some(work) => self.result(work).await,
            None => Err(self.place.error(io::Error::other("an earlier write failed"))),
        }
    }

    async fn result<T>(&self, work: JoinHandle<io::Result<T>>) -> Result<T> {
        let result = work.await.unwrap_or_else(|stopped| Err(io::Error::other(stopped)));
        result.map_err(|error| self.place.error(error))
    }
}

fn append(part: &mut Part, begins: Option<Version>, bytes: &[u8]) -> io::Result<()> {
    if let Some(version) = begins {
        part.begin(version)?;
    }
    if bytes.is_empty() { Ok(()) } else { part.append(bytes) }
}

//! Writes a part while more of it arrives: some pieces are hashed and written on a thread for blocking work, and
//! the next ones gather.

use std::{io, mem::take, sync::Arc, time::SystemTime};

use bytes::Bytes;
use tokio::task::{JoinHandle, spawn_blocking};

use super::{
    decision::{Received, Version},
    part::Part,
    place::Place,
};
use crate::error::Result;

/// So many bytes are worth a thread. On a slow connection a killed program loses at most two of these: one that gathers, and
/// one that is being written. A fast connection brings larger pieces.
const BATCH: usize = 128 * 1024;

type Work = JoinHandle<io::Result<Part>>;

pub(super) struct Writer {
    place: Arc<Place>,
    /// The last work. `None` after it failed.
    work: Option<Work>,
    pieces: Vec<Bytes>,
    /// How many bytes are in `pieces`.
    held: usize,
    /// The file begins anew with `pieces`.
    begins: Option<Version>,
}

impl Writer {
    /// Opens the part. `listed` is the size of the file as its album lists it.
    pub(super) async fn open(place: Place, listed: Option<u64>) -> Result<(Self, Received)> {
        let place = Arc::new(place);
        let caller = Arc::new(());
        let (shared, weak) = (Arc::clone(&place), Arc::downgrade(&caller));
        let work = Some(spawn_blocking(move || Part::open(&shared, listed, &weak)));
        let mut writer = Self { place, work, pieces: Vec::new(), held: 0, begins: None };
        let part = writer.part().await?;
        let received = part.received.clone();
        writer.work = Some(spawn_blocking(|| Ok(part)));
        Ok((writer, received))
    }

    /// Drops what was written so far: the bytes of `version` follow.
    pub(super) fn begin(&mut self, version: Version) {
        (self.pieces, self.held) = (Vec::new(), 0);
        self.begins = Some(version);
    }

    pub(super) async fn write(&mut self, piece: Bytes) -> Result<()> {
        self.held = self.held.saturating_add(piece.len());
        self.pieces.push(piece);
        if self.held >= BATCH { self.flush().await } else { Ok(()) }
    }

    /// Begins to write the pieces, once those before them are written.
    async fn flush(&mut self) -> Result<()> {
        let mut part = self.part().await?;
        let (pieces, begins) = self.take();
        self.work = Some(spawn_blocking(move || {
            append(&mut part, begins, pieces)?;
            Ok(part)
        }));
        Ok(())
    }

    fn take(&mut self) -> (Vec<Bytes>, Option<Version>) {
        self.held = 0;
        (take(&mut self.pieces), self.begins.take())
    }

    /// Writes the rest, and makes the part the file. Returns its length and SHA-256.
    pub(super) async fn publish(mut self, modified: Option<SystemTime>) -> Result<(u64, [u8; 32])> {
        let mut part = self.part().await?;
        let (rest, begins) = self.take();
        let publish = move || {
            append(&mut part, begins, rest)?;
            Ok((part.received.len, part.publish(modified)?))
        };
        self.result(spawn_blocking(publish)).await
    }

    /// Writes the rest, for a later run to continue from.
    pub(super) async fn keep(mut self) -> Result<()> {
        let mut part = self.part().await?;
        let (rest, begins) = self.take();
        let keep = move || {
            let kept = append(&mut part, begins, rest);
            part.close();
            kept
        };
        self.result(spawn_blocking(keep)).await
    }

    async fn part(&mut self) -> Result<Part> {
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

fn append(part: &mut Part, begins: Option<Version>, pieces: Vec<Bytes>) -> io::Result<()> {
    if let Some(version) = begins {
        part.begin(version)?;
    }
    pieces.into_iter().try_for_each(|piece| part.append(&piece))?;
    part.note()
}

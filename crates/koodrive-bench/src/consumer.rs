//! The consumer of the files of one listing.

use std::{
    hint::black_box,
    mem,
    ops::ControlFlow::{self, Break, Continue},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use crate::fixture::PAGE;

/// Files between two sleeps.
const STRIDE: u64 = 10;

/// What to do with the files.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub struct Wishes {
    /// Stop after this many.
    pub most: Option<u64>,
    /// Keep them in memory.
    pub keep: bool,
    /// Work on each page, in milliseconds.
    pub work: u64,
}

pub struct Consumer {
    wishes: Wishes,
    start: Instant,
    pub first: Option<Duration>,
    pub items: u64,
    /// The bytes of the kept files themselves, without what they have on the heap.
    pub kept: u64,
    /// Seconds of work per stride.
    work: f64,
    /// Sleeps end late. The next sleep is shortened by the excess.
    owed: f64,
}

impl Consumer {
    pub fn new(wishes: Wishes) -> Self {
        Self {
            wishes,
            start: Instant::now(),
            first: None,
            items: 0,
            kept: 0,
            work: wishes.work as f64 / 1000.0 * STRIDE as f64 / PAGE as f64,
            owed: 0.0,
        }
    }

    /// Breaks after the last file that is wanted.
    pub async fn take<T>(&mut self, file: T) -> ControlFlow<()> {
        let file = black_box(file);
        if self.wishes.keep {
            self.kept += size_of::<T>() as u64;
            mem::forget(file);
        } else {
            drop(file);
        }
        if self.items == 0 {
            self.first = Some(self.start.elapsed());
        }
        self.items += 1;
        if self.work > 0.0 && self.items.is_multiple_of(STRIDE) {
            self.work().await;
        }
        if Some(self.items) == self.wishes.most { Break(()) } else { Continue(()) }
    }

    async fn work(&mut self) {
        self.owed += self.work;
        let start = Instant::now();
        tokio::time::sleep(Duration::from_secs_f64(self.owed.max(0.0))).await;
        self.owed -= start.elapsed().as_secs_f64();
    }
}

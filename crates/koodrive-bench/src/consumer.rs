//! The consumer of the files, which also measures them.

use std::{
    hint::black_box,
    ops::ControlFlow::{self, Break, Continue},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use crate::{album::PAGE, meter};

/// Files between two sleeps.
const STRIDE: u64 = 10;

/// The cost of one listing.
#[derive(Serialize, Deserialize)]
pub struct Sample {
    pub items: u64,
    pub seconds: f64,
    /// Seconds until the first file.
    pub first: f64,
    pub allocations: u64,
    /// Peak memory of the whole process, in KiB.
    pub peak: Option<u64>,
}

pub struct Consumer {
    start: Instant,
    first: Option<Duration>,
    items: u64,
    most: u64,
    /// Seconds of work per stride.
    work: f64,
    /// Sleeps end late. The next sleep is shortened by the excess.
    owed: f64,
    allocations: u64,
}

impl Consumer {
    pub fn new(work_per_page: Duration, most: u64) -> Self {
        Self {
            start: Instant::now(),
            first: None,
            items: 0,
            most,
            work: work_per_page.as_secs_f64() * STRIDE as f64 / PAGE as f64,
            owed: 0.0,
            allocations: meter::allocations(),
        }
    }

    /// Breaks after the last file that is wanted.
    pub async fn take<T>(&mut self, file: T) -> ControlFlow<()> {
        drop(black_box(file));
        if self.items == 0 {
            self.first = Some(self.start.elapsed());
        }
        self.items += 1;
        if self.work > 0.0 && self.items.is_multiple_of(STRIDE) {
            self.work().await;
        }
        if self.items == self.most { Break(()) } else { Continue(()) }
    }

    async fn work(&mut self) {
        self.owed += self.work;
        let start = Instant::now();
        tokio::time::sleep(Duration::from_secs_f64(self.owed.max(0.0))).await;
        self.owed -= start.elapsed().as_secs_f64();
    }

    pub fn sample(self) -> Sample {
        Sample {
            items: self.items,
            seconds: self.start.elapsed().as_secs_f64(),
            first: self.first.unwrap_or_default().as_secs_f64(),
            allocations: meter::allocations() - self.allocations,
            peak: meter::peak_memory(),
        }
    }
}

//! The results of a run: the figures of each mode, aggregated from samples.

use crate::mode::Mode;

/// Latency of a page, in milliseconds.
pub const LATENCY: u64 = 50;

#[derive(Default)]
pub struct Figures {
    /// Instructions and allocations per file.
    pub instructions: Option<f64>,
    pub allocations: f64,
    /// Files per second, without latency.
    pub rate: f64,
    /// Wall time per page in milliseconds, with 50 and 100 ms of work.
    pub even: f64,
    pub double: f64,
    /// Seconds for an album of 200 pages, and until its first file, with 50 ms latency.
    pub album: f64,
    pub first: f64,
    /// Peak memory in KiB, with 10,000 and 1,000,000 files.
    pub small: Option<u64>,
    pub large: Option<u64>,
}

/// The results of one run.
pub struct Results {
    pub rows: Vec<(Mode, Figures)>,
    pub requests_of_ten: u64,
    pub requests_of_thousand: u64,
    /// Bytes on the wire, uncompressed and compressed.
    pub bytes: (u64, u64),
}

impl Results {
    pub fn of(&self, wanted: Mode) -> Option<&Figures> {
        self.rows.iter().find(|(mode, _)| *mode == wanted).map(|(_, figures)| figures)
    }
}

/// The repetition that the machine's other work disturbed least.
pub fn least(samples: impl IntoIterator<Item = f64>) -> f64 {
    samples.into_iter().fold(f64::INFINITY, f64::min)
}

pub fn median(mut samples: Vec<u64>) -> Option<u64> {
    samples.sort_unstable();
    samples.get(samples.len() / 2).copied()
}

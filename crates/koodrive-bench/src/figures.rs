//! The figures of one mode, out of the samples.

use crate::mode::Mode;

/// Of a page, in milliseconds.
pub const LATENCY: u64 = 50;

#[derive(Default)]
pub struct Figures {
    /// Instructions and allocations for each file.
    pub instructions: Option<f64>,
    pub allocations: f64,
    /// Files a second without latency.
    pub rate: f64,
    /// Wall time of a page in milliseconds, where the consumer works 50 and 100 ms on it.
    pub even: f64,
    pub double: f64,
    /// Seconds for the album of 200 pages, and until its first file, at 50 ms a page.
    pub album: f64,
    pub first: f64,
    /// In KiB, of 10,000 and of 1,000,000 files.
    pub small: Option<u64>,
    pub large: Option<u64>,
}

/// One run.
pub struct Results {
    pub rows: Vec<(Mode, Figures)>,
    pub requests_of_ten: u64,
    pub requests_of_thousand: u64,
    /// Bytes on the wire, as they are and compressed.
    pub bytes: (u64, u64),
}

impl Results {
    pub fn of(&self, wanted: Mode) -> Option<&Figures> {
        self.rows.iter().find(|(mode, _)| *mode == wanted).map(|(_, figures)| figures)
    }
}

/// Of the repetitions: the others had more of the machine's other work in them.
pub fn least(samples: impl IntoIterator<Item = f64>) -> f64 {
    samples.into_iter().fold(f64::INFINITY, f64::min)
}

pub fn median(mut samples: Vec<u64>) -> Option<u64> {
    samples.sort_unstable();
    samples.get(samples.len() / 2).copied()
}

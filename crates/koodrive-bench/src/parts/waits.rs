//! How long a listing takes when pages have latency and files need work.

use anyhow::Result;

use crate::{
    job::{Job, Sample},
    mode::Mode,
    runs::{FILES, Runs},
    section::{Section, least, ratio},
};

/// Of a page, in milliseconds.
pub const LATENCY: u64 = 50;
const PAGES: u64 = 40;

pub type Waits = Vec<(Mode, Wait)>;

#[derive(Clone, Copy, Default)]
pub struct Wait {
    /// Wall time per page in milliseconds, with 50 and 100 ms of work.
    pub even: f64,
    double: f64,
    /// Seconds for an album of 200 pages, and until its first file.
    album: f64,
    first: f64,
}

pub async fn measure(runs: &Runs<'_>) -> Result<Waits> {
    let modes = runs.modes();
    let job = |mode| Job { latency: LATENCY, ..runs.job(mode, FILES) };
    let worked = |mode, work| Job { work, files: PAGES * 100, ..job(mode) };
    let even = runs.samples(&modes, |mode| worked(mode, LATENCY)).await?;
    let double = runs.samples(&modes, |mode| worked(mode, 2 * LATENCY)).await?;
    let album = runs.samples(&modes, job).await?;
    let page = |samples: &[Sample]| {
        least(samples.iter().map(|sample| sample.seconds * 1000.0 / PAGES as f64))
    };
    let wait = |mode: Mode| Wait {
        even: page(&even[mode.name()]),
        double: page(&double[mode.name()]),
        album: least(album[mode.name()].iter().map(|sample| sample.seconds)),
        first: least(album[mode.name()].iter().map(|sample| sample.first)),
    };
    Ok(modes.into_iter().map(|mode| (mode, wait(mode))).collect())
}

pub fn section(waits: &Waits) -> Section {
    let hand_written = waits.iter().find(|(mode, _)| *mode == Mode::HandWritten);
    let base = hand_written.map(|(_, wait)| *wait).unwrap_or_default();
    let row = |(mode, wait): &(Mode, Wait)| {
        vec![
            mode.name().to_owned(),
            ratio(wait.even, LATENCY as f64, 1),
            ratio(wait.double, 2.0 * LATENCY as f64, 1),
            ratio(wait.album, base.album, 2),
            ratio(wait.first * 1000.0, base.first * 1000.0, 1),
        ]
    };
    Section {
        title: "Waiting",
        part: String::new(),
        notes: NOTES,
        columns: &["", "L = P = 50", "L = 50, P = 100", "album, s", "first, ms"],
        rows: waits.iter().map(row).collect(),
    }
}

const NOTES: &str = "\
L is the latency of a page, and P the consumer's work on it, in ms. Their columns are wall time per page in ms, over 40
pages, with its ratio to the longer of L and P. Album and first: seconds until the last file of 200 pages at L = 50 ms,
and milliseconds until the first. The minimum of each.";

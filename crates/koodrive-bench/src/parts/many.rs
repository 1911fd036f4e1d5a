//! Many albums at the same time.

use anyhow::Result;

use super::waits::LATENCY;
use crate::{
    job::Job,
    mode::Mode,
    runs::Runs,
    section::{Section, least, median, ratio},
};

const ALBUMS: u64 = 1_000;
/// Pages of 100, 100 and 50.
const FILES: u64 = 250;

#[derive(Clone, Copy, Default)]
struct Figures {
    /// Peak resident memory in MB.
    peak: f64,
    /// Seconds of user CPU time, and of wall time.
    user: f64,
    seconds: f64,
    connections: u64,
    refreshes: u64,
}

pub async fn measure(runs: &Runs<'_>) -> Result<Section> {
    let mut rows = Vec::new();
    for at_once in [16, 1_000] {
        let mut base = Figures::default();
        for mode in runs.compared() {
            let figures = figures(runs, mode, at_once).await?;
            if mode == Mode::HandWritten {
                base = figures;
            }
            rows.push(row(mode, at_once, figures, base));
        }
    }
    Ok(Section {
        title: "1,000 albums",
        part: String::new(),
        notes: NOTES,
        columns: &["", "at once", "peak, MB", "user CPU, s", "wall, s", "connections", "refreshes"],
        rows,
    })
}

async fn figures(runs: &Runs<'_>, mode: Mode, at_once: u64) -> Result<Figures> {
    let job = runs.job(mode, FILES);
    let job = Job { albums: ALBUMS, at_once, latency: LATENCY, session: true, ..job };
    let mut measured = Vec::new();
    for _ in 0..runs.repeat() {
        measured.push(runs.counted(&job).await?);
    }
    let peak = median(measured.iter().filter_map(|(sample, _)| sample.peak));
    let middle = |of: fn(&crate::server::Counts) -> u64| {
        median(measured.iter().map(|(_, counts)| of(counts))).unwrap_or_default()
    };
    Ok(Figures {
        peak: peak.unwrap_or_default() as f64 / 1024.0,
        user: least(measured.iter().map(|(sample, _)| sample.user)),
        seconds: least(measured.iter().map(|(sample, _)| sample.seconds)),
        connections: middle(|counts| counts.connections),
        refreshes: middle(|counts| counts.refreshes),
    })
}

fn row(mode: Mode, at_once: u64, figures: Figures, base: Figures) -> Vec<String> {
    vec![
        mode.name().to_owned(),
        at_once.to_string(),
        ratio(figures.peak, base.peak, 1),
        ratio(figures.user, base.user, 2),
        ratio(figures.seconds, base.seconds, 2),
        figures.connections.to_string(),
        figures.refreshes.to_string(),
    ]
}

const NOTES: &str = "\
1,000 albums of 250 files, so many at once through `buffer_unordered`, over one client in one thread. A page has 50 ms
of latency. `koodrive` has a session whose tokens last 2 s; the hand-written loop has one token. Peak is the resident
memory of the process; medians, and the minimum of times.";

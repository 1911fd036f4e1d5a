//! Many albums at the same time.

use anyhow::Result;

use super::waits::LATENCY;
use crate::{
    listers::Lister,
    listing::Listing,
    print::table::{Table, least, median, ratio},
    runs::Runs,
    server::counts::Counts,
};

const ALBUMS: u64 = 1_000;
/// Of an album.
const FILES: u64 = 300;

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

pub async fn measure(runs: &Runs) -> Result<Table> {
    let mut rows = Vec::new();
    for at_once in [16, 1_000] {
        let mut base = Figures::default();
        for lister in runs.distinct() {
            let figures = figures(runs, lister, at_once).await?;
            if lister == Lister::HandWritten {
                base = figures;
            }
            rows.push(row(lister, at_once, figures, base));
        }
    }
    Ok(Table {
        title: "1,000 albums",
        name: String::new(),
        notes: NOTES,
        columns: &["", "at once", "peak, MB", "user CPU, s", "wall, s", "connections", "refreshes"],
        rows,
    })
}

async fn figures(runs: &Runs, lister: Lister, at_once: usize) -> Result<Figures> {
    let listing = runs.listing(lister, FILES);
    let listing = Listing { albums: ALBUMS, at_once, latency: LATENCY, session: true, ..listing };
    let mut measured = Vec::new();
    for _ in 0..runs.repeat {
        measured.push(runs.counted(&listing).await?);
    }
    let peak = median(measured.iter().filter_map(|(sample, _)| sample.peak));
    let middle = |of: fn(&Counts) -> u64| {
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

fn row(lister: Lister, at_once: usize, figures: Figures, base: Figures) -> Vec<String> {
    vec![
        lister.title().to_owned(),
        at_once.to_string(),
        ratio(figures.peak, base.peak, 1),
        ratio(figures.user, base.user, 2),
        ratio(figures.seconds, base.seconds, 2),
        figures.connections.to_string(),
        figures.refreshes.to_string(),
    ]
}

const NOTES: &str = "\
1,000 albums of 300 files, so many at once through `buffer_unordered`, over one client in one thread. A page has 50 ms
of latency. `koodrive` has a session whose tokens last 2 s; the hand-written loop has one token. Peak is the resident
memory of the process; medians, and the minimum of times.";

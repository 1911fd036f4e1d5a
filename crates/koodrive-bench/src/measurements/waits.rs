//! How long a listing takes when pages have latency and files need work.

use anyhow::Result;

use crate::{
    consumer::Wishes,
    fixture::FILES,
    listers::Lister,
    listing::{Listing, Sample},
    print::{
        chart::Bar,
        table::{Table, least, ratio},
    },
    runs::Runs,
};

/// Of a page, in milliseconds.
pub const LATENCY: u64 = 50;
const PAGES: u64 = 40;

pub type Waits = Vec<(Lister, Wait)>;

#[derive(Clone, Copy, Default)]
pub struct Wait {
    /// Wall time per page in milliseconds, with 50 and 100 ms of work.
    even: f64,
    double: f64,
    /// Seconds for an album of 200 pages, and until its first file.
    album: f64,
    first: f64,
}

pub async fn measure(runs: &Runs) -> Result<Waits> {
    let listers = &runs.listers;
    let listing = |lister, files| Listing { latency: LATENCY, ..runs.listing(lister, files) };
    let worked = |lister, work| {
        let wishes = Wishes { work, ..Wishes::default() };
        Listing { wishes, ..listing(lister, PAGES * 100) }
    };
    let even = runs.samples(listers, |lister| worked(lister, LATENCY)).await?;
    let double = runs.samples(listers, |lister| worked(lister, 2 * LATENCY)).await?;
    let album = runs.samples(listers, |lister| listing(lister, FILES as u64)).await?;
    let page = |samples: &[Sample]| {
        least(samples.iter().map(|sample| sample.seconds * 1000.0 / PAGES as f64))
    };
    let wait = |lister: Lister| Wait {
        even: page(&even[&lister]),
        double: page(&double[&lister]),
        album: least(album[&lister].iter().map(|sample| sample.seconds)),
        first: least(album[&lister].iter().map(|sample| sample.first)),
    };
    Ok(listers.iter().map(|lister| (*lister, wait(*lister))).collect())
}

pub fn table(waits: &Waits) -> Table {
    let hand_written = waits.iter().find(|(lister, _)| *lister == Lister::HandWritten);
    let base = hand_written.map(|(_, wait)| *wait).unwrap_or_default();
    let row = |(lister, wait): &(Lister, Wait)| {
        vec![
            lister.title().to_owned(),
            ratio(wait.even, LATENCY as f64, 1),
            ratio(wait.double, 2.0 * LATENCY as f64, 1),
            ratio(wait.album, base.album, 2),
            ratio(wait.first * 1000.0, base.first * 1000.0, 1),
        ]
    };
    Table {
        title: "Waiting",
        name: String::new(),
        notes: NOTES,
        columns: &["", "L = P = 50", "L = 50, P = 100", "album, s", "first, ms"],
        rows: waits.iter().map(row).collect(),
    }
}

pub const CHART: &str =
    "Milliseconds per page, with 50 ms latency and 50 ms work (lower is better)";

pub fn bars(waits: &Waits) -> Vec<Bar> {
    let bar = |(lister, wait): &(Lister, Wait)| {
        let name = lister.title().split(" (").next().unwrap_or_default();
        let label = name.replace("**koodrive** ", "koodrive, ").replace(['*', '`'], "");
        Bar { label, value: wait.even, is_ours: lister.is_ours() }
    };
    waits.iter().map(bar).collect()
}

const NOTES: &str = "\
L is the latency of a page, and P the consumer's work on it, in ms. Their columns are wall time per page in ms, over 40
pages, with its ratio to the longer of L and P. Album and first: seconds until the last file of 200 pages at L = 50 ms,
and milliseconds until the first. The minimum of each.";

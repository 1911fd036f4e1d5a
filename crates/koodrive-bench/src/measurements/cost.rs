//! What a file costs, without latency.

use std::collections::HashMap;

use anyhow::Result;

use crate::{
    consumer::Wishes,
    fixture::{FILES, Fixture},
    listers::Lister,
    listing::{Listing, Sample},
    print::table::{Table, median, ratio},
    runs::Runs,
};

/// Start-up costs the same for both lengths, so the difference excludes it.
const FEW: u64 = 1_000;
const MANY: u64 = 5_000;
/// Listed one after another for CPU time, which the system counts in steps of milliseconds.
const ALBUMS: u64 = 5;

#[derive(Clone, Copy, Default)]
struct Cost {
    instructions: f64,
    /// Microseconds of user CPU time.
    user: f64,
    allocations: f64,
    /// Bytes of memory while the file is kept.
    held: f64,
}

pub async fn measure(runs: &Runs, fixture: Fixture) -> Result<Table> {
    let listers = match fixture {
        Fixture::Plain => runs.listers.clone(),
        Fixture::Real | Fixture::Gzip => runs.distinct(),
    };
    let listing = |lister, files| Listing { fixture, ..runs.listing(lister, files) };
    let long = |lister| Listing { albums: ALBUMS, ..listing(lister, FILES as u64) };
    let samples = runs.samples(&listers, long).await?;
    let mut costs = HashMap::new();
    for lister in &listers {
        let (few, many) = (listing(*lister, FEW), listing(*lister, MANY));
        let of_each = |of: fn(&Sample) -> f64| {
            let samples = samples[lister].iter();
            median(samples.map(|sample| of(sample) / sample.items as f64)).unwrap_or_default()
        };
        let cost = Cost {
            instructions: instructions(&few, &many, runs.repeat).await?.unwrap_or_default(),
            user: of_each(|sample| sample.user * 1e6),
            allocations: of_each(|sample| sample.allocations as f64),
            held: held(few, many).await?,
        };
        costs.insert(*lister, cost);
    }
    Ok(table(fixture, &listers, &costs))
}

/// `None` without callgrind.
async fn instructions(few: &Listing, many: &Listing, repeat: usize) -> Result<Option<f64>> {
    let mut counts = Vec::new();
    for _ in 0..repeat {
        counts.extend(many.instructions().await?.zip(few.instructions().await?));
    }
    Ok(median(counts.into_iter().map(|(many, few)| per_file(many as f64 - few as f64))))
}

async fn held(few: Listing, many: Listing) -> Result<f64> {
    let wishes = Wishes { keep: true, ..Wishes::default() };
    let few = Listing { wishes, ..few }.sample().await?;
    let many = Listing { wishes, ..many }.sample().await?;
    Ok(per_file((many.held - few.held) as f64))
}

fn per_file(difference: f64) -> f64 {
    difference / (MANY - FEW) as f64
}

fn table(fixture: Fixture, listers: &[Lister], costs: &HashMap<Lister, Cost>) -> Table {
    let base = costs.get(&Lister::HandWritten).copied().unwrap_or_default();
    let row = |lister: &Lister| {
        let cost = costs[lister];
        vec![
            lister.title().to_owned(),
            ratio(cost.instructions, base.instructions, 0),
            ratio(cost.user, base.user, 2),
            ratio(cost.allocations, base.allocations, 1),
            ratio(cost.held, base.held, 0),
        ]
    };
    let (title, notes) = match fixture {
        Fixture::Plain => ("The cost of a file", PLAIN),
        Fixture::Real => ("The same, with pages as of real albums", REAL),
        Fixture::Gzip => ("The same, with compressed pages", GZIP),
    };
    Table {
        title,
        name: String::new(),
        notes,
        columns: &["", "instructions", "user CPU, µs", "allocations", "bytes held"],
        rows: listers.iter().map(row).collect(),
    }
}

const PLAIN: &str = "\
Per file, without latency; medians. A file has 2.0 KB of JSON with every field. Callgrind counts instructions, and bytes
held are what one file occupies while it is kept, for 5,000 files less 1,000. CPU time and allocations are those of five
albums of 20,000 files.";

const REAL: &str = "\
Chinese names, `\\u0026` and `\\u003d` for each `&` and `=`, and files that lack fields.";

const GZIP: &str = "The server compresses the pages of the first table.";

//! Whether memory grows with the length of an album, or of a file.

use anyhow::Result;

use crate::{
    downloaders::Downloader,
    fetching::Fetching,
    listers::Lister,
    print::table::{Table, median},
    runs::Runs,
};

pub async fn measure(runs: &Runs) -> Result<Table> {
    let mut rows = Vec::new();
    for lister in runs.distinct() {
        let short = listing(runs, lister, 10_000).await?;
        let long = listing(runs, lister, 1_000_000).await?;
        rows.push(row(lister.title(), "10,000 and 1,000,000 files", short, long));
    }
    for downloader in [Downloader::Client, Downloader::Sync] {
        let short = download(runs, downloader, 100_000_000).await?;
        let long = download(runs, downloader, 10_000_000_000).await?;
        rows.push(row(downloader.title(), "a file of 100 MB and of 10 GB", short, long));
    }
    Ok(Table {
        title: "Memory and length",
        name: String::new(),
        notes: "Peak resident memory of the process in MB; the median, for 10 GB once.",
        columns: &["", "of", "peak for the short one", "more for the long one"],
        rows,
    })
}

async fn listing(runs: &Runs, lister: Lister, files: u64) -> Result<Option<u64>> {
    let mut peaks = Vec::new();
    for _ in 0..runs.repeat {
        peaks.extend(runs.listing(lister, files).sample().await?.peak);
    }
    Ok(median(peaks))
}

async fn download(runs: &Runs, downloader: Downloader, size: u64) -> Result<Option<u64>> {
    let server = runs.url.clone();
    let (files, latency, jobs, in_memory) = (1, 0, 1, false);
    let fetching = Fetching { server, downloader, files, size, latency, jobs, in_memory };
    Ok(fetching.sample().await?.peak)
}

fn row(name: &str, of: &str, short: Option<u64>, long: Option<u64>) -> Vec<String> {
    let more = long.zip(short).map(|(long, short)| (long as f64 - short as f64) / 1024.0);
    let short = short.map(|short| format!("{:.1}", short as f64 / 1024.0));
    let none = || "–".to_owned();
    let more = more.map_or_else(none, |more| format!("{more:+.1}"));
    vec![name.to_owned(), of.to_owned(), short.unwrap_or_else(none), more]
}

//! Whether memory grows with the length of an album.

use anyhow::Result;

use crate::{
    mode::Mode,
    runs::Runs,
    section::{Section, median},
};

pub async fn measure(runs: &Runs<'_>) -> Result<Section> {
    let mut rows = Vec::new();
    for mode in runs.compared() {
        let (short, long) = (peak(runs, mode, 10_000).await?, peak(runs, mode, 1_000_000).await?);
        let more = long.zip(short).map(|(long, short)| (long as f64 - short as f64) / 1024.0);
        rows.push(vec![
            mode.name().to_owned(),
            short.map_or("–".to_owned(), |short| format!("{:.1}", short as f64 / 1024.0)),
            more.map_or("–".to_owned(), |more| format!("{more:+.1}")),
        ]);
    }
    Ok(Section {
        title: "Memory and the length of an album",
        part: String::new(),
        notes: "Peak resident memory of the process in MB; the median.",
        columns: &["", "10,000 files", "1,000,000 files"],
        rows,
    })
}

async fn peak(runs: &Runs<'_>, mode: Mode, files: u64) -> Result<Option<u64>> {
    let mut peaks = Vec::new();
    for _ in 0..runs.repeat() {
        peaks.extend(runs.job(mode, files).sample().await?.peak);
    }
    Ok(median(peaks))
}

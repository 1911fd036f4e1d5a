//! How fast files are downloaded.

use std::collections::HashMap;

use anyhow::Result;
use clap::ValueEnum as _;

use crate::{
    downloaders::Downloader,
    fetching::{Fetched, Fetching},
    print::table::{Table, median, ratio},
    process::are_installed,
    runs::Runs,
};

#[derive(Clone, Copy)]
struct Case {
    files: u64,
    size: u64,
    latency: u64,
    jobs: usize,
    in_memory: bool,
}

const LARGE: Case = Case { files: 250, size: 4_000_000, latency: 0, jobs: 4, in_memory: true };
const SMALL: Case = Case { files: 400, size: 20_000, latency: 50, ..LARGE };
const CASES: [Case; 5] = [
    LARGE,
    Case { in_memory: false, ..LARGE },
    SMALL,
    Case { jobs: 16, ..SMALL },
    Case { jobs: 16, in_memory: false, ..SMALL },
];

pub async fn measure(runs: &Runs) -> Result<Table> {
    let mut rows = Vec::new();
    for case in CASES {
        let samples = samples(runs, case).await?;
        let rate = |downloader| {
            let seconds = samples.get(&downloader)?.iter().map(|sample| sample.seconds);
            Some(case.files as f64 / median(seconds)?)
        };
        let base = match case.latency {
            0 => rate(Downloader::Curl).unwrap_or_default(),
            latency => case.jobs as f64 / (latency as f64 / 1000.0),
        };
        for downloader in Downloader::value_variants() {
            let samples = samples.get(downloader).map_or(&[][..], Vec::as_slice);
            rows.push(row(case, *downloader, rate(*downloader), base, samples));
        }
    }
    Ok(Table {
        title: "Downloads",
        name: String::new(),
        notes: NOTES,
        columns: &["", "of", "into", "jobs", "files/s", "CPU, s"],
        rows,
    })
}

async fn samples(runs: &Runs, case: Case) -> Result<HashMap<Downloader, Vec<Fetched>>> {
    let Case { files, size, latency, jobs, in_memory } = case;
    let mut samples: HashMap<_, Vec<_>> = HashMap::new();
    for _ in 0..runs.repeat {
        for downloader in Downloader::value_variants() {
            if !are_installed(downloader.programs()).await {
                continue;
            }
            let (server, downloader) = (runs.url.clone(), *downloader);
            let fetching = Fetching { server, downloader, files, size, latency, jobs, in_memory };
            samples.entry(downloader).or_default().push(fetching.sample().await?);
        }
    }
    Ok(samples)
}

fn row(
    case: Case,
    downloader: Downloader,
    rate: Option<f64>,
    base: f64,
    samples: &[Fetched],
) -> Vec<String> {
    let size = if case.size >= 1_000_000 { "4 MB" } else { "20 KB after 50 ms" };
    let rate = rate.map_or("not installed".to_owned(), |rate| ratio(rate, base, 0));
    let cpu = median(samples.iter().map(|sample| sample.cpu));
    vec![
        downloader.title().to_owned(),
        format!("{} × {size}", case.files),
        if case.in_memory { "memory" } else { "disk" }.to_owned(),
        case.jobs.to_string(),
        rate,
        cpu.map_or("–".to_owned(), |cpu| format!("{cpu:.1}")),
    ]
}

const NOTES: &str = "\
Files a second by wall time, and CPU time of the downloader; medians. In brackets: the ratio to curl, or where the
storage takes 50 ms to answer, to one file a job in that time. Ours hash each file (SHA-256), write it beside its
place, sync it and its folder, and only then rename it. The others do none of that, so for them a disk need not keep up;
two rows add it to curl and rclone. The file system in memory shows what is left of the difference without a disk. As in the
command, glibc is made to keep freed memory. The server has one thread on the same machine.";

//! The measurements, one after another. Repetitions are interleaved, so that other work on the machine
//! affects all modes alike.

use std::{collections::HashMap, path::PathBuf, process::Stdio};

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum as _};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use crate::{
    chart,
    clients::Job,
    consumer::Sample,
    figures::{Figures, LATENCY, Results, least, median},
    mode::Mode,
    report,
};

const FILES: u64 = crate::album::FILES as u64;

#[derive(Args)]
pub struct Options {
    /// Also write RESULTS.md and results.svg into this directory, unless `--modes` or `--quick` is given
    #[arg(long)]
    out: Option<PathBuf>,
    /// Number of repetitions of each measurement
    #[arg(long, default_value_t = 3)]
    repeat: usize,
    /// Measure only these modes
    #[arg(long, value_delimiter = ',')]
    modes: Vec<Mode>,
    /// Skip the measurements that take minutes: latency and a million files
    #[arg(long)]
    quick: bool,
}

pub async fn all(options: &Options) -> Result<()> {
    let (_server, url) = start().await?;
    let results = Runs { options, url }.results().await?;
    let table = report::table(&results);
    println!("{table}");
    let is_whole = options.modes.is_empty() && !options.quick;
    if let Some(directory) = options.out.as_ref().filter(|_| is_whole) {
        std::fs::write(directory.join("RESULTS.md"), table)?;
        std::fs::write(directory.join("results.svg"), chart::svg(&results))?;
    }
    Ok(())
}

async fn start() -> Result<(Child, String)> {
    let mut server = Command::new(std::env::current_exe()?);
    let mut server = server.arg("serve").stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
    let mut url = String::new();
    let output = server.stdout.as_mut().context("the server has no stdout")?;
    BufReader::new(output).read_line(&mut url).await?;
    Ok((server, url.trim().to_owned()))
}

struct Runs<'a> {
    options: &'a Options,
    url: String,
}

type Samples = HashMap<&'static str, Vec<Sample>>;

impl Runs<'_> {
    async fn results(&self) -> Result<Results> {
        let mut rows: Vec<_> = self.modes().into_iter().map(|m| (m, Figures::default())).collect();
        self.cost(&mut rows).await?;
        if !self.options.quick {
            self.waits(&mut rows).await?;
            self.memory(&mut rows).await?;
        }
        let ten = Job { take: 10, ..self.job(Mode::Default, 1_000) };
        let plain = self.job(Mode::Default, FILES);
        let gzip = Job { gzip: true, ..plain.clone() };
        Ok(Results {
            rows,
            requests_of_ten: self.counted(&ten).await?.0,
            requests_of_thousand: self.counted(&self.job(Mode::Lazy, 1_000)).await?.0,
            bytes: (self.counted(&plain).await?.1, self.counted(&gzip).await?.1),
        })
    }

    fn modes(&self) -> Vec<Mode> {
        match &self.options.modes[..] {
            [] => Mode::value_variants().to_vec(),
            modes => modes.to_vec(),
        }
    }

    fn job(&self, mode: Mode, files: u64) -> Job {
        Job::new(&self.url, mode, files)
    }

    /// Start-up costs the same for both lengths, so the difference excludes it.
    async fn cost(&self, rows: &mut [(Mode, Figures)]) -> Result<()> {
        let (few, many) = (1_000, 5_000);
        let mut counts: HashMap<&str, [Vec<u64>; 2]> = HashMap::new();
        for _ in 0..self.options.repeat {
            for (mode, _) in &*rows {
                let [of_few, of_many] = counts.entry(mode.name()).or_default();
                of_few.extend(self.job(*mode, few).instructions().await?);
                of_many.extend(self.job(*mode, many).instructions().await?);
            }
        }
        let samples = self.samples(rows, |mode| self.job(mode, FILES)).await?;
        for (mode, row) in rows {
            let both = counts.remove(mode.name()).map(|counts| counts.map(median));
            if let Some([Some(of_few), Some(of_many)]) = both {
                row.instructions = Some((of_many as f64 - of_few as f64) / (many - few) as f64);
            }
            let samples = &samples[mode.name()];
            row.rate = 1.0 / least(samples.iter().map(|s| s.seconds / s.items as f64));
            row.allocations = least(samples.iter().map(|s| s.allocations as f64 / s.items as f64));
        }
        Ok(())
    }

    async fn waits(&self, rows: &mut [(Mode, Figures)]) -> Result<()> {
        let (pages, work) = (40, LATENCY);
        let job = |mode| Job { latency: LATENCY, ..self.job(mode, FILES) };
        let worked = |mode, work| Job { work, files: pages * 100, ..job(mode) };
        let even = self.samples(rows, |mode| worked(mode, work)).await?;
        let double = self.samples(rows, |mode| worked(mode, 2 * work)).await?;
        let album = self.samples(rows, job).await?;
        let page =
            |samples: &[Sample]| least(samples.iter().map(|s| s.seconds * 1000.0 / pages as f64));
        for (mode, row) in rows {
            (row.even, row.double) = (page(&even[mode.name()]), page(&double[mode.name()]));
            row.album = least(album[mode.name()].iter().map(|s| s.seconds));
            row.first = least(album[mode.name()].iter().map(|s| s.first));
        }
        Ok(())
    }

    /// Only of comparable modes: the other alternatives use the hand-written loop, and `unordered()`
    /// remembers each file.
    async fn memory(&self, rows: &mut [(Mode, Figures)]) -> Result<()> {
        let compared = [Mode::HandWritten, Mode::Lazy, Mode::Default, Mode::Eager];
        for (mode, row) in rows.iter_mut().filter(|(mode, _)| compared.contains(mode)) {
            row.small = self.peak(*mode, 10_000).await?;
            row.large = self.peak(*mode, 1_000_000).await?;
        }
        Ok(())
    }

    async fn peak(&self, mode: Mode, files: u64) -> Result<Option<u64>> {
        let mut peaks = Vec::new();
        for _ in 0..self.options.repeat {
            peaks.extend(self.job(mode, files).sample().await?.peak);
        }
        Ok(median(peaks))
    }

    async fn samples(
        &self,
        rows: &[(Mode, Figures)],
        job: impl Fn(Mode) -> Job,
    ) -> Result<Samples> {
        let mut samples = Samples::new();
        for _ in 0..self.options.repeat {
            for (mode, _) in rows {
                samples.entry(mode.name()).or_default().push(job(*mode).sample().await?);
            }
        }
        Ok(samples)
    }

    /// The numbers of requests and bytes, counted by the server.
    async fn counted(&self, job: &Job) -> Result<(u64, u64)> {
        let counts = format!("{}/counts", self.url);
        reqwest::get(&counts).await?;
        job.sample().await?;
        Ok(reqwest::get(&counts).await?.json().await?)
    }
}

//! Runs the measurements. Repetitions are interleaved, so that other work on the machine affects all modes
//! alike.

use std::{collections::HashMap, path::PathBuf, process::Stdio};

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum as _};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use crate::{
    chart,
    job::{Job, Sample},
    mode::Mode,
    parts::{Part, Waits},
    server::Counts,
};

/// The number of files that the server has, and of an album unless said otherwise.
pub const FILES: u64 = crate::album::FILES as u64;

#[derive(Args)]
pub struct Options {
    /// Also write RESULTS.md and results.svg into this directory, if everything is measured
    #[arg(long)]
    out: Option<PathBuf>,
    /// Number of repetitions of each measurement
    #[arg(long, default_value_t = 3)]
    repeat: usize,
    /// Measure only these modes
    #[arg(long, value_delimiter = ',')]
    modes: Vec<Mode>,
    /// Measure only these tables
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
}

const HEAD: &str = "\
# Comparison with the alternatives

Written by `cargo xtask bench`; the command of a table measures it again. All modes receive the same bytes from one
loopback server, in one run; each measurement is a single-threaded process of its own. The alternatives' paginators use
the fetch and decode of the hand-written loop, so any difference is their own cost. Azure's generated code decodes each
page twice, also here. In brackets: the ratio to the hand-written loop.
";

pub async fn all(options: &Options) -> Result<()> {
    let (_server, url) = start().await?;
    let runs = Runs { options, url, http: reqwest::Client::new() };
    let (mut text, mut waits) = (HEAD.to_owned(), Waits::new());
    for part in options.parts() {
        let section = part.measure(&runs, &mut waits).await?.to_string();
        println!("{section}");
        text += &section;
    }
    if let Some(directory) = options.out.as_ref().filter(|_| options.is_whole()) {
        std::fs::write(directory.join("RESULTS.md"), text)?;
        std::fs::write(directory.join("results.svg"), chart::svg(&waits))?;
    }
    Ok(())
}

impl Options {
    fn parts(&self) -> Vec<Part> {
        if self.only.is_empty() { Part::value_variants().to_vec() } else { self.only.clone() }
    }

    fn is_whole(&self) -> bool {
        self.modes.is_empty() && self.only.is_empty()
    }
}

async fn start() -> Result<(Child, String)> {
    let mut server = Command::new(std::env::current_exe()?);
    let mut server = server.arg("serve").stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
    let mut url = String::new();
    let output = server.stdout.as_mut().context("the server has no stdout")?;
    BufReader::new(output).read_line(&mut url).await?;
    Ok((server, url.trim().to_owned()))
}

/// The samples of each mode.
pub type Samples = HashMap<&'static str, Vec<Sample>>;

pub struct Runs<'a> {
    options: &'a Options,
    url: String,
    http: reqwest::Client,
}

impl Runs<'_> {
    pub fn repeat(&self) -> usize {
        self.options.repeat
    }

    pub fn modes(&self) -> Vec<Mode> {
        match &self.options.modes[..] {
            [] => Mode::value_variants().to_vec(),
            modes => modes.to_vec(),
        }
    }

    pub fn compared(&self) -> Vec<Mode> {
        self.modes().into_iter().filter(|mode| Mode::COMPARED.contains(mode)).collect()
    }

    pub fn job(&self, mode: Mode, files: u64) -> Job {
        Job::new(&self.url, mode, files)
    }

    pub async fn samples(&self, modes: &[Mode], job: impl Fn(Mode) -> Job) -> Result<Samples> {
        let mut samples = Samples::new();
        for _ in 0..self.repeat() {
            for mode in modes {
                samples.entry(mode.name()).or_default().push(job(*mode).sample().await?);
            }
        }
        Ok(samples)
    }

    /// Also what the server counted.
    pub async fn counted(&self, job: &Job) -> Result<(Sample, Counts)> {
        self.counts().await?;
        Ok((job.sample().await?, self.counts().await?))
    }

    async fn counts(&self) -> Result<Counts> {
        Ok(self.http.get(format!("{}/counts", self.url)).send().await?.json().await?)
    }
}

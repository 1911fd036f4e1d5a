//! One measurement, in its own process.

use std::process::{ExitStatus, Output};

use anyhow::{Context as _, Result, ensure};
use clap::{Args, ValueEnum};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde::{Deserialize, Serialize};
use tokio::process::Command;

use crate::{
    consumer::Consumer,
    meter::{Usage, peak_memory},
    mode::Mode,
    service::Service,
};

#[derive(Args, Clone)]
pub struct Job {
    #[arg(long)]
    pub server: String,
    #[arg(long)]
    pub mode: Mode,
    /// Files of an album
    #[arg(long)]
    pub files: u64,
    #[arg(long, default_value = "plain")]
    pub fixture: Fixture,
    /// Latency of each page, in milliseconds
    #[arg(long, default_value_t = 0)]
    pub latency: u64,
    /// The consumer's work on each page, in milliseconds
    #[arg(long, default_value_t = 0)]
    pub work: u64,
    /// Stop after this many files of an album
    #[arg(long, default_value_t = u64::MAX)]
    pub take: u64,
    /// List this many albums
    #[arg(long, default_value_t = 1)]
    pub albums: u64,
    /// List this many albums at the same time
    #[arg(long, default_value_t = 1)]
    pub at_once: u64,
    /// Keep every file in memory
    #[arg(long)]
    pub keep: bool,
    /// Use `koodrive` with a session whose tokens are refreshed every few seconds
    #[arg(long)]
    pub session: bool,
}

/// What the pages hold, and how they travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Fixture {
    /// Every field, without an escape
    Plain,
    /// Chinese names, escapes, and files that lack fields
    Real,
    /// The plain pages, compressed
    Gzip,
}

/// The cost of one job.
#[derive(Serialize, Deserialize)]
pub struct Sample {
    pub items: u64,
    pub seconds: f64,
    /// Seconds until the first file of the last album that finished.
    pub first: f64,
    /// Seconds of user CPU time.
    pub user: f64,
    pub allocations: u64,
    /// Bytes that are still allocated at the end, and those of the kept files themselves.
    pub held: i64,
    /// Peak memory of the whole process, in KiB.
    pub peak: Option<u64>,
}

impl Job {
    pub fn new(server: &str, mode: Mode, files: u64) -> Self {
        let server = server.to_owned();
        let (fixture, take, albums, at_once) = (Fixture::Plain, u64::MAX, 1, 1);
        let (latency, work, keep, session) = (0, 0, false, false);
        Self { server, mode, files, fixture, latency, work, take, albums, at_once, keep, session }
    }

    pub async fn run(self) -> Result<()> {
        let start = Usage::now()?;
        let service = Service::new(&self.server, self.session)?;
        let job = &self;
        let listings = stream::iter(0..self.albums).map(|number| job.list(&service, number));
        let mut listings = listings.buffer_unordered(usize::try_from(self.at_once)?);
        let (mut items, mut kept, mut first) = (0, 0, None);
        while let Some(consumer) = listings.try_next().await? {
            items += consumer.items;
            kept += consumer.kept;
            first = consumer.first;
        }
        let (seconds, end) = (start.elapsed().as_secs_f64(), Usage::now()?);
        let sample = Sample {
            items,
            seconds,
            first: first.unwrap_or_default().as_secs_f64(),
            user: (end.user - start.user).as_secs_f64(),
            allocations: end.allocations - start.allocations,
            held: (end.live + kept) as i64 - start.live as i64,
            peak: peak_memory(),
        };
        ensure!(items == self.albums * self.files.min(self.take), "received {items} files");
        println!("{}", serde_json::to_string(&sample)?);
        Ok(())
    }

    async fn list(&self, service: &Service, number: u64) -> Result<Consumer> {
        let mut consumer = Consumer::new(self);
        self.mode.list(service, &self.album(number)?, &mut consumer).await?;
        Ok(consumer)
    }

    /// An id, from which the server reads what the album is like.
    fn album(&self, number: u64) -> Result<String> {
        Ok(format!("{}.{}.{}.{number}", self.files, self.latency, name(self.fixture)?))
    }

    /// Runs the job in another process.
    pub async fn sample(&self) -> Result<Sample> {
        let output = self.output(Command::new(std::env::current_exe()?)).await?;
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// Runs the job in another process under callgrind and counts the instructions. `None` without
    /// valgrind.
    pub async fn instructions(&self) -> Result<Option<u64>> {
        let mut command = Command::new("valgrind");
        command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
        command.arg(std::env::current_exe()?);
        if Command::new("valgrind").arg("--version").output().await.is_err() {
            return Ok(None);
        }
        let output = self.output(command).await?;
        let text = String::from_utf8_lossy(&output.stderr);
        let count = text.lines().find_map(|line| line.split_once("Collected : "));
        Ok(Some(count.context("callgrind counted nothing")?.1.trim().parse()?))
    }

    async fn output(&self, mut command: Command) -> Result<Output> {
        command.args(["client", "--server", &self.server, "--mode", &name(self.mode)?]);
        command.args(["--fixture", &name(self.fixture)?]);
        for (option, value) in [
            ("--files", self.files),
            ("--latency", self.latency),
            ("--work", self.work),
            ("--take", self.take),
            ("--albums", self.albums),
            ("--at-once", self.at_once),
        ] {
            command.args([option, &value.to_string()]);
        }
        command.args(self.keep.then_some("--keep"));
        command.args(self.session.then_some("--session"));
        let output = command.kill_on_drop(true).output().await?;
        let text = || String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(ExitStatus::success(&output.status), "{:?}: {}", self.mode, text());
        Ok(output)
    }
}

/// A value as the command line spells it.
pub fn name(value: impl ValueEnum) -> Result<String> {
    Ok(value.to_possible_value().context("the value has no name")?.get_name().to_owned())
}

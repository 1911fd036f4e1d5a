//! One measurement, in its own process.

use std::{
    process::{ExitStatus, Output},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use clap::{Args, ValueEnum as _};
use tokio::process::Command;

use crate::{
    consumer::{Consumer, Sample},
    mode::Mode,
};

#[derive(Args, Clone)]
pub struct Job {
    #[arg(long)]
    pub server: String,
    #[arg(long)]
    pub mode: Mode,
    #[arg(long)]
    pub files: u64,
    /// Latency of each page, in milliseconds
    #[arg(long, default_value_t = 0)]
    pub latency: u64,
    /// The consumer's work on each page, in milliseconds
    #[arg(long, default_value_t = 0)]
    pub work: u64,
    /// Stop after this many files
    #[arg(long, default_value_t = u64::MAX)]
    pub take: u64,
    /// Request compressed pages
    #[arg(long)]
    pub gzip: bool,
}

impl Job {
    pub fn new(server: &str, mode: Mode, files: u64) -> Self {
        let server = server.to_owned();
        Self { server, mode, files, latency: 0, work: 0, take: u64::MAX, gzip: false }
    }

    pub async fn run(self) -> Result<()> {
        let gzip = if self.gzip { ".gzip" } else { "" };
        let album = format!("{}.{}{gzip}", self.files, self.latency);
        let mut consumer = Consumer::new(Duration::from_millis(self.work), self.take);
        self.mode.list(&self.server, &album, &mut consumer).await?;
        let sample = consumer.sample();
        ensure!(sample.items == self.files.min(self.take), "received {} files", sample.items);
        println!("{}", serde_json::to_string(&sample)?);
        Ok(())
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
        let mode = self.mode.to_possible_value().context("the mode has no name")?;
        command.args(["client", "--server", &self.server, "--mode", mode.get_name()]);
        for (name, value) in [
            ("--files", self.files),
            ("--latency", self.latency),
            ("--work", self.work),
            ("--take", self.take),
        ] {
            command.args([name, &value.to_string()]);
        }
        command.args(self.gzip.then_some("--gzip"));
        let output = command.kill_on_drop(true).output().await?;
        let text = || String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(ExitStatus::success(&output.status), "{mode:?}: {}", text());
        Ok(output)
    }
}

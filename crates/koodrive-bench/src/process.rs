//! Runs a measurement in a process of its own, so that none affects the next.

use std::{ffi::OsStr, process::Output};

use anyhow::{Context as _, Result, ensure};
use serde::{Serialize, de::DeserializeOwned};
use tokio::process::Command;

/// `task` is a subcommand that takes `job` as JSON and prints what it measured.
pub async fn measure<T: DeserializeOwned>(task: &str, job: &impl Serialize) -> Result<T> {
    let output = output(Command::new(std::env::current_exe()?), task, job).await?;
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Counts the instructions of `task` with callgrind. `None` without valgrind.
pub async fn instructions(task: &str, job: &impl Serialize) -> Result<Option<u64>> {
    if !is_installed("valgrind").await {
        return Ok(None);
    }
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    // Callgrind counts one instruction for a copy of 32 bytes, but 32 if it is done by `rep movsb`.
    command.env("GLIBC_TUNABLES", "glibc.cpu.x86_rep_movsb_threshold=100000000");
    command.arg(std::env::current_exe()?);
    let output = output(command, task, job).await?;
    let text = String::from_utf8_lossy(&output.stderr);
    let count = text.lines().find_map(|line| line.split_once("Collected : "));
    Ok(Some(count.context("callgrind counted nothing")?.1.trim().parse()?))
}

pub async fn are_installed(tools: &[&str]) -> bool {
    for tool in tools {
        if !is_installed(tool).await {
            return false;
        }
    }
    true
}

async fn is_installed(tool: impl AsRef<OsStr>) -> bool {
    Command::new(tool).arg("--version").output().await.is_ok()
}

async fn output(mut command: Command, task: &str, job: &impl Serialize) -> Result<Output> {
    let job = serde_json::to_string(job)?;
    let output = command.args([task, &job]).kill_on_drop(true).output().await?;
    let text = || String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "{task} {job}: {}", text());
    Ok(output)
}

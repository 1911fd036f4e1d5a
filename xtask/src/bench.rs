//! The benchmark against the alternatives, which is a workspace of its own.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};

/// Prints the table, and writes it and its chart to crates/koodrive-bench. Passes `arguments` on.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let mut cargo = cargo("run", "target/bench");
    cargo.args(["--quiet", "--release", "--"]).arg("--out").arg(directory());
    succeed(cargo.args(arguments))
}

/// Times private parts one by one. Passes `arguments` to Criterion.
pub(crate) fn micro(arguments: &[String]) -> Result<()> {
    let mut cargo = cargo("bench", "target/micro");
    cargo.env("RUSTFLAGS", "--cfg koodrive_bench").args(["--quiet", "--bench", "micro", "--"]);
    succeed(cargo.args(arguments))
}

/// Runs in the benchmark's folder, where the tool files of the repository do not apply.
fn cargo(command: &str, target: &str) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(directory()).args([command, "--locked", "--target-dir"]);
    cargo.arg(root().join(target));
    cargo
}

fn succeed(cargo: &mut Command) -> Result<()> {
    let status = cargo.status().context("cannot run cargo")?;
    ensure!(status.success(), "the benchmark failed");
    Ok(())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn directory() -> PathBuf {
    root().join("crates/koodrive-bench")
}

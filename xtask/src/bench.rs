//! The benchmark beside the alternatives, which is a workspace of its own.

use std::{path::Path, process::Command};

use anyhow::{Context as _, Result, ensure};

const DIRECTORY: &str = "crates/koodrive-bench";

/// Prints its table, and writes it and its chart beside it. `arguments` go to it as they are.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let directory = root.join(DIRECTORY);
    let mut cargo = Command::new(env!("CARGO"));
    // There, so that the repository's own tool files do not count.
    cargo.current_dir(&directory).args(["run", "--quiet", "--release", "--locked", "--target-dir"]);
    cargo.arg(root.join("target/bench")).arg("--").arg("--out").arg(&directory).args(arguments);
    let status = cargo.status().context("cargo could not be started")?;
    ensure!(status.success(), "the benchmark failed");
    Ok(())
}

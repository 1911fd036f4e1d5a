//! The whole of RESULTS.md and its chart.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum as _};

use crate::{
    listers::Lister,
    measurements::{Measurement, waits},
    print::chart,
    runs::Runs,
};

#[derive(Args)]
pub struct Options {
    /// Also write RESULTS.md and results.svg into this directory, if everything is measured
    #[arg(long)]
    out: Option<PathBuf>,
    /// Number of repetitions of each measurement
    #[arg(long, default_value_t = 3)]
    repeat: usize,
    /// Measure only these listers
    #[arg(long, value_delimiter = ',')]
    listers: Vec<Lister>,
    /// Measure only these tables
    #[arg(long, value_delimiter = ',')]
    only: Vec<Measurement>,
}

const HEAD: &str = "\
# Comparison with the alternatives

Written by `cargo xtask bench`; the command of a table measures it again. All receive the same bytes from one loopback
server, in one run; each measurement is a process of its own, which lists in a single thread. The paginators of AWS,
Azure and Google use the fetch and decode of the hand-written loop, so any difference is their own cost. Azure's
generated code decodes each page twice, also here. In brackets: the ratio to the hand-written loop.
";

pub async fn print(options: &Options) -> Result<()> {
    let runs = Runs::start(options.repeat, &options.listers).await?;
    let (mut text, mut waits) = (format!("{HEAD}\n{}\n", machine()), Vec::new());
    for measurement in options.measurements() {
        let table = measurement.measure(&runs, &mut waits).await?.to_string();
        println!("{table}");
        text += &table;
    }
    if let Some(directory) = options.out.as_ref().filter(|_| options.is_whole()) {
        std::fs::write(directory.join("RESULTS.md"), text)?;
        let chart = chart::svg(waits::CHART, &waits::bars(&waits));
        std::fs::write(directory.join("results.svg"), chart)?;
    }
    Ok(())
}

impl Options {
    fn measurements(&self) -> &[Measurement] {
        if self.only.is_empty() { Measurement::value_variants() } else { &self.only }
    }

    fn is_whole(&self) -> bool {
        self.listers.is_empty() && self.only.is_empty()
    }
}

/// What the figures depend on.
fn machine() -> String {
    let processors = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("unknown", |model| model.trim_start_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("The machine: {cores} cores of {model}, {}.", std::env::consts::OS)
}

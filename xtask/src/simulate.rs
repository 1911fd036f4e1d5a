//! Long runs of the simulation in the tests of `koodrive`.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// What to simulate. The simulation has defaults for whatever is not set.
#[derive(clap::Args)]
pub(crate) struct Simulation {
    /// Number of runs, with seeds from 0 up [default: 1000 albums, 10000 outages, 100000 interrupted listings, 10000 sessions, 10000 unordered listings]
    #[arg(long)]
    seeds: Option<u64>,
    /// Run this seed only, and print all events
    #[arg(long, conflicts_with = "seeds")]
    seed: Option<u64>,
    /// Maximum number of pages of an album [default: 1000]
    #[arg(long)]
    pages: Option<usize>,
    /// Fraction of requests with a fault [default: 0.001, then 0.01, then 0.1]
    #[arg(long)]
    rate: Option<f64>,
    /// What to run
    #[arg(long, value_enum, default_value_t)]
    only: Part,
}

/// Each part has the name of its module in the simulation.
#[derive(Clone, Copy, Debug, Default, PartialEq, clap::ValueEnum)]
enum Part {
    #[default]
    Figures,
    Outages,
    Properties,
    Sessions,
    Unordered,
}

pub(crate) fn run(simulation: &Simulation) -> Result<()> {
    let is_one_run = simulation.seed.is_some();
    ensure!(!is_one_run || simulation.only == Part::Figures, "--seed needs --only figures");
    let test = format!("simulation::{:?}", simulation.only).to_lowercase();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["test", "--release", "--package", "koodrive", "--lib", "--", &test]);
    cargo.args(["--ignored", "--nocapture"]);
    for (name, value) in simulation.settings() {
        cargo.env(format!("KOODRIVE_SIMULATION_{name}"), value);
    }
    let status = cargo.status().context("cannot run cargo")?;
    ensure!(status.success(), "the simulation failed");
    Ok(())
}

impl Simulation {
    fn settings(&self) -> impl Iterator<Item = (&'static str, String)> {
        let trace = self.seed.map(|_| "1".to_owned());
        [
            ("SEEDS", self.seeds.map(|seeds| seeds.to_string())),
            ("SEED", self.seed.map(|seed| seed.to_string())),
            ("PAGES", self.pages.map(|pages| pages.to_string())),
            ("RATE", self.rate.map(|rate| rate.to_string())),
            ("TRACE", trace),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }
}

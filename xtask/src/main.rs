//! Repository tasks: `cargo xtask codegen [--check]`, `cargo xtask simulate`,
//! `cargo xtask bench`.

mod bench;
mod codegen;
mod document;
mod fields;
mod files;
#[cfg(test)]
mod floors;
mod simulate;

use std::process::ExitCode;

use clap::Parser;

/// Tasks of this repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Regenerate the low-level client from openapi/koodrive.yaml
    Codegen {
        /// Write nothing; fail with a diff if the generated file is stale
        #[arg(long)]
        check: bool,
    },
    /// Simulate the whole client against a model of the service, with seeded faults
    Simulate(simulate::Simulation),
    /// Compare with the alternatives; write crates/koodrive-bench/RESULTS.md and its chart
    Bench {
        /// Time the parts of an attempt one by one with Criterion instead
        #[arg(long)]
        micro: bool,
        /// Arguments of the benchmark (`--repeat 1`, `--only cost`, `--help`) or of Criterion
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

#[allow(clippy::print_stderr, reason = "a command prints its errors")]
fn main() -> ExitCode {
    let outcome = match Task::parse() {
        Task::Codegen { check } => codegen::run(check.into()),
        Task::Simulate(simulation) => simulate::run(&simulation),
        Task::Bench { micro: true, arguments } => bench::micro(&arguments),
        Task::Bench { micro: false, arguments } => bench::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

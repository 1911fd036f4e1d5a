//! Repository tasks: `cargo xtask codegen [--check]`.

mod codegen;
mod document;
mod files;

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
}

#[allow(clippy::print_stderr, reason = "a command talks to its user")]
fn main() -> ExitCode {
    let outcome = match Task::parse() {
        Task::Codegen { check } => codegen::run(check.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

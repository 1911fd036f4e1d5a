//! Compares `koodrive` with the alternatives, over the same bytes, in one run: `cargo xtask bench`.
//!
//! This binary runs as three processes: the server, the client of one measurement, and the driver that
//! starts both.

mod album;
mod alternatives;
mod bare;
mod chart;
mod clients;
mod consumer;
mod figures;
mod hand_written;
mod meter;
mod mode;
mod ours;
mod report;
mod runs;
mod server;

use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    task: Option<Task>,
    #[command(flatten)]
    options: runs::Options,
}

#[derive(Subcommand)]
enum Task {
    /// Serve albums on a loopback port and print its URL
    Serve,
    /// List one album and print the cost
    Client(clients::Job),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    match arguments.task {
        Some(Task::Serve) => server::serve().await,
        Some(Task::Client(job)) => job.run().await,
        None => runs::all(&arguments.options).await,
    }
}

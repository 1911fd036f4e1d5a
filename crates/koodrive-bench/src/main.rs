//! Compares `koodrive` with the alternatives, over the same bytes, in one run: `cargo xtask bench`.
//!
//! - `measurements`: what is measured, one file a table
//! - `listers`, `downloaders`: who is measured, one file each
//! - `print`: how it is printed
//!
//! This binary runs as three processes: the server, the client of one measurement, and the driver that
//! starts both.

mod account;
mod consumer;
mod downloaders;
mod fetching;
mod fixture;
mod listers;
mod listing;
mod measurements;
mod meter;
mod print;
mod process;
mod report;
mod runs;
mod server;

use anyhow::Result;
use clap::{Parser, Subcommand};
use tokio::runtime::Builder;

use crate::{fetching::Fetching, listing::Listing};

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    task: Option<Task>,
    #[command(flatten)]
    options: report::Options,
}

#[derive(Subcommand)]
enum Task {
    /// Serve albums and their files on a loopback port and print its URL
    Serve,
    /// List albums and print the cost
    List {
        /// A `Listing` as JSON
        listing: String,
    },
    /// Download files and print the cost
    Fetch {
        /// A `Fetching` as JSON
        fetching: String,
    },
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let one_thread = || Builder::new_current_thread().enable_all().build();
    match arguments.task {
        Some(Task::Serve) => one_thread()?.block_on(server::serve()),
        Some(Task::List { listing }) => {
            let listing: Listing = serde_json::from_str(&listing)?;
            print(&one_thread()?.block_on(listing.run())?)
        }
        Some(Task::Fetch { fetching }) => {
            let fetching: Fetching = serde_json::from_str(&fetching)?;
            print(&Builder::new_multi_thread().enable_all().build()?.block_on(fetching.run())?)
        }
        None => one_thread()?.block_on(report::print(&arguments.options)),
    }
}

fn print(cost: &impl serde::Serialize) -> Result<()> {
    println!("{}", serde_json::to_string(cost)?);
    Ok(())
}

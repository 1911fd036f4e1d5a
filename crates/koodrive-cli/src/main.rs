//! The `koodrive` command: albums of KooDrive on the command line.
//!
//! Data flows one way: arguments → choices → stream → layout → sink → state. This file only tells the
//! commands apart, and turns how one ended into an exit code.

mod account;
mod args;
mod choices;
mod column;
mod config;
mod demo;
mod documents;
mod exit;
mod failure;
mod formats;
mod kind;
mod layout;
mod list;
mod pipe;
mod progress;
mod since;
mod sink;
mod state;
mod stop;
mod summary;
mod text;
mod token;

use std::process::ExitCode;

use clap::Parser as _;

use crate::{
    args::{Args, Command},
    exit::Exit,
};

#[tokio::main]
async fn main() -> ExitCode {
    let exit = run(Args::parse().command).await;
    exit.unwrap_or_else(|error| failure::report(&error)).into()
}

async fn run(command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::List(args) => list::run(*args).await,
        Command::Summary(args) => summary::run(args).await,
        Command::Demo(args) => demo::run(args).await,
        Command::Completions { shell } => documents::completions(shell),
        Command::Man { command } => documents::man(command.as_deref()),
    }
}

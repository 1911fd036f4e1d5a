//! The `koodrive` command: KooDrive albums on the command line.
//!
//! Data flows one way: arguments → options → stream → layout → sink → state. This file only dispatches to
//! the subcommands and sets the exit code.

mod account;
mod album;
mod album_lookup;
mod albums;
mod args;
mod choices;
mod column;
mod config;
mod demo;
mod detached;
mod doctor;
mod documents;
mod exit;
mod file_lock;
mod filter;
mod foreign_options;
mod formats;
mod gallery;
mod get;
mod glyphs;
mod layout;
mod list;
mod login;
mod memory;
mod options;
mod paths;
mod patience;
mod pipe;
mod private_file;
mod progress;
mod prompt;
mod reader;
mod report;
mod resume_token;
mod service;
mod session_file;
mod since;
mod sink;
mod size;
mod state;
mod stop_signal;
mod summary;
mod sync;
mod text;
mod trace;
mod type_filter;
mod verify;

use std::process::ExitCode;

use crate::{
    args::{Args, Command},
    exit::Exit,
};

#[tokio::main]
async fn main() -> ExitCode {
    memory::keep_freed();
    let exit = run(foreign_options::parse()).await;
    exit.unwrap_or_else(|error| report::error(&error)).into()
}

async fn run(Args { command, everywhere }: Args) -> anyhow::Result<Exit> {
    config::choose(everywhere);
    trace::install(config::chosen())?;
    match command {
        Command::Albums(args) => albums::run(args).await,
        Command::List(args) => list::run(*args).await,
        Command::Get(args) => get::run(*args).await,
        Command::Sync(args) => sync::run(*args).await,
        Command::Verify(args) => verify::run(args).await,
        Command::Gallery(args) => gallery::run(args),
        Command::Summary(args) => summary::run(*args).await,
        Command::Login(args) => login::run(args).await,
        Command::Logout => login::end().await,
        Command::Doctor(args) => doctor::run(args).await,
        Command::Demo(args) => demo::run(args).await,
        Command::Completions { shell } => documents::completions(shell),
        Command::Man { command } => documents::man(command.as_deref()),
    }
}

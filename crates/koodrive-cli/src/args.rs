//! The command-line arguments, for clap. Defaults that depend on the environment are set elsewhere.

mod account;
mod copying;
mod listing;
mod shared;

use std::{num::NonZeroU32, path::PathBuf, time::Duration};

use clap::{Parser, Subcommand};
use clap_complete::Shell;

pub(crate) use self::{
    account::{DemoArgs, DoctorArgs, LoginArgs},
    copying::{GalleryArgs, GetArgs, SyncArgs, VerifyArgs},
    listing::{AlbumsArgs, ListArgs, SummaryArgs},
    shared::{AlbumArgs, ServiceArgs},
};
use crate::{
    config::parse_profile,
    patience::{parse_attempts, parse_timeout},
};

/// Find, list and copy albums of KooDrive, Huawei Cloud's file service.
#[derive(Parser)]
#[command(name = "koodrive", version, propagate_version = true, max_term_width = 100, after_long_help = include_str!("help/account.txt"))]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,

    #[command(flatten)]
    pub(crate) everywhere: GlobalArgs,
}

/// Options of every command.
#[derive(clap::Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    /// Use this profile's account [default: KOODRIVE_PROFILE]
    #[arg(long, global = true, value_name = "NAME", value_parser = parse_profile)]
    pub(crate) profile: Option<String>,

    /// Time limit of each attempt at a request: seconds, or 90s, 2m [default: KOODRIVE_TIMEOUT, or 30s]
    #[arg(long, global = true, value_name = "TIME", allow_negative_numbers = true, value_parser = parse_timeout)]
    pub(crate) timeout: Option<Duration>,

    /// Attempts at each request in all [default: KOODRIVE_MAX_ATTEMPTS, or retry for about 20 s]
    #[arg(long, global = true, value_name = "N", allow_negative_numbers = true, value_parser = parse_attempts)]
    pub(crate) max_attempts: Option<NonZeroU32>,

    /// Print each request, retry, wait and token refresh on standard error, in place of progress
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,

    /// Append the same to this file, as lines of JSON; only its owner can read it
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    Albums(AlbumsArgs),
    List(Box<ListArgs>),
    Get(Box<GetArgs>),
    Sync(Box<SyncArgs>),
    Verify(VerifyArgs),
    Gallery(GalleryArgs),
    Summary(Box<SummaryArgs>),
    Login(LoginArgs),
    /// End the session of `koodrive login`, at the service and here
    Logout,
    Doctor(DoctorArgs),
    Demo(DemoArgs),
    /// Generate shell completions
    #[command(
        after_long_help = "Example:\n  koodrive completions bash \\\n    > ~/.local/share/bash-completion/completions/koodrive"
    )]
    Completions {
        /// Shell to generate completions for
        shell: Shell,
    },
    /// Print the manual page of this command or of a subcommand
    #[command(
        after_long_help = "Examples:\n  koodrive man | man -l -\n  koodrive man list > koodrive-list.1"
    )]
    Man {
        /// Subcommand; if omitted, the command itself
        command: Option<String>,
    },
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn texts_after_the_options_fit_80_columns_so_that_no_example_is_broken() {
        let mut command = Args::command();
        command.build();
        for command in command.get_subcommands().chain([&command]) {
            let text = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
            for line in text.lines() {
                assert!(console::measure_text_width(line) <= 80, "{}: {line}", command.get_name());
            }
        }
    }
}

//! The command-line arguments, for clap. Defaults that depend on the environment are set elsewhere.

mod account;
mod copying;
mod listing;
mod shared;

use clap::{Parser, Subcommand};
use clap_complete::Shell;

pub(crate) use self::{
    account::{DemoArgs, DoctorArgs, LoginArgs},
    copying::{GalleryArgs, GetArgs, SyncArgs, VerifyArgs},
    listing::{AlbumsArgs, ListArgs, SummaryArgs},
    shared::{AlbumArgs, ServiceArgs},
};
use crate::config::Everywhere;

/// Find, list and copy albums of KooDrive, Huawei Cloud's file service.
#[derive(Parser)]
#[command(name = "koodrive", version, propagate_version = true, max_term_width = 100, after_long_help = include_str!("help/account.txt"))]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,

    #[command(flatten)]
    pub(crate) everywhere: Everywhere,
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

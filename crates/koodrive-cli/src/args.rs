//! What can be asked of the command, in clap's terms. No defaults here that depend on anything outside.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use koodrive::{SortDirection, SortType};
use serde::{Deserialize, Serialize};

use crate::{column::Column, since::Since, type_filter::TypeFilter};

/// Lists and sums up the albums of KooDrive, Huawei Cloud's file service.
#[derive(Parser)]
#[command(name = "koodrive", version, propagate_version = true, after_long_help = ACCOUNT)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    List(Box<ListArgs>),
    Summary(SummaryArgs),
    Demo(DemoArgs),
    /// Print what makes a shell complete the arguments of this command
    #[command(
        after_long_help = "Example:\n  koodrive completions bash > ~/.local/share/bash-completion/completions/koodrive"
    )]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page, of this command or of one of its subcommands
    #[command(
        after_long_help = "Examples:\n  koodrive man | man -l -\n  koodrive man list > koodrive-list.1"
    )]
    Man {
        /// The subcommand
        command: Option<String>,
    },
}

/// Which album, and how much to say about it.
#[derive(clap::Args)]
pub(crate) struct AlbumArgs {
    /// Id of the album; unless given, KOODRIVE_ALBUM_ID, or album_id of the configuration file
    pub(crate) album: Option<String>,

    /// Use a built-in album of FILES files (1000 unless given) instead of an account
    #[arg(
        long,
        value_name = "FILES",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "1000",
        value_parser = clap::value_parser!(u64).range(0..=1_000_000_000),
    )]
    pub(crate) demo: Option<u64>,

    /// Show no progress
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// List the files of an album
///
/// Files are printed as they come, a page of a hundred at a time.
#[derive(clap::Args)]
#[command(after_long_help = LIST)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) album: AlbumArgs,

    /// How to print [default: table for a terminal, otherwise ndjson]
    #[arg(short, long)]
    pub(crate) format: Option<Format>,

    /// What to print of each file, in this order; in JSON, the keys
    #[arg(short, long, value_delimiter = ',', value_name = "COLUMN,…")]
    pub(crate) columns: Option<Vec<Column>>,

    /// Only files of these kinds
    #[arg(short, long = "type", value_delimiter = ',', value_name = "TYPE,…")]
    pub(crate) types: Option<Vec<TypeFilter>>,

    /// What to sort by [default: created, or taken in a collection album]
    #[arg(short, long, value_name = "TIME")]
    pub(crate) sort: Option<Sort>,

    /// Oldest first
    #[arg(long, conflicts_with = "desc")]
    pub(crate) asc: bool,

    /// Newest first, which is the default
    #[arg(long)]
    pub(crate) desc: bool,

    /// Only files that were edited since then, the latest first: a date, an instant, or a span (7d, "2 weeks")
    #[arg(long, value_name = "WHEN", conflicts_with_all = ["sort", "asc"])]
    pub(crate) since: Option<Since>,

    /// So many files and no more, those printed before a resume included
    #[arg(short = 'n', long, value_name = "FILES")]
    pub(crate) limit: Option<u64>,

    /// Write to this file instead of standard output; what it held is lost, unless the listing is resumed
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Keep in this file how far the listing got; if it exists, go on from there
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    pub(crate) state: Option<PathBuf>,

    /// Go on where an earlier listing stopped
    #[arg(long, value_name = "TOKEN")]
    pub(crate) resume: Option<String>,
}

/// Sum up an album: how many files and bytes, of which types, taken when, and the largest
#[derive(clap::Args)]
#[command(
    after_long_help = "Examples:\n  koodrive summary --demo\n  koodrive summary 1795607640592646273 --format json | jq .bytes"
)]
pub(crate) struct SummaryArgs {
    #[command(flatten)]
    pub(crate) album: AlbumArgs,

    /// How to print
    #[arg(short, long, default_value = "text")]
    pub(crate) format: SummaryFormat,
}

/// Serve the built-in album on this machine, for any client, until Ctrl-C
///
/// Prints the variables that point a client at it. The account is the server's own invention.
#[derive(clap::Args)]
#[command(
    after_long_help = "Example:\n  koodrive demo --port 8080 > demo.sh &\n  sleep 1; . ./demo.sh; koodrive list"
)]
pub(crate) struct DemoArgs {
    /// How many files the album has
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(0..=1_000_000_000))]
    pub(crate) files: u64,

    /// The port to listen on, at 127.0.0.1; 0 for one that is free
    #[arg(short, long, default_value_t = 0)]
    pub(crate) port: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Format {
    /// For a person
    Table,
    /// One array of the service's objects
    Json,
    /// One of the service's objects a line
    Ndjson,
    /// With a header; types are words, every other value is as it is
    Csv,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SummaryFormat {
    /// A page for a person
    Text,
    /// One object
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Sort {
    /// When the picture was taken (the vendor's shooting time)
    Taken,
    /// When the file was created
    Created,
    /// When it was last changed (the vendor's update time)
    Edited,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Direction {
    Asc,
    Desc,
}

impl From<Sort> for SortType {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Taken => Self::ShootingTime,
            Sort::Created => Self::CreationTime,
            Sort::Edited => Self::UpdateTime,
        }
    }
}

impl From<Direction> for SortDirection {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Asc => Self::Ascending,
            Direction::Desc => Self::Descending,
        }
    }
}

const ACCOUNT: &str = "\
The account comes from variables or from a file, never from an argument:
  KOODRIVE_USER_ID        the KooDrive id of the user
  KOODRIVE_ACCESS_TOKEN   an access token of the user; or else:
  KOODRIVE_APP_ID         the id of an app
  KOODRIVE_APP_SECRET     its secret
  KOODRIVE_ENDPOINT       the base URL, unless it is the international site
  KOODRIVE_ALBUM_ID       the album, where no argument names one
  KOODRIVE_CONFIG         the configuration file, if not koodrive/config.toml in ~/.config
                          (XDG_CONFIG_HOME; %APPDATA% on Windows)

The file has the same names in small letters, without KOODRIVE_: user_id = \"1765…\". A variable
beats it. If it holds a secret, nobody but its owner may be able to read it (chmod 600).

Exit codes:
  0    complete
  1    failed, or not complete
  2    the arguments cannot be used
  130  stopped by Ctrl-C
  143  stopped by SIGTERM

Without an account, try: koodrive list --demo";

const LIST: &str = "\
Examples:
  koodrive list --demo                                      a table
  koodrive list 1795607640592646273 --format csv > a.csv
  koodrive list --demo --columns name,size,taken --type image,video
  koodrive list --demo --format ndjson | jq -r .fileName
  koodrive list --demo --since 30d --format ndjson          what changed
  koodrive list --demo --state a.state --output a.ndjson    run again to go on

Stopping and going on:
  Ctrl-C, SIGTERM and errors stop after the file in hand and print the command that goes on. What it
  prints, appended to what was printed, is the whole, byte for byte.
  --state FILE keeps the place as the listing goes, so that it survives being killed. The file is also
  cut back to what is known to be in it, if --output names it, or if standard output was redirected
  with >>. (A pipe cannot be cut back: being killed may repeat up to a hundred files there.)
  Run again with the same --state; what was chosen before need not be repeated, and cannot be changed.
  A listing that is complete says so, and prints nothing again.

Formats:
  table   times in UTC; cells are cut to the width of their columns, but that off a terminal the last
          one is whole; control characters are made visible
  json    one array; one object a line
  ndjson  one object a line: the service's own, with URLs that give access to the file for an hour
  csv     types are words, and no other value is changed: a spreadsheet may take one that begins
          with = + - @ for a formula, so import such columns as text

Exit codes:
  0  complete    1  failed, or a file could not be read    2  usage    130  Ctrl-C    143  SIGTERM
  A reader that has enough (| head) is no error.";

//! The command-line arguments, for clap. Defaults that depend on the environment are set elsewhere.

use std::{num::NonZeroU32, path::PathBuf, time::Duration};

use clap::{Parser, Subcommand, builder::NonEmptyStringValueParser};
use clap_complete::Shell;
use jiff::Timestamp;
use koodrive_sync::MaxDelete;

use crate::{
    choices::{Format, Kind, SummaryFormat, TypeOfAlbum},
    column::album::AlbumColumn,
    config::{self, parse_profile},
    filter::Filter,
    options::ListOptions,
    patience::{parse_attempts, parse_timeout},
    report::UsageError,
    size::Size,
};

/// Find, list and copy albums of KooDrive, Huawei Cloud's file service.
#[derive(Parser)]
#[command(name = "koodrive", version, propagate_version = true, max_term_width = 100, after_long_help = ACCOUNT)]
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

    /// Attempts at a request in all [default: KOODRIVE_MAX_ATTEMPTS, or 7 and then for 20 s]
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

/// Options of every command that asks the service.
#[derive(clap::Args)]
pub(crate) struct ServiceArgs {
    /// Use built-in albums instead of an account; the first has FILES files (default 1000)
    #[arg(
        long,
        value_name = "FILES",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "1000",
        value_parser = number_of_files,
    )]
    pub(crate) demo: Option<u64>,

    /// Do not show progress
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// Options of every command on an album.
#[derive(clap::Args)]
pub(crate) struct AlbumArgs {
    /// Id or name of the album [default: KOODRIVE_ALBUM_ID, or album_id in the configuration file]
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub(crate) album: Option<String>,

    #[command(flatten)]
    pub(crate) service: ServiceArgs,
}

/// List the albums of the user: personal and shared ones
#[derive(clap::Args)]
#[command(
    after_long_help = "Examples:\n  koodrive albums --demo\n  koodrive albums --type manual --format csv --columns id,name"
)]
pub(crate) struct AlbumsArgs {
    #[command(flatten)]
    pub(crate) service: ServiceArgs,

    /// Output format [default: table on a terminal, otherwise ndjson]
    #[arg(short, long)]
    pub(crate) format: Option<Format>,

    /// Columns to print, in this order; in JSON, the keys
    #[arg(short, long, value_delimiter = ',', value_name = "COLUMN,...")]
    pub(crate) columns: Option<Vec<AlbumColumn>>,

    /// List only albums of this kind
    #[arg(short, long)]
    pub(crate) kind: Option<Kind>,

    /// List only albums of this type
    #[arg(short, long = "type", value_name = "TYPE")]
    pub(crate) album_type: Option<TypeOfAlbum>,

    /// List the albums of this family
    #[arg(short, long, value_name = "ID")]
    pub(crate) group: Option<String>,
}

/// List the files of an album
///
/// Files are printed as they arrive, up to a hundred at a time.
#[derive(clap::Args)]
#[command(after_long_help = LIST)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) album: AlbumArgs,

    #[command(flatten)]
    pub(crate) options: ListOptions,

    /// Save the position of the listing in this file; if the file exists, resume from it
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    pub(crate) state: Option<PathBuf>,

    /// Resume an earlier listing from the token that it printed
    #[arg(long, value_name = "TOKEN")]
    pub(crate) resume: Option<String>,

    #[command(flatten)]
    pub(crate) filter: Filter,
}

impl ListArgs {
    /// What the user chose, with spans before `now`.
    ///
    /// # Errors
    ///
    /// If a filter has no meaning.
    pub(crate) fn options(&self, now: Timestamp) -> Result<ListOptions, UsageError> {
        Ok(ListOptions {
            profile: config::chosen().profile.clone(),
            album: self.album.album.clone(),
            demo: self.album.service.demo,
            filter: self.filter.clone().at(now)?,
            ..self.options.clone()
        })
    }
}

/// Fetch files of an album
///
/// A file gets its name once it is whole and on the disk. What a stopped or killed run has fetched of a file
/// is kept, and resumed if the storage proves that it still has the same version.
#[derive(clap::Args)]
#[command(after_long_help = GET)]
pub(crate) struct GetArgs {
    /// Id or name of the album
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub(crate) album: String,

    /// Files to fetch: ids, names, or patterns with * ? [abc]; if there are filters, all that meet them
    #[arg(required_unless_present = "Filter", value_name = "FILE", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) files: Vec<String>,

    #[command(flatten)]
    pub(crate) service: ServiceArgs,

    /// Folder to write to; `-` for standard output, which takes a single file
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    pub(crate) output: PathBuf,

    /// Replace files that exist
    #[arg(long, conflicts_with = "skip_existing")]
    pub(crate) overwrite: bool,

    /// Leave files that exist as they are
    #[arg(long)]
    pub(crate) skip_existing: bool,

    #[command(flatten)]
    pub(crate) filter: Filter,
}

/// Keep a copy of an album in a folder
///
/// Fetches what the folder lacks, several files at a time.
#[derive(clap::Args)]
#[command(after_long_help = SYNC, allow_missing_positional = true)]
pub(crate) struct SyncArgs {
    /// Id or name of the album [default: KOODRIVE_ALBUM_ID, or album_id in the configuration file]
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub(crate) album: Option<String>,

    /// Folder of the copy; it is created if it does not exist
    #[arg(value_name = "DIR")]
    pub(crate) directory: PathBuf,

    /// Copy all albums, one after another, each to a folder of DIR with its name
    #[arg(long, conflicts_with = "album")]
    pub(crate) all: bool,

    #[command(flatten)]
    pub(crate) service: ServiceArgs,

    /// Files to fetch at a time
    #[arg(short, long, value_name = "N", default_value_t = 4, allow_negative_numbers = true, value_parser = positive_number)]
    pub(crate) jobs: usize,

    /// Template of the paths in the folder
    #[arg(long, value_name = "TEMPLATE", default_value = "{name}")]
    pub(crate) names: String,

    /// Move files that the album no longer has to a trash in the folder
    #[arg(long)]
    pub(crate) mirror: bool,

    /// How many files --mirror may move: a number, or a share of the copy, rounded up [default: 10%]
    #[arg(long, value_name = "N|N%", requires = "mirror", allow_negative_numbers = true, value_parser = max_delete)]
    pub(crate) max_delete: Option<MaxDelete>,

    /// Write what the album says about a file beside it, as name.json, without links
    #[arg(long)]
    pub(crate) sidecars: bool,

    /// Fetch the service's own small pictures too, to .koodrive/thumbnails
    #[arg(long)]
    pub(crate) thumbnails: bool,

    /// Bytes per second for all transfers together: 500K, 10M
    #[arg(long, value_name = "RATE", allow_negative_numbers = true, value_parser = rate)]
    pub(crate) limit_rate: Option<u64>,

    /// Print what would be done, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Write a line of JSON for each file to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) filter: Filter,
}

fn positive_number(text: &str) -> Result<usize, &'static str> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or("expected a whole number from 1")
}

fn port(text: &str) -> Result<u16, &'static str> {
    text.parse().map_err(|_| "expected a port from 0 to 65535")
}

fn number_of_files(text: &str) -> Result<u64, &'static str> {
    let files = text.parse().ok().filter(|files| *files <= 1_000_000_000);
    files.ok_or("expected a number of files, up to 1000000000")
}

fn max_delete(text: &str) -> Result<MaxDelete, String> {
    let limit = match text.strip_suffix('%') {
        Some(share) => share.parse().ok().filter(|share| *share <= 100).map(MaxDelete::Percent),
        None => text.parse().ok().map(MaxDelete::Files),
    };
    limit.ok_or_else(|| "expected a number of files, or a share from 0% to 100%".to_owned())
}

/// Bytes per second.
fn rate(text: &str) -> Result<u64, &'static str> {
    let rate = text.parse().map(|size: Size| size.bytes);
    rate.ok().filter(|rate| *rate > 0).ok_or("expected bytes per second, such as 500K or 10M")
}

/// Check a copy against the digests of its files, offline
///
/// Prints the files that are damaged, changed, missing, or not part of the copy.
#[derive(clap::Args)]
pub(crate) struct VerifyArgs {
    /// Folder of the copy, or of the copies that `sync --all` made
    #[arg(value_name = "DIR")]
    pub(crate) directory: PathBuf,
}

/// Write a page to look through a copy, offline
///
/// Shows the thumbnails by month, the newest first, and opens pictures and videos. The page is plain HTML beside
/// the files: it loads nothing from the network, and needs no server.
#[derive(clap::Args)]
#[command(after_long_help = GALLERY)]
pub(crate) struct GalleryArgs {
    /// Folder of the copy, or of the copies that `sync --all` made
    #[arg(value_name = "DIR")]
    pub(crate) directory: PathBuf,

    /// Name of the page in DIR
    #[arg(short, long, value_name = "NAME", default_value = "index.html", value_parser = page_name)]
    pub(crate) output: String,
}

/// A name that is no path and no hidden file: links in the page are relative to its folder.
fn page_name(text: &str) -> Result<String, &'static str> {
    let is_name = !text.starts_with('.') && !text.contains(['/', '\\', ':']);
    let is_page = is_name && text.ends_with(".html");
    is_page
        .then(|| text.to_owned())
        .ok_or("expected the name of a file in DIR, such as gallery.html")
}

/// Summarize an album: files and bytes by type and by month taken, and the largest files
#[derive(clap::Args)]
#[command(after_long_help = SUMMARY)]
pub(crate) struct SummaryArgs {
    #[command(flatten)]
    pub(crate) album: AlbumArgs,

    /// Output format
    #[arg(short, long, default_value = "text")]
    pub(crate) format: SummaryFormat,

    #[command(flatten)]
    pub(crate) filter: Filter,
}

/// Sign in, and keep the session for the other commands
///
/// Asks for what is not given. If standard input is not a terminal, its lines are the answers. Secrets are
/// never arguments. The session is refreshed as needed; only its owner can read the file that holds it.
#[derive(clap::Args)]
#[command(after_long_help = LOGIN)]
pub(crate) struct LoginArgs {
    /// Base URL of the service [default: KOODRIVE_ENDPOINT, or the international site]
    #[arg(long, value_name = "URL", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) endpoint: Option<String>,

    /// Name of the carrier (the vendor's x-hw-agentName)
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) agent: Option<String>,

    /// Account name or mobile number
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) account: Option<String>,

    /// Take tokens in place of a password, for an account that is not a carrier's
    #[arg(long, conflicts_with_all = ["agent", "account"])]
    pub(crate) token: bool,

    /// KooDrive user id, with --token
    #[arg(long, value_name = "ID", requires = "token", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) user: Option<String>,
}

/// Check what a listing needs, and say what to do where something is wrong
///
/// Checks the account, the endpoint, the connection, the clock, and one listing: of the album, if one is named,
/// or of the albums. Nothing secret is printed.
#[derive(clap::Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) album: AlbumArgs,
}

/// Serve the built-in albums on this machine, to any client, until Ctrl-C
///
/// Prints the environment variables that point a client at it, and other ways to use it. The account is
/// fictitious; the links lead to pictures.
#[derive(clap::Args)]
#[command(
    after_long_help = "Example:\n  koodrive demo --port 8080 > demo.sh &\n  sleep 1; . ./demo.sh; koodrive list"
)]
pub(crate) struct DemoArgs {
    /// Number of files in the album
    #[arg(long, default_value_t = 1000, allow_negative_numbers = true, value_parser = number_of_files)]
    pub(crate) files: u64,

    /// Port to listen on, at 127.0.0.1; 0 picks a free one
    #[arg(short, long, default_value_t = 0, allow_negative_numbers = true, value_parser = port)]
    pub(crate) port: u16,
}

const ACCOUNT: &str = include_str!("help/account.txt");
const SYNC: &str = concat!(include_str!("help/sync.txt"), include_str!("help/filters.txt"));

const GET: &str = concat!(include_str!("help/get.txt"), include_str!("help/filters.txt"));
const GALLERY: &str = include_str!("help/gallery.txt");
const LOGIN: &str = include_str!("help/login.txt");
const LIST: &str = concat!(include_str!("help/list.txt"), include_str!("help/filters.txt"));
const SUMMARY: &str = concat!(include_str!("help/summary.txt"), include_str!("help/filters.txt"));

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

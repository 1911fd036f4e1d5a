//! The commands that fetch files, and those that work on a copy.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use koodrive_sync::MaxDelete;

use super::shared::ServiceArgs;
use crate::{filter::Filter, size::Size};

/// Fetch files of an album
///
/// A file gets its name once it is whole and on the disk. What a stopped or killed run has fetched of a file
/// is kept, and resumed if the storage proves that it still has the same version.
#[derive(clap::Args)]
#[command(after_long_help = concat!(include_str!("../help/get.txt"), include_str!("../help/filters.txt")))]
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

    /// Files to fetch at a time
    #[arg(short, long, value_name = "N", default_value_t = 4, allow_negative_numbers = true, value_parser = positive_number)]
    pub(crate) jobs: usize,

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
#[command(after_long_help = concat!(include_str!("../help/sync.txt"), include_str!("../help/filters.txt")), allow_missing_positional = true)]
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
/// Prints the files that are damaged, changed, unreadable, missing, or not part of the copy.
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
#[command(after_long_help = include_str!("../help/gallery.txt"))]
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

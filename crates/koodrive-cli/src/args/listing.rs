//! The commands that list: albums, files, and what they come to.

use std::path::PathBuf;

use jiff::Timestamp;

use super::shared::{AlbumArgs, ServiceArgs};
use crate::{
    choices::{Format, Kind, SummaryFormat, TypeOfAlbum},
    column::album::AlbumColumn,
    config,
    filter::Filter,
    options::ListOptions,
    report::UsageError,
};

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
#[command(after_long_help = concat!(include_str!("../help/list.txt"), include_str!("../help/filters.txt")))]
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

/// Summarize an album: files and bytes by type and by month taken, and the largest files
#[derive(clap::Args)]
#[command(after_long_help = concat!(include_str!("../help/summary.txt"), include_str!("../help/filters.txt")))]
pub(crate) struct SummaryArgs {
    #[command(flatten)]
    pub(crate) album: AlbumArgs,

    /// Output format
    #[arg(short, long, default_value = "text")]
    pub(crate) format: SummaryFormat,

    #[command(flatten)]
    pub(crate) filter: Filter,
}

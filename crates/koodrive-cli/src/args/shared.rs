//! Options that several commands have.

use clap::builder::NonEmptyStringValueParser;

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

pub(super) fn number_of_files(text: &str) -> Result<u64, &'static str> {
    let files = text.parse().ok().filter(|files| *files <= 1_000_000_000);
    files.ok_or("expected a number of files, up to 1000000000")
}

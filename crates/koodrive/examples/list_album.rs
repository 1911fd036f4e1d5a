//! Lists an album as a table:
//!
//! ```console
//! $ cargo run --example list_album
//! ```
//!
//! That is an album of an embedded `AlbumServer`. On a real account, set `KOODRIVE_USER_ID`,
//! `KOODRIVE_ACCESS_TOKEN` and `KOODRIVE_ALBUM_ID` (and `KOODRIVE_ENDPOINT`, unless it is on the
//! international site).

use std::{env, error::Error, io, io::Write as _};

use futures::TryStreamExt;
use koodrive::{AlbumContent, Client, SortDirection, SortType, Timestamp};
use koodrive_testing::AlbumServer;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_real = ["KOODRIVE_USER_ID", "KOODRIVE_ACCESS_TOKEN", "KOODRIVE_APP_ID"]
        .map(is_set)
        .contains(&true);
    if is_real {
        let client = Client::from_env()?;
        let album_id = env::var("KOODRIVE_ALBUM_ID").map_err(|_| "KOODRIVE_ALBUM_ID is not set")?;
        list(&client, &album_id).await
    } else {
        let server = AlbumServer::builder().files(250).start().await;
        writeln!(io::stdout(), "No KOODRIVE_* account is set: an embedded server's album.\n")?;
        list(&server.client(), server.album_id()).await
    }
}

async fn list(client: &Client, album_id: &str) -> Result<(), Box<dyn Error>> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    writeln!(out, "{:<20}  {:<11}  {:>12}  NAME", "TAKEN", "TYPE", "BYTES")?;

    let mut files = client
        .list_album_content(album_id)
        .sort_type(SortType::ShootingTime)
        .sort_direction(SortDirection::Ascending)
        .stream();
    let mut bytes: u64 = 0;
    while let Some(file) = files.try_next().await? {
        bytes = bytes.saturating_add(file.size().unwrap_or(0));
        writeln!(out, "{}", row(&file))?;
    }

    let progress = files.progress();
    writeln!(out, "\n{} files on {} pages, {bytes} bytes", progress.items, progress.pages)?;
    Ok(out.flush()?)
}

fn row(file: &AlbumContent) -> String {
    let taken = file.take_time().map_or("-", Timestamp::as_str);
    let kind = file.file_type().map_or("-".to_owned(), |kind| kind.to_string());
    let size = file.size().map_or("-".to_owned(), |size| size.to_string());
    let name: String =
        file.file_name().unwrap_or("-").chars().filter(|c| !c.is_control()).take(60).collect();
    format!("{taken:<20.19}  {kind:<11}  {size:>12}  {name}")
}

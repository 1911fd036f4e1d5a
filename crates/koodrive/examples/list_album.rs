//! Lists an album as a table:
//!
//! ```console
//! $ cargo run --example list_album
//! ```
//!
//! The album comes from an embedded `AlbumServer`. To list one of a real account, set
//! `KOODRIVE_USER_ID`, `KOODRIVE_ACCESS_TOKEN` and `KOODRIVE_ALBUM_ID` (and `KOODRIVE_ENDPOINT`,
//! unless the account is on the international site).

use std::{env, error::Error, io, io::Write as _};

use futures::StreamExt;
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
        writeln!(io::stdout(), "No KOODRIVE_* account is set; listing an embedded album.\n")?;
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
    while let Some(file) = files.next().await {
        match file {
            Ok(file) => {
                bytes = bytes.saturating_add(file.size().unwrap_or(0));
                writeln!(out, "{}", row(&file))?;
            }
            // One file is unreadable. The others follow.
            Err(error) if error.is_skippable() => writeln!(io::stderr(), "{error}")?,
            Err(error) => return Err(error.into()),
        }
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

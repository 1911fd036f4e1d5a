//! The program and its test from the start of the repository's README, unchanged.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a reader's program"
)]

use futures::TryStreamExt;
use koodrive::{Client, Result};

/// How many bytes the files of an album have.
async fn album_size(client: &Client, album_id: &str) -> Result<u64> {
    let listing = client.list_album_content(album_id);
    let files = listing.on_unreadable(|error| eprintln!("skipped: {error}")).stream();
    files.try_fold(0, async |sum, file| Ok(sum + file.size().unwrap_or(0))).await
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let album_id = std::env::args().nth(1).ok_or("expected the id of an album")?;
    println!("{} bytes", album_size(&Client::from_env()?, &album_id).await?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use koodrive_testing::{AlbumFile, AlbumServer, Fault};

    use super::*;

    #[tokio::test]
    async fn sizes_add_up_while_the_service_is_overloaded() -> Result<()> {
        let files = (0..120).map(|n| AlbumFile::new(format!("F{n}")).size(10));
        let overload = Fault::status(503).header("retry-after", "0");
        let server =
            AlbumServer::builder().album("holidays", files).fault(1, overload).start().await;

        assert_eq!(album_size(&server.client(), "holidays").await?, 1_200);

        let cursors = server.received_cursors();
        assert_eq!((cursors.len(), &cursors[1]), (3, &cursors[2])); // the second page, twice
        Ok(())
    }
}

#[test]
fn the_readme_shows_this_file() {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md");
    let readme = std::fs::read_to_string(readme).unwrap().replace("\r\n", "\n");
    let section = readme.split("## From zero to a tested program").nth(1).unwrap();
    let fences: Vec<&str> = section.split("\n## ").next().unwrap().split("```").collect();
    let shown: Vec<&str> = fences.iter().filter_map(|text| text.strip_prefix("rust")).collect();
    let this = include_str!("readme.rs").replace("\r\n", "\n");

    assert_eq!(shown.len(), 2);
    for block in shown {
        let code = block.trim_start_matches(",no_run").trim();
        assert!(this.contains(code), "{code}");
    }
}

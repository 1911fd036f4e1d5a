//! `koodrive`: each file goes into its final place whole, hashed and durable.

use std::path::Path;

use anyhow::Result;
use futures::TryStreamExt as _;

use super::album::Album;
use crate::account::Account;

pub async fn fetch(album: &Album, target: &Path) -> Result<()> {
    let client = Account::new(&album.server, false)?.koodrive;
    let download = |file: koodrive::AlbumContent| {
        let path = target.join(file.id());
        client.download(&file).to_path(path)
    };
    let files = client.list_album_content(&album.id).stream();
    let downloads = files.map_ok(download).try_buffer_unordered(album.jobs);
    Ok(downloads.try_for_each(|_| async { Ok(()) }).await?)
}

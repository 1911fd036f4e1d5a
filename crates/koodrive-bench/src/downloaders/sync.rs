//! `koodrive-sync`: the same, with names from the album and a manifest.

use std::path::Path;

use anyhow::{Result, ensure};
use koodrive_sync::AlbumSync;

use super::album::Album;
use crate::account::Account;

pub async fn fetch(album: &Album, target: &Path) -> Result<()> {
    let client = Account::new(&album.server, false)?.koodrive;
    let sync = AlbumSync::new(client, &album.id, target).jobs(album.jobs);
    let report = sync.run(|_| ()).await?;
    ensure!(report.is_complete(), "the copy is not complete: {report:?}");
    Ok(())
}

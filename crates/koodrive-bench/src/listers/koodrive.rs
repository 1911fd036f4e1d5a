//! `koodrive` itself.

use anyhow::Result;
use futures::StreamExt as _;
use koodrive::{ListAlbumContent, SortDirection, SortType};

use crate::consumer::Consumer;

pub fn upwards(listing: ListAlbumContent) -> ListAlbumContent {
    listing.sort_type(SortType::CreationTime).sort_direction(SortDirection::Ascending)
}

pub async fn list(listing: ListAlbumContent, consumer: &mut Consumer) -> Result<()> {
    let mut files = listing.stream();
    while let Some(file) = files.next().await {
        if consumer.take(file?).await.is_break() {
            break;
        }
    }
    Ok(())
}

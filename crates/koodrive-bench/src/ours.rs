//! `koodrive` itself.

use anyhow::Result;
use futures::StreamExt as _;
use koodrive::{AccessToken, Client, ListAlbumContent, SortDirection, SortType};

use crate::{
    consumer::Consumer,
    hand_written::{TOKEN, USER},
};

pub fn listing(server: &str, album: &str) -> Result<ListAlbumContent> {
    let token = AccessToken::new(TOKEN);
    let client = Client::builder().endpoint(server).user_id(USER).credentials(token).build()?;
    Ok(client.list_album_content(album))
}

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

//! The same as the code that smithy-rs generates for a paginated call.

use anyhow::{Error, Result};
use aws_smithy_async::future::pagination_stream::{
    PaginationStream, TryFlatMap, fn_stream::FnStream,
};

use super::hand_written::{Album, Page};
use crate::consumer::Consumer;

pub async fn list(album: &Album, consumer: &mut Consumer) -> Result<()> {
    let mut files =
        TryFlatMap::new(pages(album.clone())).flat_map(|page| page.content_list.into_iter());
    while let Some(file) = files.next().await {
        if consumer.take(file?).await.is_break() {
            break;
        }
    }
    Ok(())
}

fn pages(album: Album) -> PaginationStream<Result<Page, Error>> {
    PaginationStream::new(FnStream::new(move |sender| {
        Box::pin(async move {
            let mut cursor = String::new();
            loop {
                let page = album.page(&cursor).await;
                cursor = page
                    .as_ref()
                    .map_or_else(|_| String::new(), |page| page.next_page_cursor.clone());
                if sender.send(page).await.is_err() || cursor.is_empty() {
                    return;
                }
            }
        })
    }))
}

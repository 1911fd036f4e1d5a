//! The same as the code that Google generates for a paginated call. The traits that it uses are public
//! but hidden.

use anyhow::Result;
use google_cloud_gax::paginator::{
    ItemPaginator as _, Paginator as _,
    internal::{PageableResponse, new_paginator},
};

use super::hand_written::{Album, File, Page};
use crate::consumer::Consumer;

impl PageableResponse for Page {
    type PageItem = File;

    fn items(self) -> Vec<File> {
        self.content_list
    }

    fn next_page_token(&self) -> String {
        self.next_page_cursor.clone()
    }
}

pub async fn list(album: &Album, consumer: &mut Consumer) -> Result<()> {
    let album = album.clone();
    let fetch = move |cursor: String| {
        let album = album.clone();
        async move { album.page(&cursor).await }
    };
    let mut files = new_paginator(String::new(), fetch).items();
    while let Some(file) = files.next().await {
        if consumer.take(file?).await.is_break() {
            break;
        }
    }
    Ok(())
}

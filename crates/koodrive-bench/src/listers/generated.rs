//! The generated client, with a naive stream around it.

use std::{num::NonZeroU32, pin::pin, sync::Arc, time::SystemTime};

use anyhow::Result;
use bytes::Bytes;
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use http::{HeaderMap, HeaderValue};
use koodrive_api::{
    AlbumContent, AlbumContentList, Client, Exchange, Hooks, Sending,
    types::{AlbumContentPage, SortDirection, SortType},
};

use crate::{
    account::{Account, TOKEN, USER},
    consumer::Consumer,
};

struct Naive {
    http: reqwest::Client,
    token: HeaderValue,
}

impl Exchange for Naive {
    fn authorize(&self, _: &reqwest::Request) -> Option<HeaderValue> {
        Some(self.token.clone())
    }

    fn send(&self, request: reqwest::Request) -> Sending<'_> {
        Box::pin(self.http.execute(request))
    }

    fn received(&self, _: &HeaderMap) {}

    fn received_body(&self, _: &Bytes) {}
}

pub async fn list(account: &Account, album: &str, consumer: &mut Consumer) -> Result<()> {
    let http = account.http.clone();
    let naive = Naive { http: http.clone(), token: format!("Bearer {TOKEN}").parse()? };
    let client = Client::new_with_client(&account.url, http, Hooks::new(Arc::new(naive), 16 << 20));
    let mut files = pin!(files(client, album.to_owned()));
    while let Some(file) = files.next().await {
        if consumer.take(file?).await.is_break() {
            break;
        }
    }
    Ok(())
}

fn files(client: Client, album: String) -> impl Stream<Item = Result<AlbumContent>> {
    let fetch = move |cursor: Option<String>| {
        let (client, album) = (client.clone(), album.clone());
        async move {
            let Some(cursor) = cursor else { return anyhow::Ok(None) };
            let page = page(&client, &album, &cursor).await?;
            let next = page.next_page_cursor.filter(|next| !next.is_empty());
            let files = page.content_list.map_or_else(Vec::new, AlbumContentList::into_vec);
            Ok(Some((stream::iter(files.into_iter().map(Ok)), next)))
        }
    };
    stream::try_unfold(Some(String::new()), fetch).try_flatten()
}

async fn page(client: &Client, album: &str, cursor: &str) -> Result<AlbumContentPage> {
    let now = jiff::Timestamp::try_from(SystemTime::now())?;
    let date = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    let cursor = Some(cursor).filter(|cursor| !cursor.is_empty());
    let (size, up, by) = (NonZeroU32::new(100), Some(SortDirection::X1), Some(SortType::X2));
    let page = client.list_album_files(album, cursor, size, up, by, &date, None, USER, None);
    Ok(page.await?.into_inner())
}

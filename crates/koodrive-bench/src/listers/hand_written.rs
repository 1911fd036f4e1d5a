//! The reference: what a careful programmer writes for this call without an SDK.

use std::time::SystemTime;

use anyhow::Result;
use bytes::Bytes;
use serde::Deserialize;

use crate::{
    account::{Account, TOKEN, USER},
    consumer::Consumer,
};

/// All the fields of our `AlbumContent`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "the consumer reads none of them")]
pub struct File {
    id: String,
    take_time: Option<String>,
    owner_id: Option<String>,
    file_name: Option<String>,
    mime_type: Option<String>,
    file_type: Option<String>,
    file_suffix: Option<String>,
    parent_folder: Option<Vec<String>>,
    containers: Option<Vec<String>>,
    created_time: Option<String>,
    edited_time: Option<String>,
    recycled: Option<bool>,
    content_url: Option<String>,
    thumbnail_url: Option<String>,
    favorite: Option<bool>,
    add_time: Option<String>,
    size: Option<u64>,
    creating_user: Option<String>,
    adder_user_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "as for `File`")]
pub struct Page {
    code: i64,
    msg: Option<String>,
    #[serde(default)]
    pub content_list: Vec<File>,
    #[serde(default)]
    pub next_page_cursor: String,
    total: Option<u64>,
}

/// The list call for one album, which the alternatives' paginators use too.
#[derive(Clone)]
pub struct Album {
    http: reqwest::Client,
    url: String,
}

impl Album {
    pub fn new(account: &Account, album: &str) -> Self {
        let url = format!("{}/koodrive/ose/v1/album/{album}/list", account.url);
        Self { http: account.http.clone(), url }
    }

    pub async fn body(&self, cursor: &str) -> reqwest::Result<Bytes> {
        let now = jiff::Timestamp::try_from(SystemTime::now()).unwrap_or_default();
        let mut query = vec![("pageSize", "100"), ("sortDirection", "1"), ("sortType", "2")];
        if !cursor.is_empty() {
            query.push(("pageCursor", cursor));
        }
        let request = self.http.get(&self.url).query(&query);
        let request = request
            .header("Accept", "application/json")
            .header("Authorization", format!("Bearer {TOKEN}"))
            .header("X-Date", now.strftime("%Y%m%dT%H%M%SZ").to_string())
            .header("X-User-Id", USER);
        request.send().await?.error_for_status()?.bytes().await
    }

    pub async fn page(&self, cursor: &str) -> Result<Page> {
        Ok(serde_json::from_slice(&self.body(cursor).await?)?)
    }
}

pub async fn list(album: &Album, consumer: &mut Consumer) -> Result<()> {
    let mut cursor = String::new();
    loop {
        let page = album.page(&cursor).await?;
        for file in page.content_list {
            if consumer.take(file).await.is_break() {
                return Ok(());
            }
        }
        if page.next_page_cursor.is_empty() {
            return Ok(());
        }
        cursor = page.next_page_cursor;
    }
}

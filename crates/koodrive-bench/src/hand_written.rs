//! The reference: what a careful programmer writes for this call without an SDK.

use std::time::{Duration, SystemTime};

use anyhow::Result;
use bytes::Bytes;
use reqwest::redirect;
use serde::Deserialize;

use crate::consumer::Consumer;

pub const USER: &str = "1765263620687613825";
pub const TOKEN: &str = "5e1fa1b0c2d34e5f60718293a4b5c6d7e8f9010203040506";

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
    pub fn new(server: &str, album: &str) -> Result<Self> {
        let url = format!("{server}/koodrive/ose/v1/album/{album}/list");
        Ok(Self { http: http()?, url })
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

/// An HTTP client with the settings of `koodrive`, for all alternatives.
pub fn http() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .connect_timeout(Duration::from_secs(5))
        .read_timeout(Duration::from_secs(15))
        .no_proxy()
        .build()
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

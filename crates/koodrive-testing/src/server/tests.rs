//! The server over a real socket, asked by plain reqwest or by the SDK.

use std::time::SystemTime;

use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;

use crate::AlbumServer;

mod album_lists;
mod albums;
mod cursors;
mod downloads;
mod faults;
mod lifetime;
mod listing;
mod logins;
mod received;
mod refusals;
mod sessions;
mod signatures;

const DATE: &str = "20251103T070140Z";

/// The server's time: `DATE`.
fn server_time() -> SystemTime {
    DATE.parse::<jiff::Timestamp>().unwrap().into()
}

async fn server(files: u64) -> AlbumServer {
    AlbumServer::builder().files(files).clock(server_time).start().await
}

fn get(server: &AlbumServer, path: &str) -> RequestBuilder {
    Client::new()
        .get(format!("{}{path}", server.uri()))
        .header("authorization", format!("Bearer {}", server.access_token()))
        .header("x-date", DATE)
        .header("x-user-id", server.user_id())
}

fn list(server: &AlbumServer, query: &[(&str, &str)]) -> RequestBuilder {
    get(server, &format!("/koodrive/ose/v1/album/{}/list", server.album_id())).query(query)
}

async fn json(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).unwrap().to_str().unwrap()
}

/// Lists the album page by page. Returns all ids, and the cursors in between.
async fn walk(server: &AlbumServer, query: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let (mut ids, mut cursors) = (Vec::new(), Vec::<String>::new());
    loop {
        let mut query = query.to_vec();
        query.extend(cursors.last().map(|cursor| ("pageCursor", cursor.as_str())));
        let (status, page) = json(list(server, &query)).await;
        assert_eq!((status, &page["code"]), (200, &Value::from(0)), "{page}");
        let items = page["contentList"].as_array().unwrap();
        ids.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        match page.get("nextPageCursor") {
            Some(cursor) => cursors.push(cursor.as_str().unwrap().to_owned()),
            None => return (ids, cursors),
        }
    }
}

//! Which cursors are accepted.

use serde_json::Value;

use super::{get, json, list, server, server_time};
use crate::AlbumServer;

#[tokio::test]
async fn an_empty_cursor_and_a_zero_mean_the_first_page() {
    let server = server(250).await;
    let (_, first) = json(list(&server, &[])).await;
    for cursor in ["", "0"] {
        let (status, page) = json(list(&server, &[("pageCursor", cursor)])).await;
        assert_eq!((status, &page), (200, &first), "{cursor:?}");
    }
    let sent = [None, Some(String::new()), Some("0".to_owned())];
    assert_eq!(server.received_cursors(), sent);
}

#[tokio::test]
async fn a_cursor_is_valid_only_in_the_listing_that_it_came_from() {
    let server = server(250).await;
    let (_, page) = json(list(&server, &[("sortType", "1")])).await;
    let cursor = page["nextPageCursor"].as_str().unwrap();
    let altered = cursor.replace(cursor.chars().last().unwrap(), "x");
    let other = AlbumServer::builder().album_id("2").clock(server_time).start().await;
    let (_, foreign) = json(list(&other, &[("sortType", "1")])).await;
    let foreign = foreign["nextPageCursor"].as_str().unwrap();

    for query in [
        vec![("pageCursor", cursor), ("sortType", "2")],
        vec![("pageCursor", cursor), ("sortType", "3")],
        vec![("pageCursor", cursor), ("sortType", "1"), ("sortDirection", "1")],
        vec![("pageCursor", cursor), ("sortType", "1"), ("pageSize", "99")],
        vec![("pageCursor", &altered), ("sortType", "1")],
        vec![("pageCursor", foreign), ("sortType", "1")],
        vec![("pageCursor", "100"), ("sortType", "1")],
        vec![("pageCursor", "null"), ("sortType", "1")],
    ] {
        let (status, body) = json(list(&server, &query)).await;
        assert_eq!((status, &body["code"]), (400, &Value::from(13_000_102)), "{query:?}");
    }
    let good = [("pageCursor", cursor), ("sortType", "1"), ("pageSize", "100")];
    assert_eq!(json(list(&server, &good)).await.0, 200);
}

#[tokio::test]
async fn a_cursor_whose_plus_was_not_encoded_is_refused() {
    let server = server(250).await;
    let (_, page) = json(list(&server, &[])).await;
    let cursor = page["nextPageCursor"].as_str().unwrap();
    let path = format!("/koodrive/ose/v1/album/{}/list?pageCursor={cursor}", server.album_id());
    assert_eq!(json(get(&server, &path)).await.0, 400);
    assert_eq!(json(get(&server, &path.replace('+', "%2B"))).await.0, 200);
}

#[tokio::test]
async fn a_cursor_outlives_the_server_that_made_it() {
    let (_, page) = json(list(&server(250).await, &[])).await;
    let cursor = page["nextPageCursor"].as_str().unwrap();
    let (status, _) = json(list(&server(250).await, &[("pageCursor", cursor)])).await;
    assert_eq!(status, 200);
}

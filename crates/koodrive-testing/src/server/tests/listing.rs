//! Pages of the generated album.

use std::collections::HashSet;

use serde_json::Value;

use super::{json, list, server, server_time, walk};
use crate::{AlbumInfo, AlbumServer};

#[tokio::test]
async fn each_file_of_an_album_of_any_size_is_listed_once() {
    for (files, requests) in
        [(0, 1), (1, 1), (2, 1), (99, 1), (100, 1), (101, 2), (250, 3), (300, 3), (1000, 10)]
    {
        let server = server(files).await;
        let (ids, cursors) = walk(&server, &[]).await;
        assert_eq!(ids.iter().collect::<HashSet<_>>().len() as u64, files);
        assert_eq!(ids.len() as u64, files);
        assert_eq!(server.received_requests().len(), requests, "{files}");

        let sent = std::iter::once(None).chain(cursors.into_iter().map(Some));
        assert_eq!(server.received_cursors(), sent.collect::<Vec<_>>(), "{files}");
    }
}

#[tokio::test]
async fn every_sort_type_has_two_directions_and_any_page_size() {
    let server = server(101).await;
    for sort_type in ["1", "2", "3"] {
        let order = |direction| [("sortType", sort_type), ("sortDirection", direction)];
        let (ascending, _) = walk(&server, &order("1")).await;
        let (mut descending, _) = walk(&server, &order("2")).await;
        descending.reverse();
        assert_eq!(ascending, descending, "sortType {sort_type}");

        for size in ["7", "33", "99"] {
            let [kind, direction] = order("1");
            let (paged, cursors) = walk(&server, &[("pageSize", size), kind, direction]).await;
            assert_eq!(paged, ascending, "pageSize {size}");
            assert_eq!(cursors.len(), 100 / size.parse::<usize>().unwrap());
        }
    }
}

#[tokio::test]
async fn each_order_follows_the_field_that_it_sorts_by() {
    let server = server(100).await;
    for (sort_type, field) in [("1", "takeTime"), ("2", "createdTime"), ("3", "editedTime")] {
        let query = [("sortType", sort_type), ("sortDirection", "1")];
        let (_, page) = json(list(&server, &query)).await;
        let items = page["contentList"].as_array().unwrap();
        let times: Vec<_> = items.iter().filter_map(|item| item[field].as_str()).collect();
        assert!(times.len() > 60 && times.is_sorted(), "{field}");
    }
}

#[tokio::test]
async fn without_a_sort_type_the_newest_file_by_the_time_of_the_albums_type_comes_first() {
    for (info, sort_type) in [(AlbumInfo::collection("A1"), "1"), (AlbumInfo::manual("A1"), "2")] {
        let builder = AlbumServer::builder().album_id("A1").generated_album(info, 250);
        let server = builder.clock(server_time).start().await;
        let (default, _) = walk(&server, &[]).await;
        let (explicit, _) = walk(&server, &[("sortType", sort_type), ("sortDirection", "2")]).await;
        assert_eq!(default, explicit);
    }
}

#[tokio::test]
async fn only_the_last_page_has_no_cursor_and_every_page_has_the_total() {
    let server = server(150).await;
    let (_, first) = json(list(&server, &[])).await;
    let cursor = first["nextPageCursor"].as_str().unwrap();
    let (_, last) = json(list(&server, &[("pageCursor", cursor)])).await;
    assert_eq!((&first["total"], &last["total"]), (&Value::from(150), &Value::from(150)));
    assert_eq!(last["contentList"].as_array().unwrap().len(), 50);
    assert!(last.get("nextPageCursor").is_none());
}

#[tokio::test]
async fn the_last_page_of_a_billion_files_needs_no_page_before_it() {
    let server = server(1_000_000_000).await;
    let key = crate::hash::fnv1a(server.album_id().as_bytes());
    let start = crate::calls::cursor::PageStart {
        order: crate::albums::order::Order::NEWEST,
        page_size: 100,
        offset: 999_999_950,
    };
    let cursor = crate::calls::cursor::seal(key, start);
    let (_, page) = json(list(&server, &[("pageCursor", &cursor), ("sortType", "2")])).await;
    assert_eq!(page["contentList"].as_array().unwrap().len(), 50);
    assert!(page.get("nextPageCursor").is_none());
}

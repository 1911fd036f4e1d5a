//! The server over a real socket, asked by plain reqwest.

use std::collections::HashSet;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;

use super::*;
use crate::Fault;

pub(super) const DATE: &str = "20251103T070140Z";
const TRACE_ID: &str = "0123456789_abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMNOPQRST";

/// The server's time, which is `DATE`.
pub(super) fn noon() -> SystemTime {
    DATE.parse::<jiff::Timestamp>().unwrap().into()
}

async fn server(files: u64) -> AlbumServer {
    AlbumServer::builder().files(files).clock(noon).start().await
}

fn get(server: &AlbumServer, path: &str) -> RequestBuilder {
    Client::new()
        .get(format!("{}{path}", server.uri()))
        .header("authorization", format!("Bearer {}", server.access_token()))
        .header("x-date", DATE)
        .header("x-user-id", server.user_id())
}

pub(super) fn list(server: &AlbumServer, query: &[(&str, &str)]) -> RequestBuilder {
    get(server, &format!("/koodrive/ose/v1/album/{}/list", server.album_id())).query(query)
}

pub(super) async fn json(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).unwrap().to_str().unwrap()
}

/// Every id of the album, page by page, with the cursors that led there.
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

#[tokio::test]
async fn an_album_of_any_size_is_listed_once_from_end_to_end() {
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
async fn without_a_sort_type_the_newest_created_file_comes_first() {
    let server = server(250).await;
    let (default, _) = walk(&server, &[]).await;
    let (explicit, _) = walk(&server, &[("sortType", "2"), ("sortDirection", "2")]).await;
    assert_eq!(default, explicit);
}

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
async fn a_cursor_is_good_only_for_the_listing_it_came_from() {
    let server = server(250).await;
    let (_, page) = json(list(&server, &[("sortType", "1")])).await;
    let cursor = page["nextPageCursor"].as_str().unwrap();
    let altered = cursor.replace(cursor.chars().last().unwrap(), "x");
    let other = AlbumServer::builder().album_id("2").clock(noon).start().await;
    let (_, foreign) = json(list(&other, &[("sortType", "1")])).await;
    let foreign = foreign["nextPageCursor"].as_str().unwrap();

    for query in [
        vec![("pageCursor", cursor)],
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

#[tokio::test]
async fn mistakes_are_answered_in_the_services_envelope() {
    let server = server(250).await;
    let missing = |name| {
        let request = list(&server, &[]).build().unwrap();
        let mut headers = request.headers().clone();
        headers.remove(name);
        Client::new().get(request.url().clone()).headers(headers)
    };
    let traced = |id| list(&server, &[]).header("x-traceid", id);
    let other_album = get(&server, "/koodrive/ose/v1/album/1795607640592646274/list");
    for (what, request, status, code) in [
        ("no token", missing("authorization"), 401, 401),
        ("no date", missing("x-date"), 401, 401),
        ("no user", missing("x-user-id"), 401, 401),
        ("page size", list(&server, &[("pageSize", "101")]), 400, 13_000_102),
        ("sort type", list(&server, &[("sortType", "4")]), 400, 13_000_102),
        ("direction", list(&server, &[("sortDirection", "0")]), 400, 13_000_102),
        ("twice", list(&server, &[("sortType", "1"), ("sortType", "1")]), 400, 13_000_102),
        ("short trace id", traced("abc"), 400, 13_000_102),
        ("unknown album", other_album, 400, 13_000_309),
        ("good trace id", traced(TRACE_ID), 200, 0),
        ("unknown parameter", list(&server, &[("colour", "1"), ("colour", "2")]), 200, 0),
    ] {
        let (found, body) = json(request).await;
        assert_eq!((found, &body["code"]), (status, &Value::from(code)), "{what}: {body}");
        assert!(body["msg"].is_string(), "{what}: {body}");
    }
}

#[tokio::test]
async fn the_gateway_answers_what_it_does_not_know() {
    let server = server(250).await;
    let path = format!("/koodrive/ose/v1/album/{}/list", server.album_id());
    for request in [
        get(&server, "/"),
        get(&server, "/koodrive/ose/v1/album/list"),
        get(&server, &format!("{path}/")),
        Client::new().post(format!("{}{path}", server.uri())),
    ] {
        let (status, body) = json(request).await;
        assert_eq!((status, &body["error_code"]), (404, &Value::from("APIG.0101")));
        assert!(body["request_id"].is_string());
    }
    assert_eq!(server.received_cursors(), []);
}

#[tokio::test]
async fn dates_are_judged_and_stamped_by_the_servers_own_clock() {
    let times = Mutex::new([noon() + Duration::from_secs(901), noon()].into_iter());
    let clock = move || times.lock().unwrap().next().unwrap_or_else(noon);
    let server = AlbumServer::builder().clock(clock).start().await;

    let late = list(&server, &[]).send().await.unwrap();
    assert_eq!(late.status(), 401);
    assert_eq!(header(&late, "date"), "Mon, 03 Nov 2025 07:16:41 GMT");

    let now = list(&server, &[]).send().await.unwrap();
    assert_eq!(header(&now, "date"), "Mon, 03 Nov 2025 07:01:40 GMT");
    assert_eq!(header(&now, "content-type"), "application/json");
    assert!(now.text().await.unwrap().contains("X-Amz-Date=20251103T070140Z&"));
}

#[tokio::test]
async fn only_the_last_page_has_no_cursor_and_total_is_the_albums() {
    let server = server(150).await;
    let (_, first) = json(list(&server, &[])).await;
    let cursor = first["nextPageCursor"].as_str().unwrap();
    let (_, last) = json(list(&server, &[("pageCursor", cursor)])).await;
    assert_eq!((&first["total"], &last["total"]), (&Value::from(150), &Value::from(150)));
    assert_eq!(last["contentList"].as_array().unwrap().len(), 50);
    assert!(last.get("nextPageCursor").is_none());
}

#[tokio::test]
async fn a_fault_takes_the_place_of_one_reply() {
    let fault = Fault::status(503).header("retry-after", "2").header("date", "x").body("busy");
    let server = AlbumServer::builder()
        .clock(noon)
        .fault(1, fault)
        .fault(2, Fault::status(200).delay(Duration::from_millis(60)))
        .start()
        .await;
    assert_eq!(list(&server, &[]).send().await.unwrap().status(), 200);
    assert_eq!(get(&server, "/elsewhere").send().await.unwrap().status(), 404);

    let refused = list(&server, &[("pageSize", "0")]).send().await.unwrap();
    assert_eq!(refused.status(), 503);
    assert_eq!(header(&refused, "retry-after"), "2");
    assert_eq!(header(&refused, "date"), "x");
    assert_eq!(refused.text().await.unwrap(), "busy");

    let start = Instant::now();
    let slow = list(&server, &[]).send().await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(60));
    assert_eq!(header(&slow, "date"), "Mon, 03 Nov 2025 07:01:40 GMT");
    assert_eq!(slow.text().await.unwrap(), "");

    assert_eq!(list(&server, &[]).send().await.unwrap().status(), 200);
    assert_eq!(server.received_cursors().len(), 4);
}

#[tokio::test]
async fn requests_are_recorded_as_they_were_sent() {
    let server = server(1).await;
    let request = list(&server, &[("pageSize", "10"), ("pageCursor", "a+b/=")]);
    request.header("language", "en_us").send().await.unwrap();

    let [request] = &server.received_requests()[..] else { panic!("not one request") };
    assert_eq!(request.method(), "GET");
    assert_eq!(request.path(), "/koodrive/ose/v1/album/1795607640592646273/list");
    assert_eq!(request.query(), "pageSize=10&pageCursor=a%2Bb%2F%3D");
    let names: Vec<_> = request.headers().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["authorization", "x-date", "x-user-id", "language", "accept", "accept-encoding", "host"]
    );
    assert_eq!(request.header("Language"), Some("en_us"));
    assert_eq!(server.received_cursors(), [Some("a+b/=".to_owned())]);
}

#[tokio::test]
async fn the_account_and_the_album_can_be_set() {
    let server = AlbumServer::builder()
        .files(3)
        .album_id("a b/é")
        .user_id("17")
        .access_token("AT t0ken")
        .clock(noon)
        .start()
        .await;
    assert_eq!((server.album_id(), server.user_id()), ("a b/é", "17"));
    let path = "/koodrive/ose/v1/album/a%20b%2F%C3%A9/list";
    let (status, page) = json(get(&server, path)).await;
    assert_eq!((status, &page["total"]), (401, &Value::Null)); // `Bearer AT …` is doubled

    let own = Client::new().get(format!("{}{path}", server.uri()));
    let own = own.header("authorization", "AT t0ken").header("x-date", DATE);
    let (status, page) = json(own.header("x-user-id", "17")).await;
    assert_eq!((status, &page["total"]), (200, &Value::from(3)));
}

#[tokio::test]
async fn the_last_page_of_a_million_files_comes_at_once() {
    let server = server(1_000_000).await;
    let order = crate::hash::fingerprint(server.album_id().as_bytes());
    let place = crate::calls::cursor::Place {
        order: crate::calls::list_query::ListRequest::parse("").unwrap().order,
        page_size: 100,
        position: 999_950,
    };
    let cursor = crate::calls::cursor::seal(order, place);
    let start = Instant::now();
    let (_, page) = json(list(&server, &[("pageCursor", &cursor)])).await;
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    assert_eq!(page["contentList"].as_array().unwrap().len(), 50);
    assert!(page.get("nextPageCursor").is_none());
}

#[tokio::test]
async fn dropping_the_server_stops_it() {
    let server = server(1).await;
    let address = server.uri().replace("http://", "");
    drop(server);
    let gone = || std::net::TcpStream::connect(&address).is_err();
    let deadline = Instant::now() + Duration::from_secs(5);
    while !gone() {
        assert!(Instant::now() < deadline, "still listening");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[test]
fn debug_shows_no_token() {
    let builder = AlbumServer::builder().access_token("t0ken");
    assert!(!format!("{builder:?}").contains("t0ken"));
}

#[tokio::test]
async fn a_server_can_be_shared_and_started_from_a_task() {
    fn shared<T: Send + Sync + 'static>(_: &T) {}
    let server = tokio::spawn(AlbumServer::builder().start()).await.unwrap();
    shared(&server);
    assert!(!format!("{server:?}").contains(server.access_token()));
}

#[tokio::test]
async fn pages_are_held_back_and_refusals_are_not() {
    let delay = Duration::from_millis(80);
    let server = AlbumServer::builder().clock(noon).page_delay(delay).start().await;

    let start = Instant::now();
    assert_eq!(list(&server, &[]).send().await.unwrap().status(), 200);
    assert!(start.elapsed() >= delay);

    let start = Instant::now();
    assert_eq!(list(&server, &[("sortType", "9")]).send().await.unwrap().status(), 400);
    assert!(start.elapsed() < delay, "{:?}", start.elapsed());
}

#[tokio::test]
async fn it_serves_on_the_socket_that_it_is_given() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = AlbumServer::builder().listener(listener).clock(noon).start().await;
    assert_eq!(server.uri(), format!("http://{address}"));
    assert_eq!(list(&server, &[]).send().await.unwrap().status(), 200);
}

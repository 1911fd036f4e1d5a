//! Refused requests.

use std::sync::Mutex;
use std::time::Duration;

use reqwest::Client;
use serde_json::Value;

use super::{get, header, json, list, server, server_time};
use crate::AlbumServer;

const TRACE_ID: &str = "0123456789_abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMNOPQRST";

#[tokio::test]
async fn bad_requests_are_refused_in_the_services_format() {
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
async fn the_gateway_refuses_unknown_paths_and_methods() {
    let server = server(250).await;
    let path = format!("/koodrive/ose/v1/album/{}/list", server.album_id());
    for request in [
        get(&server, "/"),
        get(&server, "/koodrive/ose/v1/album//list"),
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
async fn dates_are_checked_and_stamped_by_the_servers_clock() {
    let times = Mutex::new([server_time() + Duration::from_secs(901), server_time()].into_iter());
    let clock = move || times.lock().unwrap().next().unwrap_or_else(server_time);
    let server = AlbumServer::builder().clock(clock).start().await;

    let late = list(&server, &[]).send().await.unwrap();
    assert_eq!(late.status(), 401);
    assert_eq!(header(&late, "date"), "Mon, 03 Nov 2025 07:16:41 GMT");

    let now = list(&server, &[]).send().await.unwrap();
    assert_eq!(header(&now, "date"), "Mon, 03 Nov 2025 07:01:40 GMT");
    assert_eq!(header(&now, "content-type"), "application/json");
    assert!(now.text().await.unwrap().contains("X-Amz-Date=20251103T070140Z&"));
}

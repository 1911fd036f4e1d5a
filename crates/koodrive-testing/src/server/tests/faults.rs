//! Faults and delays.

use std::time::{Duration, Instant};

use super::{DATE, get, header, list, server_time};
use crate::requests::received::tests::received;
use crate::{AlbumServer, Fault};

#[tokio::test]
async fn a_fault_replaces_one_reply() {
    let fault = Fault::status(503).header("retry-after", "2").header("date", "x").body("busy");
    let server = AlbumServer::builder()
        .clock(server_time)
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
async fn an_outage_is_a_range_of_requests_and_unsent_faults_are_reported() {
    let faults = AlbumServer::builder().faults(0..3, Fault::status(503).header("retry-after", "0"));
    let server = faults.start().await;
    let once = server.client_builder().retry(koodrive::RetryPolicy::none()).build().unwrap();
    once.list_album_content(server.album_id()).send().await.unwrap_err();
    let message = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        server.assert_faults_used();
    }));
    let message = *message.unwrap_err().downcast::<String>().unwrap();
    assert!(
        message.contains("list request 1, list request 2") && !message.contains('0'),
        "{message}"
    );

    server.client().list_album_content(server.album_id()).send().await.unwrap();
    server.assert_faults_used();
    assert_eq!(server.received_requests().len(), 4);
}

#[tokio::test]
async fn a_page_delay_delays_pages() {
    let delay = Duration::from_millis(80);
    let server = AlbumServer::builder().clock(server_time).page_delay(delay).start().await;
    let start = Instant::now();
    assert_eq!(list(&server, &[]).send().await.unwrap().status(), 200);
    assert!(start.elapsed() >= delay);
}

#[test]
fn a_page_delay_delays_neither_refusals_nor_faults() {
    let delay = Duration::from_secs(3600);
    let overload = Fault::status(503);
    let service = AlbumServer::builder()
        .page_delay(delay)
        .fault(2, overload)
        .service("https://obs".to_owned());
    let path = format!("/koodrive/ose/v1/album/{}/list", service.album_id);
    let (token, user) = (&service.account.access_token, &service.account.user_id);
    let headers = [("authorization", token.as_str()), ("x-date", DATE), ("x-user-id", user)];
    let reply = |query| {
        let request = received("GET", &path, query, &headers);
        let reply = service.reply(request, DATE.parse().unwrap()).unwrap();
        (reply.status.as_u16(), reply.delay)
    };
    assert_eq!(reply(""), (200, delay));
    assert_eq!(reply("sortType=9"), (400, Duration::ZERO));
    assert_eq!(reply(""), (503, Duration::ZERO));
}

#[tokio::test]
async fn a_reply_of_the_service_is_cut_lost_or_changed_like_one_of_the_storage() {
    let own = Fault::own_reply;
    let server = AlbumServer::builder()
        .fault(0, Fault::lost_connection())
        .fault(1, own().cut_after(100))
        .fault(2, own().header("content-type", "text/plain").without_header("content-length"))
        .refresh_fault(0, own().cut_after(1))
        .clock(server_time)
        .start()
        .await;
    list(&server, &[]).send().await.unwrap_err();
    let cut = list(&server, &[]).send().await.unwrap();
    assert_eq!(cut.status(), 200);
    cut.text().await.unwrap_err();
    let changed = list(&server, &[]).send().await.unwrap();
    assert_eq!(header(&changed, "content-type"), "text/plain");
    assert!(changed.headers().get("content-length").is_none());
    assert!(changed.text().await.unwrap().contains("nextPageCursor"));

    let refresh = reqwest::Client::new()
        .post(format!("{}/koodrive/ose/v1/auth/refreshToken", server.uri()))
        .header("authorization", server.access_token())
        .body(format!(r#"{{"refreshToken":"{}"}}"#, server.refresh_token()));
    refresh.send().await.unwrap().text().await.unwrap_err();
    assert_eq!(server.issued_tokens(), 1, "it was lost");
}

#[tokio::test]
async fn a_fault_leaves_out_every_header_of_the_servers() {
    let without = ["date", "content-type", "content-length"].into_iter();
    let fault = without.fold(Fault::own_reply(), Fault::without_header);
    let server = AlbumServer::builder().fault(0, fault).start().await;
    let reply = list(&server, &[]).send().await.unwrap();
    for name in ["date", "content-type", "content-length"] {
        assert_eq!(reply.headers().get(name), None, "{name}");
    }
}

#[tokio::test]
async fn a_fault_has_no_length_where_http_forbids_one() {
    let chunked = Fault::status(200).header("transfer-encoding", "chunked").body("text");
    let server = AlbumServer::builder().fault(0, chunked).fault(1, Fault::status(204));
    let server = server.start().await;

    let reply = list(&server, &[]).send().await.unwrap();
    assert_eq!(reply.headers().get("content-length"), None);
    assert_eq!(reply.text().await.unwrap(), "text");

    let reply = list(&server, &[]).send().await.unwrap();
    assert_eq!((reply.status().as_u16(), reply.headers().get("content-length")), (204, None));
}

//! Wrong clocks, of the machine and of the service.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime},
};

use futures::TryStreamExt as _;
use koodrive::{AccessToken, AppCredentials, Client, Credentials, ErrorKind, TimeSource};
use koodrive_testing::{AlbumServer, Fault};
use serde_json::json;

use super::{client, list, session};
use crate::support::tcp::{ScriptedServer, Then};
use crate::support::{ALBUM, Stopped, client_of};

const EPOCH: SystemTime = SystemTime::UNIX_EPOCH;
const REFUSAL: &str = r#"{"code":401,"msg":"X-Date"}"#;

/// This many seconds fast; slow if negative.
pub(super) struct Off(pub(super) i64);

impl TimeSource for Off {
    fn now(&self) -> SystemTime {
        let off = Duration::from_secs(self.0.unsigned_abs());
        if self.0 < 0 { SystemTime::now() - off } else { SystemTime::now() + off }
    }
}

fn client_at(server: &AlbumServer, time: impl TimeSource) -> Client {
    server.client_builder().time_source(time).build().unwrap()
}

#[tokio::test]
async fn a_wrong_clock_costs_at_most_one_request_in_all() {
    for (seconds, refused) in
        [(0, 0), (59, 0), (-800, 0), (-840, 1), (-960, 1), (600, 1), (-1_200, 1), (-900_000_000, 1)]
    {
        let server = AlbumServer::builder().start().await;
        let token = AccessToken::new(server.access_token());
        let app = AppCredentials::new(server.app_id(), server.app_secret());
        for credentials in [Credentials::from(token), app.into()] {
            let before = server.received_cursors().len();
            let builder = server.client_builder().time_source(Off(seconds));
            let client = builder.credentials(credentials).build().unwrap();

            for requests in [3 + refused, 6 + refused] {
                assert_eq!(list(&client, &server).await.unwrap(), 250, "{seconds} s");
                let cursors = server.received_cursors();
                assert_eq!(cursors.len() - before, requests, "{seconds} s");
                assert_eq!(cursors[before + refused], None, "{seconds} s");
            }
        }
    }
}

#[tokio::test]
async fn a_clock_in_any_year_can_list() {
    let far = Duration::from_secs(900_000_000_000);
    for now in [EPOCH - far, EPOCH - Duration::from_secs(1), EPOCH, EPOCH + far] {
        let server = AlbumServer::builder().start().await;
        for credentials in [
            Credentials::from(session(&server)),
            session(&server).expires_at(EPOCH - far).into(),
            session(&server).expires_at(EPOCH + far).into(),
            AppCredentials::new(server.app_id(), server.app_secret()).into(),
        ] {
            let before = server.received_cursors().len();
            let builder = server.client_builder().time_source(Stopped(now));
            let client = builder.credentials(credentials).build().unwrap();

            assert_eq!(list(&client, &server).await.unwrap(), 250, "{now:?}");
            let requests = server.received_cursors().len() - before;
            assert!((3..=4).contains(&requests), "{now:?}: {requests}");
        }
    }
}

struct Jumping(Arc<AtomicI64>);

impl TimeSource for Jumping {
    fn now(&self) -> SystemTime {
        Off(self.0.load(Ordering::SeqCst)).now()
    }
}

#[tokio::test]
async fn a_clock_that_jumps_during_a_listing_costs_nothing() {
    let server = AlbumServer::builder().start().await;
    let off = Arc::new(AtomicI64::new(0));
    let client = client_at(&server, Jumping(Arc::clone(&off)));
    let mut files = client.list_album_content(server.album_id()).page_size(50).stream();
    let mut listed = 0;

    while files.try_next().await.unwrap().is_some() {
        listed += 1;
        if listed % 50 == 0 {
            let jump = [100_000, -100_000, 5_000_000_000, -5_000_000_000][listed / 50 % 4];
            off.store(jump, Ordering::SeqCst);
        }
    }

    assert_eq!((listed, server.received_requests().len()), (250, 5));
}

/// A refusal with this header line, and none that a library would add.
async fn refusing_with(line: &str) -> ScriptedServer {
    let length = REFUSAL.len();
    let head = format!("HTTP/1.1 401 Unauthorized\r\n{line}content-length: {length}\r\n\r\n");
    ScriptedServer::start(head + REFUSAL, Then::Close).await
}

#[tokio::test]
async fn a_refusal_with_a_missing_or_absurd_date_causes_no_loop() {
    for (line, kind, requests) in [
        ("", ErrorKind::Unauthorized, 1),
        ("date: yesterday\r\n", ErrorKind::Unauthorized, 1),
        // The date is believed once; as the next request agrees with it, another reason remains.
        ("date: Thu, 01 Jan 1970 00:00:00 GMT\r\n", ErrorKind::Unauthorized, 2),
        ("date: Fri, 01 Jan 2100 00:00:00 GMT\r\n", ErrorKind::Unauthorized, 2),
    ] {
        let server = refusing_with(line).await;
        let client = client_of(&server.uri()).build().unwrap();

        let error = client.list_album_content(ALBUM).send().await.unwrap_err();

        assert_eq!(error.kind(), kind, "{line:?}: {error}");
        assert_eq!(server.requests().len(), requests, "{line:?}");
    }
    // No date can be stamped that late. The kind may be either; at most two requests are sent.
    let server = refusing_with("date: Fri, 31 Dec 9999 23:59:59 GMT\r\n").await;
    let client = client_of(&server.uri()).build().unwrap();
    let error = client.list_album_content(ALBUM).send().await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::ClockSkew | ErrorKind::Unauthorized), "{error}");
    assert!(server.requests().len() <= 2);
}

#[tokio::test]
async fn the_date_of_a_refusal_from_a_cache_does_not_hide_that_the_token_is_refused() {
    let cached = Fault::status(401).header("age", "600").body(REFUSAL);
    let cached = cached.header("date", "Mon, 03 Nov 2025 07:01:40 GMT");
    let server = AlbumServer::builder().fault(0, cached).start().await;
    let client = client(&server, session(&server));

    assert_eq!(list(&client, &server).await.unwrap(), 250);

    assert_eq!(server.received_refreshes(), 1);
}

#[tokio::test]
async fn an_absurd_date_on_a_good_page_costs_one_request_and_no_file() {
    let model = AlbumServer::builder().start().await;
    let page = model.client().list_album_content(model.album_id()).send().await.unwrap();
    let cursor = page.next_page_cursor().unwrap();
    let empty = json!({ "contentList": [], "nextPageCursor": cursor, "code": 0 }).to_string();
    for date in [
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Fri, 01 Jan 2100 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
    ] {
        let first = Fault::status(200).header("date", date).body(empty.clone());
        let server = AlbumServer::builder().fault(0, first).start().await;

        assert_eq!(list(&server.client(), &server).await.unwrap(), 150, "{date}");

        assert_eq!(server.received_requests().len(), 4, "{date}");
    }
}

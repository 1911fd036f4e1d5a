//! Sessions: when they are renewed, with what, and what becomes of the requests around it.

use std::{
    collections::HashSet,
    error::Error as StdError,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use futures::{TryStreamExt as _, future};
use insta::assert_snapshot;
use koodrive::ErrorKind;
use koodrive_testing::{AlbumServer, AlbumServerBuilder, Fault};
use serde_json::json;
use wiremock::{Request, ResponseTemplate};

use super::{client, list, session};
use crate::support::{ALBUM, TOKEN, USER, client_of, page, patience, serving, today};

const REFRESH_TOKEN: &str = "9f8e7d6c5b4a39281706f5e4d3c2b1a0";
const NEW_TOKEN: &str = "AT 3b911d723003f70a1265124148fdfe48";

/// The method and the `Authorization` of every request, in the order received.
fn shown(server: &AlbumServer) -> Vec<(String, String)> {
    let requests = server.received_requests();
    requests
        .iter()
        .map(|request| {
            let shown = request.header("authorization").unwrap();
            (request.method().to_owned(), shown.to_owned())
        })
        .collect()
}

/// A server whose clock is set by the seconds since [`today`] that are returned with it.
async fn with_a_clock(builder: AlbumServerBuilder) -> (AlbumServer, Arc<AtomicU64>) {
    let seconds = Arc::new(AtomicU64::new(0));
    let read = Arc::clone(&seconds);
    let clock = move || today() + Duration::from_secs(read.load(Ordering::SeqCst));
    (builder.clock(clock).start().await, seconds)
}

#[tokio::test]
async fn the_page_that_was_refused_is_asked_for_once_more_with_the_new_token() {
    let server = AlbumServer::builder().start().await;
    let client = client(&server, session(&server));
    let mut files = client.list_album_content(server.album_id()).stream();
    let mut ids = HashSet::new();

    while let Some(file) = files.try_next().await.unwrap() {
        assert!(ids.insert(file.id().to_owned()), "{} came twice", file.id());
        if ids.len() == 100 {
            server.revoke(server.access_token());
        }
    }

    let (old, new) = (format!("Bearer {}", server.access_token()), server.newest_access_token());
    let expected = [("GET", &old), ("GET", &old), ("POST", &old), ("GET", &new), ("GET", &new)];
    assert_eq!(shown(&server), expected.map(|(method, token)| (method.to_owned(), token.clone())));
    let cursors = server.received_cursors();
    assert_eq!((ids.len(), &cursors[1]), (250, &cursors[2]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_tasks_whose_token_was_revoked_share_one_refresh() {
    let delay = Duration::from_millis(50);
    let server = Arc::new(AlbumServer::builder().refresh_delay(delay).start().await);
    let client = client(&server, session(&server));
    server.revoke_all();

    let tasks = (0..50).map(|_| {
        let (client, server) = (client.clone(), Arc::clone(&server));
        tokio::spawn(async move { list(&client, &server).await.unwrap() })
    });

    for listed in future::join_all(tasks).await {
        assert_eq!(listed.unwrap(), 250);
    }
    assert_eq!((server.received_refreshes(), server.issued_tokens()), (1, 1));
}

#[tokio::test]
async fn a_second_refusal_of_a_page_is_final_and_no_later_page_is_asked_for() {
    let server = AlbumServer::builder()
        .fault(1, Fault::status(401))
        .fault(2, Fault::status(401))
        .start()
        .await;
    let client = client(&server, session(&server));
    let mut files = client.list_album_content(server.album_id()).stream();
    let mut listed = 0;

    let error = loop {
        match files.try_next().await {
            Ok(file) => listed += file.map_or(0, |_| 1),
            Err(error) => break error,
        }
    };

    assert_eq!((listed, error.kind(), error.status()), (100, ErrorKind::Unauthorized, Some(401)));
    assert!(!error.is_retryable() && files.try_next().await.unwrap().is_none());
    let cursors = server.received_cursors();
    assert_eq!((cursors.len(), &cursors[1]), (3, &cursors[2]));
    assert_eq!(server.received_refreshes(), 1);
}

#[tokio::test]
async fn new_tokens_are_told_with_their_expiry_before_any_request_uses_them() {
    let server = Arc::new(AlbumServer::builder().clock(today).start().await);
    let told = Arc::new(Mutex::new(Vec::new()));
    let (witness, keep) = (Arc::clone(&server), Arc::clone(&told));
    let session = session(&server).on_refresh(move |tokens| {
        let is_used = shown(&witness).iter().any(|(_, token)| token == tokens.access_token());
        keep.lock().unwrap().push((tokens.expires_at(), is_used));
    });
    let client = client(&server, session);
    server.revoke_all();

    assert_eq!(list(&client, &server).await.unwrap(), 250);

    let expected = (Some(today() + Duration::from_secs(1_800)), false);
    assert_eq!(*told.lock().unwrap(), [expected]);
    assert_eq!(shown(&server).last().unwrap().1, server.newest_access_token());
}

#[tokio::test]
async fn a_session_that_has_expired_is_renewed_before_anything_is_listed() {
    let server = AlbumServer::builder().start().await;
    let expired = session(&server).expires_at(SystemTime::now() - Duration::from_secs(1));
    let client = client(&server, expired);

    list(&client, &server).await.unwrap();

    let methods: Vec<_> = shown(&server).into_iter().map(|(method, _)| method).collect();
    assert_eq!(methods, ["POST", "GET", "GET", "GET"]);
    assert_eq!(shown(&server)[1].1, server.newest_access_token());
}

#[tokio::test]
async fn a_token_that_still_holds_is_used_while_the_next_is_on_its_way() {
    let life = Duration::from_secs(1_000);
    let delay = Duration::from_secs(20);
    let (server, clock) =
        with_a_clock(AlbumServer::builder().token_life(life).refresh_delay(delay)).await;
    let client = client(&server, session(&server).expires_at(today() + life));
    clock.store(900, Ordering::SeqCst);

    for _ in 0..5 {
        let listed = tokio::time::timeout(Duration::from_secs(10), list(&client, &server)).await;
        assert_eq!(listed.expect("the listing waited for the refresh").unwrap(), 250);
    }

    assert_eq!(server.received_refreshes(), 1);
    let old = format!("Bearer {}", server.access_token());
    assert!(shown(&server).iter().all(|(_, token)| *token == old));
}

#[tokio::test]
async fn a_token_that_expires_in_mid_listing_costs_no_request() {
    let life = Duration::from_secs(1_000);
    let (server, clock) =
        with_a_clock(AlbumServer::builder().token_life(life).rotating_refresh_tokens(true)).await;
    let client = client(&server, session(&server).expires_at(today() + life));
    let mut files = client.list_album_content(server.album_id()).stream();
    let mut listed = 0;

    while files.try_next().await.unwrap().is_some() {
        listed += 1;
        if listed % 100 == 0 {
            clock.fetch_add(1_000, Ordering::SeqCst);
        }
    }

    assert_eq!((listed, server.received_cursors().len(), server.received_refreshes()), (250, 3, 2));
}

#[tokio::test]
async fn the_cause_of_a_failed_refresh_is_the_source_and_the_refresh_was_sent_once() {
    let answer = |status, body: &str| Fault::status(status).body(body);
    for (fault, cause) in [
        (answer(500, ""), "HTTP 500"),
        (answer(503, "<html>"), "HTTP 503"),
        (answer(400, r#"{"code":13000102,"msg":"no"}"#), "code 13000102"),
        (answer(401, r#"{"code":401,"msg":"no"}"#), "HTTP 401"),
        (answer(200, r#"{"code":13000102,"msg":"no"}"#), "code 13000102"),
        (answer(200, "<html>"), "not what the service documents"),
        (answer(200, r#"{"code":0,"data":{"accessToken":"AT 1"#), "HTTP 200"),
        (answer(200, r#"{"code":0,"data":{"accessToken":"AT 1","expiresIn":0}}"#), "expired"),
        (answer(200, r#"{"code":0,"data":{"accessToken":"AT 1","expiresIn":-1}}"#), "expired"),
        (answer(200, r#"{"code":0,"data":{"accessToken":"AT 1\n"}}"#), "malformed"),
        (answer(200, r#"{"code":0,"data":{"accessToken":""}}"#), "malformed"),
        (answer(200, r#"{"code":0,"data":{"expiresIn":1800}}"#), "holds none"),
        (answer(200, r#"{"code":0,"data":{"sessionInfo":{}}}"#), "holds none"),
        (answer(200, r#"{"code":0}"#), "holds no session"),
    ] {
        let server = AlbumServer::builder().refresh_fault(0, fault).start().await;
        let client = client(&server, session(&server));
        server.revoke_all();

        let error = list(&client, &server).await.unwrap_err();

        assert_eq!(error.kind(), ErrorKind::Credentials, "{cause}");
        let source = error.source().map(ToString::to_string).unwrap_or_default();
        assert!(source.contains(cause), "{cause}: {source}");
        assert_eq!(
            (server.received_refreshes(), server.received_cursors().len()),
            (1, 1),
            "{cause}"
        );
    }
}

#[tokio::test]
async fn a_refresh_whose_answer_is_lost_is_not_sent_again_at_once() {
    let late = Duration::from_secs(5);
    let server = AlbumServer::builder().refresh_delay(late).start().await;
    let builder = server.client_builder().http_client(patience(200));
    let client = builder.credentials(session(&server)).build().unwrap();
    server.revoke_all();

    for _ in 0..3 {
        let error = list(&client, &server).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials);
        assert!(error.source().unwrap().to_string().contains("did not answer in time"));
    }

    assert_eq!((server.received_refreshes(), server.issued_tokens()), (1, 1));
}

/// Refuses every token but [`NEW_TOKEN`], which a refresh brings.
fn renewing(request: &Request) -> ResponseTemplate {
    if request.method.as_str() == "POST" {
        let session = json!({ "accessToken": NEW_TOKEN, "expiresIn": 1_800 });
        page(&json!({ "code": 0, "data": { "sessionInfo": session } }).to_string())
    } else if request.headers["authorization"] == NEW_TOKEN {
        page(r#"{"contentList":[],"code":0}"#)
    } else {
        ResponseTemplate::new(401)
    }
}

#[tokio::test]
async fn a_refresh_sends_exactly_this() {
    let server = serving(renewing).await;
    let session = koodrive::Session::new(TOKEN, REFRESH_TOKEN);
    let client = client_of(&server.uri()).credentials(session).build().unwrap();

    client.list_album_content(ALBUM).send().await.unwrap();

    let requests = server.received_requests().await.unwrap();
    let refresh = &requests[1];
    let mut lines = vec![format!("{} {}", refresh.method, refresh.url.path())];
    for (name, value) in &refresh.headers {
        let value = value.to_str().unwrap();
        let value =
            if name == "x-traceid" && value.len() == 58 { "[58 characters]" } else { value };
        lines.push(format!("{name}: {value}"));
    }
    lines.push(String::from_utf8_lossy(&refresh.body).into_owned());
    let text = lines.join("\n").replace(&server.address().port().to_string(), "[port]");
    let text = text.replace(TOKEN, "[token]").replace(REFRESH_TOKEN, "[refresh token]");
    assert!(!text.contains(USER));
    assert_snapshot!(text, @r#"
    POST /koodrive/ose/v1/auth/refreshToken
    accept: application/json
    content-type: application/json
    x-traceid: [58 characters]
    authorization: Bearer [token]
    host: 127.0.0.1:[port]
    content-length: 51
    {"refreshToken":"[refresh token]"}
    "#);
}

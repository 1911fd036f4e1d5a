//! Sessions: when they are renewed, with what, and what becomes of the requests around it.

use std::{
    collections::HashSet,
    error::Error as StdError,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    time::{Duration, SystemTime},
};

use futures::{TryStreamExt as _, future};
use insta::assert_snapshot;
use koodrive::ErrorKind;
use koodrive_testing::{AlbumServer, AlbumServerBuilder, Fault};
use serde_json::{Value, json};
use wiremock::{Request, ResponseTemplate};

use super::{client, list, session};
use crate::support::{ALBUM, HOUR, TOKEN, USER, client_of, page, patience, serving, today, until};

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
async fn a_page_that_was_refused_is_asked_for_once_more_with_the_new_token() {
    for rotating in [false, true] {
        let server = AlbumServer::builder().rotating_refresh_tokens(rotating).start().await;
        let client = client(&server, session(&server));
        let mut files = client.list_album_content(server.album_id()).stream();
        let mut tokens = vec![format!("Bearer {}", server.access_token())];
        let mut ids = HashSet::new();

        while let Some(file) = files.try_next().await.unwrap() {
            assert!(ids.insert(file.id().to_owned()), "{} came twice", file.id());
            match ids.len() {
                100 | 200 => server.revoke_all(),
                101 | 201 => tokens.push(server.newest_access_token()),
                _ => {}
            }
        }

        let expected = [("GET", 0), ("GET", 0), ("POST", 0), ("GET", 1), ("GET", 1), ("POST", 1)];
        let expected = expected.into_iter().chain([("GET", 2)]);
        let expected = expected.map(|(method, token)| (method.to_owned(), tokens[token].clone()));
        assert_eq!(shown(&server), expected.collect::<Vec<_>>());
        let cursors = server.received_cursors();
        assert_eq!((ids.len(), &cursors[1], &cursors[3]), (250, &cursors[2], &cursors[4]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_tasks_whose_token_was_revoked_share_one_refresh() {
    let delay = Duration::from_millis(50);
    let server = Arc::new(AlbumServer::builder().files(1).refresh_delay(delay).start().await);
    let client = client(&server, session(&server));
    server.revoke_all();

    let tasks = (0..1_000).map(|_| {
        let (client, server) = (client.clone(), Arc::clone(&server));
        tokio::spawn(async move { list(&client, &server).await.unwrap() })
    });

    for listed in future::join_all(tasks).await {
        assert_eq!(listed.unwrap(), 1);
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
    assert_eq!((error.is_retryable(), error.attempts()), (false, 2));
    assert!(files.try_next().await.unwrap().is_none(), "the files go on");
    let cursors = server.received_cursors();
    assert_eq!((cursors.len(), &cursors[1]), (3, &cursors[2]));
    assert_eq!(server.received_refreshes(), 1);
}

#[tokio::test]
async fn new_tokens_are_told_with_their_expiry_before_any_request_uses_them() {
    for flat in [false, true] {
        let builder = AlbumServer::builder().clock(today).rotating_refresh_tokens(true);
        let server = Arc::new(builder.flat_sessions(flat).start().await);
        let told = Arc::new(Mutex::new(Vec::new()));
        let (witness, keep) = (Arc::clone(&server), Arc::clone(&told));
        let session = session(&server).on_refresh(move |tokens| {
            let is_used = shown(&witness).iter().any(|(_, token)| token == tokens.access_token());
            let texts = [tokens.access_token(), tokens.refresh_token()].map(str::to_owned);
            keep.lock().unwrap().push((texts, tokens.expires_at(), is_used));
        });
        let client = client(&server, session);
        server.revoke_all();

        assert_eq!(list(&client, &server).await.unwrap(), 250);

        let newest = [server.newest_access_token(), server.refresh_token()];
        assert_eq!(shown(&server).last().unwrap().1, newest[0]);
        let expiry = Some(today() + Duration::from_secs(1_800));
        assert_eq!(*told.lock().unwrap(), [(newest, expiry, false)]);
    }
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

/// The refresh never ends, so a listing that waited for it would not end either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_still_holds_is_used_while_the_next_is_on_its_way() {
    let life = Duration::from_secs(1_000);
    let (server, clock) =
        with_a_clock(AlbumServer::builder().token_life(life).refresh_delay(HOUR)).await;
    let client = client(&server, session(&server).expires_at(today() + life));
    clock.store(900, Ordering::SeqCst);

    for _ in 0..5 {
        assert_eq!(list(&client, &server).await.unwrap(), 250);
    }

    until(|| server.received_refreshes() > 0).await;
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
async fn the_cause_of_a_failed_refresh_is_told_to_each_and_the_refresh_is_not_replayed() {
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
        // Its clock stands, so that the pause before another refresh does not end.
        let server = AlbumServer::builder().clock(today).refresh_fault(0, fault).start().await;
        let client = client(&server, session(&server));
        server.revoke_all();

        for _ in 0..2 {
            let error = list(&client, &server).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Credentials, "{cause}");
            assert_eq!(error.is_retryable(), cause.starts_with("HTTP 5"), "{cause}");
            assert_eq!(error.retry_after(), Some(Duration::from_secs(1)), "{cause}");
            let source = error.source().map(ToString::to_string).unwrap_or_default();
            assert!(source.contains(cause), "{cause}: {source}");
        }
        let sent = (server.received_refreshes(), server.received_cursors().len());
        assert_eq!(sent, (1, 1), "{cause}");
    }
}

#[tokio::test]
async fn a_refresh_whose_answer_is_lost_is_not_sent_again_at_once() {
    // Its clock stands, so that the pause before another refresh does not end.
    let server = AlbumServer::builder().clock(today).refresh_delay(HOUR).start().await;
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
    renewing_with(request, &json!({ "accessToken": NEW_TOKEN, "expiresIn": 1_800 }))
}

fn renewing_with(request: &Request, session: &Value) -> ResponseTemplate {
    if request.method.as_str() == "POST" {
        page(&json!({ "code": "0", "data": { "sessionInfo": session } }).to_string())
    } else if request.headers["authorization"] == NEW_TOKEN {
        page(r#"{"contentList":[],"code":0}"#)
    } else {
        ResponseTemplate::new(401)
    }
}

#[tokio::test]
async fn numbers_of_a_refresh_are_read_as_text_too_and_may_be_missing() {
    for (expires_in, issued_at, is_known) in [
        (json!(1_800), json!("1772006999088"), true),
        (json!("1800"), json!(1_772_006_999_088_u64), true),
        (json!(""), json!(""), false),
        (json!(null), json!(null), false),
    ] {
        let session = json!({
            "accessToken": NEW_TOKEN,
            "expiresIn": expires_in,
            "issuedAt": issued_at,
        });
        let server = serving(move |request: &Request| renewing_with(request, &session)).await;
        let (told, kept) = mpsc::channel();
        let session = koodrive::Session::new(TOKEN, REFRESH_TOKEN)
            .on_refresh(move |tokens| told.send(tokens.expires_at().is_some()).unwrap());
        let client = client_of(&server.uri()).credentials(session).build().unwrap();

        client.list_album_content(ALBUM).send().await.unwrap();

        assert_eq!(kept.try_iter().collect::<Vec<_>>(), [is_known], "{expires_in}");
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
    accept-encoding: gzip
    host: 127.0.0.1:[port]
    content-length: 51
    {"refreshToken":"[refresh token]"}
    "#);
}

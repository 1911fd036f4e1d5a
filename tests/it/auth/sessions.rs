//! Sessions: when tokens are refreshed, and what happens to the requests around a refresh.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use futures::{TryStreamExt as _, future};
use koodrive::ErrorKind;
use koodrive_testing::{AlbumServer, AlbumServerBuilder, Fault};

use super::{client, list, session};
use crate::support::{HOUR, today, until};

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

/// A server, and the seconds since [`today`] that its clock shows.
async fn with_a_clock(builder: AlbumServerBuilder) -> (AlbumServer, Arc<AtomicU64>) {
    let seconds = Arc::new(AtomicU64::new(0));
    let read = Arc::clone(&seconds);
    let clock = move || today() + Duration::from_secs(read.load(Ordering::SeqCst));
    (builder.clock(clock).start().await, seconds)
}

#[tokio::test]
async fn a_refused_page_is_requested_once_more_with_the_new_token() {
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
async fn a_second_refusal_of_a_page_ends_the_listing() {
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
    assert!(files.try_next().await.unwrap().is_none(), "more files follow");
    let cursors = server.received_cursors();
    assert_eq!((cursors.len(), &cursors[1]), (3, &cursors[2]));
    assert_eq!(server.received_refreshes(), 1);
}

#[tokio::test]
async fn on_refresh_receives_new_tokens_before_any_request_uses_them() {
    for flat in [false, true] {
        let builder = AlbumServer::builder().clock(today).rotating_refresh_tokens(true);
        let server = Arc::new(builder.flat_sessions(flat).start().await);
        let received = Arc::new(Mutex::new(Vec::new()));
        let (witness, keep) = (Arc::clone(&server), Arc::clone(&received));
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
        assert_eq!(*received.lock().unwrap(), [(newest, expiry, false)]);
    }
}

#[tokio::test]
async fn an_expired_session_is_refreshed_before_the_first_page() {
    let server = AlbumServer::builder().start().await;
    let expired = session(&server).expires_at(SystemTime::now() - Duration::from_secs(1));
    let client = client(&server, expired);

    list(&client, &server).await.unwrap();

    let methods: Vec<_> = shown(&server).into_iter().map(|(method, _)| method).collect();
    assert_eq!(methods, ["POST", "GET", "GET", "GET"]);
    assert_eq!(shown(&server)[1].1, server.newest_access_token());
}

/// The refresh does not end, so a listing that waited for it would not end either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_valid_token_is_used_during_a_refresh() {
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
async fn a_token_that_expires_during_a_listing_costs_no_list_request() {
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

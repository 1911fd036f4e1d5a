//! The spans and events of a listing, as a subscriber receives them.

mod capture;

use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _};
use koodrive::{AlbumContentStream, ErrorKind, RetryPolicy, Session, Timeouts};
use koodrive_testing::{AlbumServer, Fault};

use self::capture::{Capture, Captured};
use crate::listing::{album_at, in_tens, listed};
use crate::support::{HOUR, refusing, until};

/// The attempts of a listing, without the fields that differ from run to run.
fn attempts(capture: &Capture) -> Vec<String> {
    let facts = |span: Captured| {
        assert_eq!(span.field("trace_id").len(), 58);
        span.without(["trace_id", "wait_ms"])
    };
    capture.spans("attempt").into_iter().map(facts).collect()
}

#[test]
fn a_span_that_a_thread_without_a_subscriber_reached_first_is_captured() {
    let reach = || drop(tracing::debug_span!(target: "koodrive", "reached"));
    let capture = Capture::start();

    std::thread::spawn(reach).join().unwrap();
    reach();

    assert_eq!(capture.only("reached").parent, None);
}

#[tokio::test]
async fn a_listing_is_a_span_and_each_attempt_a_child_of_it() {
    let capture = Capture::start();
    let server = AlbumServer::builder().files(25).fault(1, Fault::status(503)).start().await;
    let files = server.client().list_album_content(server.album_id()).page_size(10).stream();

    assert_eq!(listed(files).await.len(), 25);

    let listing = capture.only("list_album_content");
    assert_eq!((listing.target, listing.level), ("koodrive", tracing::Level::DEBUG));
    let album = server.album_id();
    assert_eq!(listing.without([]), format!("album_id={album} page_size=10"));
    assert_eq!(
        attempts(&capture),
        [
            "page=1 attempt=1 http.response.status_code=200 items=10",
            "page=2 attempt=1 error.type=Status http.response.status_code=503",
            "page=2 attempt=2 http.response.status_code=200 items=10",
            "page=3 attempt=1 http.response.status_code=200 items=5",
        ]
    );
    assert!(capture.spans("attempt").iter().all(|attempt| attempt.parent == Some(listing.id)));
}

#[tokio::test]
async fn a_retry_event_has_its_wait_and_its_reason() {
    let capture = Capture::start();
    let overload = Fault::status(429).header("retry-after", "0");
    let overload = overload.body(r#"{"code":13000999,"msg":"slow down"}"#);
    let server = AlbumServer::builder().files(5).fault(0, overload).start().await;

    let policy = RetryPolicy::default().throttle_delay(Duration::from_millis(40));
    let client = server.client_builder().retry(policy).build().unwrap();
    client.list_album_content(server.album_id()).send().await.unwrap();

    let [first, second] = &capture.spans("attempt")[..] else { panic!("not two attempts") };
    let [retry] = &capture.events()[..] else { panic!("not one retry") };
    assert_eq!((retry.name.as_str(), retry.level), ("retrying", tracing::Level::INFO));
    assert_eq!(
        retry.without(["wait_ms"]),
        "page=1 attempt=1 error.type=Throttled http.response.status_code=429 code=13000999"
    );
    assert_eq!(retry.parent, Some(capture.only("list_album_content").id));
    assert!(retry.field("wait_ms").parse::<u64>().unwrap() <= 40);
    assert_eq!(retry.field("wait_ms"), first.field("wait_ms"));
    assert_eq!(second.field("wait_ms"), "");
}

#[tokio::test]
async fn the_wait_is_not_part_of_the_attempt() {
    let capture = Capture::start();
    let overload = Fault::status(503).header("retry-after", "3600");
    let server = AlbumServer::builder().fault(0, overload).start().await;
    let limits = Timeouts::default().page(2 * HOUR);
    let client = server.client_builder().timeouts(limits).build().unwrap();

    let send = client.list_album_content(server.album_id()).send();
    tokio::select! {
        _ = send => panic!("it did not wait"),
        () = until(|| capture.spans("attempt").iter().any(|attempt| capture.is_closed(attempt))) => {}
    }

    let wait: u64 = capture.only("attempt").field("wait_ms").parse().unwrap();
    assert!((3_600_000..=3_600_100).contains(&wait), "{wait}");
    assert!(capture.closed_before(&capture.only("attempt"), &capture.only("list_album_content")));
}

#[tokio::test]
async fn what_the_consumer_does_with_a_page_is_not_part_of_the_attempt() {
    let capture = Capture::start();
    let server = AlbumServer::builder().files(25).start().await;

    let mut pages = in_tens(&server).pages();
    pages.next().await.unwrap().unwrap();

    assert!(capture.is_closed(&capture.only("attempt")));
    assert!(!capture.is_closed(&capture.only("list_album_content")));
}

#[tokio::test]
async fn an_error_that_is_not_retried_is_recorded_only_on_the_attempt() {
    let capture = Capture::start();
    let refused = Fault::status(400).body(r#"{"code":13000309,"msg":"resource not found"}"#);
    let server = AlbumServer::builder().fault(0, refused).start().await;

    in_tens(&server).send().await.unwrap_err();

    let expected = "page=1 attempt=1 error.type=Api http.response.status_code=400 code=13000309";
    assert_eq!(attempts(&capture), [expected]);
    assert!(capture.events().is_empty());
}

#[tokio::test]
async fn a_connection_that_fails_has_no_status() {
    let capture = Capture::start();

    let (_port, uri) = refusing();
    album_at(&uri).send().await.unwrap_err();

    assert_eq!(attempts(&capture), ["page=1 attempt=1 error.type=Connect"]);
}

#[tokio::test]
async fn a_resumed_listing_numbers_its_pages_from_the_checkpoint() {
    let capture = Capture::start();
    let server = AlbumServer::builder().files(35).start().await;
    let mut files = in_tens(&server).read_ahead(0).stream();
    files.by_ref().take(25).try_collect::<Vec<_>>().await.unwrap();

    let rest = in_tens(&server).resume(files.checkpoint()).stream();

    assert_eq!(listed(rest).await.len(), 10);
    let pages =
        capture.spans("attempt").iter().map(|attempt| attempt.field("page")).collect::<Vec<_>>();
    assert_eq!(pages, ["1", "2", "3", "3", "4"]);
}

#[tokio::test]
async fn concurrent_listings_keep_their_own_spans() {
    let capture = Capture::start();
    let server = AlbumServer::builder().files(35).start().await;
    let (mut one, mut two) = (in_tens(&server).stream(), in_tens(&server).stream());

    while let (Some(one), Some(two)) = (one.next().await, two.next().await) {
        one.and(two).unwrap();
    }

    let listings = capture.spans("list_album_content");
    assert_eq!(listings.len(), 2);
    for listing in listings {
        let attempts =
            capture.spans("attempt").into_iter().filter(|a| a.parent == Some(listing.id));
        let pages: Vec<String> = attempts.map(|attempt| attempt.field("page")).collect();
        assert_eq!(pages, ["1", "2", "3", "4"]);
    }
}

#[tokio::test]
async fn the_two_ends_of_an_unordered_listing_share_its_span() {
    let capture = Capture::start();
    let server = AlbumServer::builder().files(95).start().await;

    assert_eq!(listed(in_tens(&server).unordered().stream()).await.len(), 95);

    let listing = capture.only("list_album_content");
    assert_eq!(listing.field("unordered"), "true");
    let attempts = capture.spans("attempt");
    assert!(attempts.iter().all(|attempt| attempt.parent == Some(listing.id)));
    let pages = |end: &str| {
        let attempts = attempts.iter().filter(|attempt| attempt.field("end") == end);
        attempts.map(|attempt| attempt.field("page").parse::<usize>().unwrap()).collect::<Vec<_>>()
    };
    let (oldest, newest) = (pages("oldest"), pages("newest"));
    assert_eq!(oldest.len() + newest.len(), attempts.len());
    for pages in [oldest, newest] {
        assert_eq!(pages, (1..=pages.len()).collect::<Vec<_>>());
    }
}

/// Emits an event for each file.
async fn consume(files: &mut AlbumContentStream) {
    while let Some(file) = files.next().await {
        tracing::info!(target: "koodrive", id = file.unwrap().id(), "consumed");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn events_of_the_consumer_are_outside_the_listing() {
    for read_ahead in [0, 5, 100] {
        let capture = Capture::start();
        let server = AlbumServer::builder().files(25).start().await;

        consume(&mut in_tens(&server).read_ahead(read_ahead).stream()).await;

        let events = capture.events();
        assert_eq!(events.len(), 25);
        assert!(events.iter().all(|event| event.parent.is_none()), "{read_ahead} ahead");
    }
}

#[tokio::test]
async fn a_listing_is_a_child_of_the_span_that_created_its_stream() {
    let capture = Capture::start();
    let server = AlbumServer::builder().files(25).start().await;
    let span = tracing::info_span!(target: "koodrive", "backup");

    let mut files = span.in_scope(|| in_tens(&server).stream());
    consume(&mut files).await;

    let backup = capture.only("backup").id;
    assert_eq!(capture.only("list_album_content").parent, Some(backup));
    assert!(capture.events().iter().all(|event| event.parent.is_none()));
}

#[tokio::test]
async fn the_span_closes_when_the_listing_has_ended_or_is_dropped() {
    let capture = Capture::start();
    let server = AlbumServer::builder().files(25).start().await;
    let mut whole = in_tens(&server).stream();
    listed(whole.by_ref()).await;
    assert!(capture.is_closed(&capture.only("list_album_content")), "the listing has ended");
    drop(whole);

    let capture = Capture::start();
    let late = Fault::status(503).delay(HOUR);
    let server = AlbumServer::builder().files(25).fault(1, late).start().await;
    let mut files = in_tens(&server).stream();
    files.by_ref().take(5).try_collect::<Vec<_>>().await.unwrap();
    until(|| capture.spans("attempt").len() == 2).await;
    assert!(!capture.is_closed(&capture.only("list_album_content")));

    drop(files);
    // The request for the page ahead is aborted by its own task.
    until(|| capture.is_closed(&capture.only("list_album_content"))).await;
    let [_, cancelled] = &capture.spans("attempt")[..] else { panic!("not two attempts") };
    assert_eq!(cancelled.without(["trace_id"]), "page=2 attempt=1");
}

#[tokio::test]
async fn a_token_refresh_has_its_own_span() {
    let capture = Capture::start();
    let server = AlbumServer::builder().files(5).fault(0, Fault::status(401)).start().await;
    let session = Session::new(server.access_token(), server.refresh_token());
    let client = server.client_builder().credentials(session).build().unwrap();

    listed(client.list_album_content(server.album_id()).stream()).await;

    let renewal = capture.only("renew_token");
    assert_eq!((renewal.parent, renewal.field("trace_id").len()), (None, 58));
    let [retry] = &capture.events()[..] else { panic!("not one retry") };
    let expected =
        "page=1 attempt=1 wait_ms=0 error.type=Unauthorized http.response.status_code=401";
    assert_eq!(retry.without([]), expected);
}

#[tokio::test]
async fn the_span_of_a_failed_refresh_has_its_reason() {
    let capture = Capture::start();
    let server = AlbumServer::builder().fault(0, Fault::status(401));
    let server = server.refresh_fault(0, Fault::status(403)).start().await;
    let session = Session::new(server.access_token(), server.refresh_token());
    let client = server.client_builder().credentials(session).build().unwrap();

    let error = client.list_album_content(server.album_id()).send().await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Credentials);
    let renewal = capture.only("renew_token").without(["trace_id"]);
    assert_eq!(renewal, "error.type=Status http.response.status_code=403");
}

#[tokio::test]
async fn a_download_is_a_span_with_its_outcome() {
    let capture = Capture::start();
    let file = koodrive_testing::AlbumFile::new("F1").content("the sea");
    let server = AlbumServer::builder()
        .album("holidays", [file])
        .download_fault(1, Fault::status(404))
        .start()
        .await;
    let client = server.client();
    let page = client.list_album_content("holidays").send().await.unwrap();
    let folder = tempfile::tempdir().unwrap();

    let download = client.download(&page.contents()[0]);
    download.clone().to_path(folder.path().join("a")).await.unwrap();
    download.to_path(folder.path().join("b")).await.unwrap_err();

    let spans = capture.spans("download").into_iter().map(|span| span.without([]));
    assert_eq!(
        spans.collect::<Vec<_>>(),
        ["file_id=F1 bytes=7", "file_id=F1 error.type=Stale http.response.status_code=404"]
    );
}

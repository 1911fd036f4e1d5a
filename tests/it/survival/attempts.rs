//! Attempts at a page: how many there are, what each sends, and when they stop.

use std::future::ready;
use std::time::{Duration, Instant};

use futures::{StreamExt as _, TryStreamExt as _};
use koodrive::{CodeMeaning, Error, ErrorKind, RetryPolicy, Session, Timeouts};
use koodrive_testing::{AlbumServer, AlbumServerBuilder, Fault};

use crate::listing::listed;
use crate::support::tcp::{ScriptedServer, Then};
use crate::support::{HOUR, client_of, error_of, ok};

/// With pauses that are short enough for a test.
fn quick() -> RetryPolicy {
    let short = Duration::from_millis(1);
    RetryPolicy::default().base_delay(short).throttle_delay(short)
}

/// A server whose second page fails in these ways, one request after another.
fn faults(faults: impl IntoIterator<Item = Fault>) -> AlbumServerBuilder {
    let script = faults.into_iter().enumerate();
    script.fold(AlbumServer::builder(), |server, (n, fault)| server.fault(n + 1, fault))
}

async fn list(server: &AlbumServer, policy: RetryPolicy) -> Result<usize, Error> {
    let client = server.client_builder().retry(policy).build().unwrap();
    let files = client.list_album_content(server.album_id()).stream();
    Ok(files.try_collect::<Vec<_>>().await?.len())
}

#[tokio::test]
async fn transient_faults_cost_requests_but_no_file() {
    let throttled = r#"{"error_code":"APIG.0308","error_msg":"slow down"}"#;
    for (what, fault) in [
        ("overload", Fault::status(503)),
        ("throttling by a code", Fault::status(200).body(throttled)),
        ("a cut document", ok(r#"{"contentList":[{"id":"1"}"#)),
    ] {
        let server = faults([fault]).start().await;

        assert_eq!(list(&server, quick()).await.unwrap(), 250, "{what}");

        let cursors = server.received_cursors();
        assert_eq!((cursors.len(), &cursors[1]), (4, &cursors[2]), "{what}");
    }
}

#[tokio::test]
async fn each_attempt_has_its_own_trace_id_and_the_error_carries_the_last() {
    let server = faults([Fault::status(503), Fault::status(502), Fault::status(500)]).start().await;

    let error = list(&server, quick().max_attempts(3)).await.unwrap_err();

    assert_eq!((error.status(), error.attempts()), (Some(500), 3));
    let requests = server.received_requests();
    let mut ids: Vec<_> = requests.iter().map(|request| request.header("x-traceid")).collect();
    assert_eq!((ids.len(), *ids.last().unwrap()), (4, error.trace_id()));
    ids.dedup();
    assert_eq!(ids.len(), 4);
    assert!(error.elapsed() > Duration::ZERO);
    assert!(error.to_string().contains("3 attempts in "), "{error}");
}

#[tokio::test]
async fn a_malformed_page_is_retried_once() {
    let garbage = || ok("<html>Welcome to our hotel</html>");
    let server = faults([garbage(), garbage(), garbage()]).start().await;

    let error = list(&server, quick()).await.unwrap_err();

    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Decode, 2));
}

#[tokio::test]
async fn a_code_that_the_caller_declares_transient_is_retried() {
    let odd = || Fault::status(400).body(r#"{"code":"13000999","msg":"busy"}"#);
    let server = faults([odd(), odd()]).start().await;
    assert_eq!(list(&server, quick()).await.unwrap_err().kind(), ErrorKind::Api);

    let server = faults([odd(), odd()]).start().await;
    let policy = quick().code("13000999", CodeMeaning::Transient);
    assert_eq!(list(&server, policy).await.unwrap(), 250);
}

#[tokio::test]
async fn an_expired_cursor_is_a_paging_error() {
    let forgotten = Fault::status(400).body(r#"{"code":13000998,"msg":"?"}"#);
    let server = faults([forgotten]).start().await;
    let policy = quick().code("13000998", CodeMeaning::CursorExpired);

    let error = list(&server, policy).await.unwrap_err();

    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Paging, false));
}

#[tokio::test]
async fn retry_after_is_waited_for() {
    let server = faults([Fault::status(429).header("retry-after", "1")]).start().await;
    let start = Instant::now();

    assert_eq!(list(&server, quick()).await.unwrap(), 250);

    assert!(start.elapsed() >= Duration::from_secs(1), "{:?}", start.elapsed());
    assert_eq!(server.received_requests().len(), 4);
}

#[tokio::test]
async fn a_slow_attempt_leaves_time_for_the_next() {
    let slow = Fault::status(200).delay(HOUR);
    let server = faults([slow]).start().await;
    let limits = Timeouts::default().attempt(Duration::from_millis(500)).page(2 * HOUR);
    let client = server.client_builder().timeouts(limits).build().unwrap();

    let files = client.list_album_content(server.album_id()).stream();

    assert_eq!(listed(files).await.len(), 250);
}

#[tokio::test]
async fn blocking_the_runtime_beyond_the_timeouts_loses_no_file() {
    let server = AlbumServer::builder().files(250).page_delay(Duration::from_millis(100));
    let server = server.start().await;
    let limits = Timeouts::default()
        .connect(Duration::from_millis(300))
        .read(Duration::from_millis(300))
        .attempt(Duration::from_millis(300));
    let client = server.client_builder().timeouts(limits).retry(quick()).build().unwrap();
    let files = client.list_album_content(server.album_id()).stream();
    // On a busy machine, every attempt of a page may exceed its limit.
    let files = files.filter(|file| ready(!file.as_ref().is_err_and(Error::is_retryable)));
    let block = async {
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            std::thread::sleep(Duration::from_millis(400));
        }
    };

    let (files, ()) = futures::join!(listed(files), block);

    assert_eq!(files.len(), 250);
}

#[tokio::test]
async fn a_refresh_that_fails_for_a_transient_reason_is_retried() {
    let server = AlbumServer::builder().refresh_fault(0, Fault::status(503)).start().await;
    let session = Session::new(server.access_token(), server.refresh_token());
    let client = server.client_builder().credentials(session).build().unwrap();
    server.revoke_all();

    let files = client.list_album_content(server.album_id()).stream();

    assert_eq!(listed(files).await.len(), 250);
    assert_eq!(server.received_refreshes(), 2);
}

#[tokio::test]
async fn clones_share_one_retry_budget_and_success_refills_it() {
    let server = faults((0..8).map(|_| Fault::status(503))).start().await;
    let builder = server.client_builder().retry(quick().budget(2));
    let client = builder.build().unwrap();
    let mut files = client.list_album_content(server.album_id()).stream();
    assert_eq!(files.by_ref().take(100).count().await, 100);

    let first = files.next().await.unwrap().unwrap_err();
    assert_eq!(first.attempts(), 3);
    for _ in 0..5 {
        let clone = client.clone();
        let error = clone.list_album_content(server.album_id()).send().await.unwrap_err();
        assert_eq!(error.attempts(), 1, "the budget is spent");
    }
    for _ in 0..5 {
        client.list_album_content(server.album_id()).send().await.unwrap();
    }

    assert_eq!(files.count().await, 150);
}

#[tokio::test]
async fn invalid_settings_are_rejected_before_anything_is_sent() {
    let base = || client_of("https://koodrive.example.com");
    for builder in [
        base().retry(RetryPolicy::default().max_attempts(0)),
        base().timeouts(Timeouts::default().page(Duration::ZERO)),
    ] {
        assert_eq!(builder.build().unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    let most = Timeouts::default().page(Duration::MAX).attempt(Duration::MAX).read(Duration::MAX);
    let server = ScriptedServer::start("HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n", Then::Close);
    let most = client_of(&server.await.uri()).timeouts(most.connect(Duration::MAX));
    assert!(matches!(error_of(most).await.kind(), ErrorKind::Status | ErrorKind::Connect));
}

//! HTTP/2: one connection for all pages, and GOAWAYs and resets on it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use futures::TryStreamExt as _;
use h2::Reason;
use koodrive::{ErrorKind, RetryPolicy, Session};

use super::first_page;
use crate::support::client_of;
use crate::support::h2::{H2Server, Turn};
use crate::support::tls;

/// Five pages, each with one file whose id is the number of the page.
fn page(query: &str) -> String {
    let cursor = query.split("pageCursor=").nth(1).unwrap_or("0");
    let number: usize = cursor.split('&').next().unwrap().parse().unwrap();
    let next = if number < 4 { (number + 1).to_string() } else { String::new() };
    format!(r#"{{"contentList":[{{"id":"{number}"}}],"nextPageCursor":"{next}"}}"#)
}

/// Lists from a server that takes these turns, and returns the number of connections.
async fn list_over(turns: &[Turn]) -> usize {
    let server = H2Server::play(turns, page).await;
    let http = tls::trusting().build().unwrap();
    let client = client_of(&server.https_uri()).retry(RetryPolicy::default()).http_client(http);

    let files: Result<Vec<_>, _> = first_page(client).stream().try_collect().await;

    let files = files.unwrap_or_else(|error| panic!("{turns:?}: {error}"));
    let ids: Vec<_> = files.iter().map(|file| file.id()).collect();
    assert_eq!(ids, ["0", "1", "2", "3", "4"], "{turns:?}");
    server.connections()
}

#[tokio::test]
async fn all_pages_share_one_http_2_connection() {
    assert_eq!(list_over(&[]).await, 1);
}

#[tokio::test]
async fn http_2_goaways_and_resets_cost_no_page() {
    for (turn, connections) in [
        (Turn::AnswerAndGoAway, 2),
        (Turn::GoAway(Reason::NO_ERROR), 2),
        (Turn::GoAway(Reason::INTERNAL_ERROR), 2),
        (Turn::Reset(Reason::REFUSED_STREAM), 1),
        (Turn::Reset(Reason::ENHANCE_YOUR_CALM), 1),
        (Turn::ResetInTheBody(Reason::INTERNAL_ERROR), 1),
    ] {
        assert_eq!(list_over(&[Turn::Answer, turn]).await, connections, "{turn:?}");
    }
}

#[tokio::test]
async fn enhance_your_calm_counts_as_throttling() {
    for turn in [Turn::Reset, Turn::ResetInTheBody] {
        let turn = turn(Reason::ENHANCE_YOUR_CALM);
        let server = H2Server::play(&[turn], page).await;
        let http = tls::trusting().build().unwrap();
        let client = client_of(&server.https_uri()).http_client(http);

        let error = first_page(client).send().await.unwrap_err();

        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Throttled, 1), "{turn:?}");
        assert_eq!(error.status(), None, "{turn:?}");
    }
}

/// The service may have carried it out and used up the refresh token.
#[tokio::test]
async fn a_refresh_that_http_2_resets_is_not_repeated() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let count = |_: &str| ASKED.fetch_add(1, Ordering::SeqCst).to_string();
    let server = H2Server::play(&[Turn::Reset(Reason::ENHANCE_YOUR_CALM); 2], count).await;
    let session = Session::new("AT 3b911d72", "0e0e72d3").expires_at(SystemTime::UNIX_EPOCH);
    let http = tls::trusting().build().unwrap();
    let client = client_of(&server.https_uri()).credentials(session);
    let client = client.retry(RetryPolicy::default()).http_client(http);

    let error = first_page(client).send().await.unwrap_err();

    assert_eq!((error.kind(), ASKED.load(Ordering::SeqCst)), (ErrorKind::Credentials, 1));
}

/// Over HTTP/2, an attempt that times out does not close its connection, so the next would use it too.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_dead_http_2_connection_is_replaced_within_the_read_timeout() {
    use super::child;
    use super::environment::Root;

    let server = H2Server::play(&[Turn::Answer, Turn::Silence], page).await;
    let root = Root::new("h2");
    let variables = [("SSL_CERT_FILE", root.path()), (child::READ, "4000")];

    let outcome = child::list(&server.https_uri(), &variables).await;

    assert_eq!((outcome.result.as_str(), server.connections()), ("5", 2), "{outcome:?}");
}

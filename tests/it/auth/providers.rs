//! The caller's own source of tokens: when it is asked, and what becomes of what it says.

use std::{
    error::Error as StdError,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use koodrive::{AccessToken, Client, Credentials, ErrorKind, TokenProvider};
use koodrive_testing::AlbumServer;

use super::{client, list};
use crate::support::{chain, today};

type Provided = Result<AccessToken, Box<dyn StdError + Send + Sync>>;

/// Counts how often it is asked, and takes a moment for each answer.
struct Source<F> {
    calls: Arc<AtomicUsize>,
    answer: F,
}

impl<F: Fn(usize) -> Provided + Send + Sync + 'static> TokenProvider for Source<F> {
    async fn token(&self) -> Provided {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(20)).await;
        (self.answer)(call)
    }
}

/// A client that asks `answer`, and how often it did.
fn asking(
    server: &AlbumServer,
    answer: impl Fn(usize) -> Provided + Send + Sync + 'static,
) -> (Client, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let source = Source { calls: Arc::clone(&calls), answer };
    (client(server, Credentials::provider(source)), calls)
}

#[tokio::test]
async fn twenty_listings_ask_once_and_once_more_when_the_token_is_refused() {
    let server = AlbumServer::builder().start().await;
    let good = server.access_token().to_owned();
    let (client, calls) = asking(&server, move |call| match call {
        0 => Ok(AccessToken::new("an old one")),
        1 | 2 => Ok(AccessToken::new(&good)),
        _ => Err("there are no more tokens".into()),
    });
    assert_eq!(calls.load(Ordering::SeqCst), 0, "asked before there was need");

    let listings = stream::iter(0..20).map(|_| list(&client, &server));
    let counts: Vec<usize> = listings.buffer_unordered(20).try_collect().await.unwrap();
    assert_eq!((counts, calls.load(Ordering::SeqCst)), (vec![250; 20], 2));

    server.revoke_all();
    let again = list(&client, &server).await.unwrap_err();
    let none = list(&client, &server).await.unwrap_err();

    assert_eq!((again.kind(), again.attempts()), (ErrorKind::Unauthorized, 2));
    assert_eq!(none.kind(), ErrorKind::Credentials);
    assert!(chain(&none).any(|cause| cause.to_string() == "there are no more tokens"));
    assert_eq!((calls.load(Ordering::SeqCst), server.received_refreshes()), (4, 0));
}

#[tokio::test]
async fn its_error_is_a_cause_of_what_each_who_waits_is_told() {
    let server = AlbumServer::builder().start().await;
    let (client, calls) = asking(&server, |_| Err("the vault is sealed".into()));

    let listings = stream::iter(0..20).map(|_| list(&client, &server));
    let errors: Vec<_> = listings.buffer_unordered(20).collect().await;

    for error in errors {
        let error = error.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Credentials, 0));
        assert!(chain(&error).any(|cause| cause.to_string() == "the vault is sealed"));
    }
    assert_eq!((calls.load(Ordering::SeqCst), server.received_requests()), (1, vec![]));
}

#[tokio::test]
async fn the_expiry_of_its_token_makes_it_be_asked_again() {
    let seconds = Arc::new(AtomicU64::new(0));
    let (of_server, of_source) = (Arc::clone(&seconds), Arc::clone(&seconds));
    let now = |seconds: &AtomicU64| today() + Duration::from_secs(seconds.load(Ordering::SeqCst));
    let server = AlbumServer::builder().clock(move || now(&of_server)).start().await;
    let token = server.access_token().to_owned();
    let (client, calls) = asking(&server, move |_| {
        Ok(AccessToken::new(&token).expires_at(now(&of_source) + Duration::from_secs(600)))
    });

    for (after, expected) in [(0, 1), (400, 1), (1_000, 2), (1_400, 2), (2_000, 3)] {
        seconds.store(after, Ordering::SeqCst);
        assert_eq!(list(&client, &server).await.unwrap(), 250);
        assert_eq!(calls.load(Ordering::SeqCst), expected, "after {after} s");
    }
    assert_eq!(server.received_requests().len(), 15);
}

#[tokio::test]
async fn a_token_that_cannot_be_used_is_an_error_that_does_not_repeat_it() {
    const MARK: &str = "sh0wn";
    let expired = SystemTime::UNIX_EPOCH;
    for (token, calls_and_requests) in [
        (AccessToken::new(format!("{MARK}\r\nx-y: z")), (1, 0)),
        // It may be this machine's clock that is wrong, so it is tried once.
        (AccessToken::new(MARK).expires_at(expired), (2, 1)),
    ] {
        let server = AlbumServer::builder().start().await;
        let (client, calls) = asking(&server, move |_| Ok(token.clone()));

        let error = list(&client, &server).await.unwrap_err();

        assert_eq!(error.kind(), ErrorKind::Credentials);
        assert!(error.source().is_some());
        for cause in chain(&error) {
            assert!(!format!("{cause} {cause:?} {cause:#?}").contains(MARK), "{cause:?}");
        }
        let requests = server.received_requests().len();
        assert_eq!((calls.load(Ordering::SeqCst), requests), calls_and_requests);
    }
}

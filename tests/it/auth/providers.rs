//! Token providers: when the client calls them, and how it uses their tokens and errors.

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

/// Counts its calls, and takes a moment for each.
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

/// A client that gets its tokens from `answer`, and the number of calls.
fn asking(
    server: &AlbumServer,
    answer: impl Fn(usize) -> Provided + Send + Sync + 'static,
) -> (Client, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let source = Source { calls: Arc::clone(&calls), answer };
    (client(server, Credentials::provider(source)), calls)
}

#[tokio::test]
async fn twenty_listings_share_one_call_and_another_after_a_refusal() {
    let server = AlbumServer::builder().start().await;
    let good = server.access_token().to_owned();
    let (client, calls) = asking(&server, move |call| match call {
        0 => Ok(AccessToken::new("an old one")),
        1 | 2 => Ok(AccessToken::new(&good)),
        _ => Err("there are no more tokens".into()),
    });
    assert_eq!(calls.load(Ordering::SeqCst), 0, "called before a token was needed");

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
async fn every_waiting_listing_gets_the_providers_error_as_its_cause() {
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
async fn a_provider_is_called_again_before_its_token_expires() {
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
async fn the_error_of_an_unusable_token_does_not_show_the_token() {
    const MARK: &str = "sh0wn";
    let expired = SystemTime::UNIX_EPOCH;
    for (token, calls_and_requests) in [
        (AccessToken::new(format!("{MARK}\r\nx-y: z")), (1, 0)),
        // Perhaps it is the clock of this machine that is wrong, so the token is tried once.
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

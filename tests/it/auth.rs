//! Credentials at work, against a server that checks them like the service.

mod apps;
mod clock;
mod providers;
mod sessions;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use koodrive::{
    AccessToken, AppCredentials, Client, Credentials, Error, ErrorKind, Session, TimeSource,
    TokenProvider,
};
use koodrive_testing::{AlbumServer, Fault};

async fn list(client: &Client, server: &AlbumServer) -> Result<usize, Error> {
    let files: Vec<_> = client.list_album_content(server.album_id()).stream().try_collect().await?;
    Ok(files.len())
}

fn session(server: &AlbumServer) -> Session {
    Session::new(server.access_token(), server.refresh_token())
}

fn client(server: &AlbumServer, credentials: impl Into<Credentials>) -> Client {
    server.client_builder().credentials(credentials).build().unwrap()
}

#[tokio::test]
async fn a_token_revoked_in_mid_listing_costs_one_refresh_and_no_file() {
    for rotating in [false, true] {
        let server = AlbumServer::builder().rotating_refresh_tokens(rotating).start().await;
        let client = client(&server, session(&server));
        let mut files = client.list_album_content(server.album_id()).stream();
        let mut ids = Vec::new();

        while let Some(file) = files.try_next().await.unwrap() {
            ids.push(file.id().to_owned());
            if ids.len() == 100 || ids.len() == 200 {
                server.revoke_all();
            }
        }

        assert_eq!(ids.len(), 250);
        assert_eq!((server.received_refreshes(), server.issued_tokens()), (2, 2));
        let cursors = server.received_cursors();
        assert_eq!((cursors.len(), &cursors[1], &cursors[3]), (5, &cursors[2], &cursors[4]));
    }
}

#[tokio::test]
async fn a_thousand_refusals_of_one_token_cost_one_refresh() {
    let server = AlbumServer::builder().files(1).start().await;
    let client = client(&server, session(&server));
    server.revoke_all();

    let listings = stream::iter(0..1_000).map(|_| list(&client, &server));
    let counts: Vec<usize> = listings.buffer_unordered(1_000).try_collect().await.unwrap();

    assert_eq!(counts, vec![1; 1_000]);
    assert_eq!(server.received_refreshes(), 1);
}

#[tokio::test]
async fn new_tokens_are_handed_to_the_caller_in_both_shapes_of_the_answer() {
    for flat in [false, true] {
        let builder = AlbumServer::builder().rotating_refresh_tokens(true);
        let server = builder.flat_sessions(flat).start().await;
        let (sender, kept) = std::sync::mpsc::channel();
        let session = session(&server).on_refresh(move |tokens| {
            let texts = (tokens.access_token().to_owned(), tokens.refresh_token().to_owned());
            sender.send((texts, tokens.expires_at().is_some())).unwrap();
        });
        let client = client(&server, session);
        server.revoke_all();

        list(&client, &server).await.unwrap();

        let newest = (server.newest_access_token(), server.refresh_token());
        assert_eq!(kept.try_iter().collect::<Vec<_>>(), [(newest, true)]);
    }
}

#[tokio::test]
async fn a_token_refused_for_the_second_time_is_final() {
    let server = AlbumServer::builder()
        .fault(0, Fault::status(401))
        .fault(1, Fault::status(401))
        .start()
        .await;
    let client = client(&server, session(&server));

    let error = list(&client, &server).await.unwrap_err();

    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unauthorized, 2));
    assert_eq!((server.received_cursors().len(), server.received_refreshes()), (2, 1));
}

#[tokio::test]
async fn a_refresh_that_fails_is_told_with_its_cause_and_not_replayed() {
    for (fault, is_retryable) in [
        (Fault::status(500), true),
        (Fault::status(400).body(r#"{"code":13000102,"msg":"no"}"#), false),
        (Fault::status(200).body("<html>"), false),
        (Fault::status(200).body(r#"{"code":0,"data":{}}"#), false),
        (
            Fault::status(200)
                .body(r#"{"code":0,"data":{"accessToken":"AT 1234567","expiresIn":0}}"#),
            false,
        ),
    ] {
        let server = AlbumServer::builder().refresh_fault(0, fault).start().await;
        let client = client(&server, session(&server));
        server.revoke_all();

        let first = list(&client, &server).await.unwrap_err();
        let second = list(&client, &server).await.unwrap_err();

        for error in [first, second] {
            assert_eq!(error.kind(), ErrorKind::Credentials);
            assert_eq!(error.is_retryable(), is_retryable, "{error:?}");
            assert!(error.retry_after().is_some_and(|pause| pause <= Duration::from_secs(1)));
            assert!(std::error::Error::source(&error).is_some());
        }
        assert_eq!(server.received_refreshes(), 1);
    }
}

#[tokio::test]
async fn an_app_signs_what_is_really_sent() {
    let server = AlbumServer::builder().files(250).start().await;
    let app = AppCredentials::new(server.app_id(), server.app_secret());
    let client = client(&server, app);

    assert_eq!(list(&client, &server).await.unwrap(), 250);

    for cursor in ["a b~c*d+e%f", ":/?#[]@!$&'()*+,;=", "é图🙂", "%2F%20", "\"<>\\^`{|}"] {
        let listing = client.list_album_content(server.album_id()).page_cursor(cursor);
        let error = listing.send().await.unwrap_err();
        // The signature is checked first: what is refused is the cursor.
        assert_eq!(error.code(), Some("13000102"), "{cursor}");
    }
}

#[tokio::test]
async fn a_wrong_secret_is_refused_and_not_tried_again() {
    let server = AlbumServer::builder().start().await;
    let client = client(&server, AppCredentials::new(server.app_id(), "another secret"));

    let error = list(&client, &server).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert_eq!(server.received_cursors().len(), 1);
    assert!(!format!("{error:?} {error}").contains(server.user_id()));
}

struct Off(i64);

impl TimeSource for Off {
    fn now(&self) -> SystemTime {
        let off = Duration::from_secs(self.0.unsigned_abs());
        if self.0 < 0 { SystemTime::now() - off } else { SystemTime::now() + off }
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_costs_one_request_or_none() {
    for (seconds, requests) in
        [(0, 3), (59, 3), (-830, 3), (-840, 4), (600, 4), (-1_200, 4), (-900_000_000, 4)]
    {
        let server = AlbumServer::builder().start().await;
        let app = AppCredentials::new(server.app_id(), server.app_secret());
        for credentials in [Credentials::from(AccessToken::new(server.access_token())), app.into()]
        {
            let before = server.received_cursors().len();
            let builder = server.client_builder().time_source(Off(seconds));
            let client = builder.credentials(credentials).build().unwrap();

            assert_eq!(list(&client, &server).await.unwrap(), 250, "{seconds} s");
            assert_eq!(server.received_cursors().len() - before, requests, "{seconds} s");
        }
    }
}

struct Counted {
    calls: Arc<AtomicUsize>,
    tokens: Vec<String>,
}

impl TokenProvider for Counted {
    async fn token(&self) -> Result<AccessToken, Box<dyn std::error::Error + Send + Sync>> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        let token = self.tokens.get(call).ok_or("there are no more tokens")?;
        Ok(AccessToken::new(token))
    }
}

#[tokio::test]
async fn a_provider_is_asked_once_for_all_and_again_when_its_token_is_refused() {
    let server = AlbumServer::builder().files(1).start().await;
    let calls = Arc::new(AtomicUsize::new(0));
    let tokens = vec!["an old one".to_owned(), server.access_token().to_owned()];
    let provider = Counted { calls: Arc::clone(&calls), tokens };
    let client = client(&server, Credentials::provider(provider));

    let listings = stream::iter(0..20).map(|_| list(&client, &server));
    let counts: Vec<usize> = listings.buffer_unordered(20).try_collect().await.unwrap();

    assert_eq!((counts, calls.load(Ordering::SeqCst)), (vec![1; 20], 2));
    server.revoke_all();
    let error = list(&client, &server).await.unwrap_err();
    let cause = std::error::Error::source(&error).and_then(std::error::Error::source).unwrap();
    assert_eq!(
        (error.kind(), cause.to_string()),
        (ErrorKind::Credentials, "there are no more tokens".to_owned())
    );
}

#[tokio::test]
async fn a_trace_id_can_be_set_for_one_listing() {
    let server = AlbumServer::builder().start().await;
    let id = "a1_".repeat(20)[..58].to_owned();
    let client = server.client();

    let listing = client.list_album_content(server.album_id()).trace_id(&id);
    listing.stream().try_collect::<Vec<_>>().await.unwrap();
    let wrong = client.list_album_content(server.album_id()).trace_id(&id[..57]).send().await;

    assert_eq!(wrong.unwrap_err().kind(), ErrorKind::InvalidInput);
    let requests = server.received_requests();
    let sent: Vec<_> = requests.iter().map(|request| request.header("x-traceid")).collect();
    assert_eq!(sent, [Some(id.as_str()); 3]);
}

//! A refresh may use up the refresh token, so whatever happens around it must not lose the new one.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use koodrive::{AccessToken, Credentials, Session, TimeSource, TokenProvider};
use koodrive_testing::AlbumServer;
use tokio::runtime::{Builder, Runtime};

use super::{client, clock::Off, list, session};
use crate::support::{today, until};

/// The refresh tokens that a session reports.
type Saved = Arc<Mutex<Vec<String>>>;

fn saving(session: Session) -> (Session, Saved) {
    let saved = Saved::default();
    let save = Arc::clone(&saved);
    let session = session.on_refresh(move |tokens| {
        save.lock().unwrap().push(tokens.refresh_token().to_owned());
    });
    (session, saved)
}

async fn rotating() -> AlbumServer {
    let delay = Duration::from_millis(100);
    AlbumServer::builder().rotating_refresh_tokens(true).refresh_delay(delay).start().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_dropped_during_a_refresh_does_not_lose_the_new_tokens() {
    let server = rotating().await;
    let (session, saved) = saving(session(&server));
    server.revoke_all();
    {
        let client = client(&server, session);
        tokio::select! {
            _ = list(&client, &server) => {}
            () = until(|| server.received_refreshes() > 0) => {}
        }
    }

    until(|| !saved.lock().unwrap().is_empty()).await;

    let newest = saved.lock().unwrap().last().unwrap().clone();
    let next = client(&server, Session::new(server.newest_access_token(), newest));
    server.revoke_all();
    assert_eq!(list(&next, &server).await.unwrap(), 250);
}

/// A monotonic clock that can be put forward.
#[derive(Clone, Default)]
struct Later(Arc<AtomicU64>);

impl TimeSource for Later {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn monotonic(&self) -> Instant {
        Instant::now() + Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn a_program_that_blocks_on_each_listing_does_not_lose_the_new_tokens() {
    let servers = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = servers.block_on(async {
        let delay = Duration::from_millis(50);
        let builder = AlbumServer::builder().token_life(Duration::from_secs(1_000)).clock(today);
        builder.rotating_refresh_tokens(true).refresh_delay(delay).start().await
    });
    let (session, saved) = saving(session(&server));
    let session = session.expires_at(SystemTime::now() + Duration::from_secs(1_000));
    let clock = Later::default();
    let builder = server.client_builder().time_source(clock.clone());
    let client = builder.credentials(session).build().unwrap();
    let runtime = current_thread();
    // The token is still valid, and it is time for the next.
    clock.0.store(900, Ordering::SeqCst);

    assert_eq!(runtime.block_on(list(&client, &server)).unwrap(), 250);

    // No `block_on` drives the runtime any more, and nothing is left to drive.
    assert_eq!(saved.lock().unwrap().len(), server.received_refreshes());
    assert_eq!(server.received_refreshes(), 1);
}

#[tokio::test]
async fn the_new_tokens_are_used_even_if_on_refresh_panics() {
    let server = AlbumServer::builder().rotating_refresh_tokens(true).start().await;
    let panics = Arc::new(AtomicBool::new(false));
    let did = Arc::clone(&panics);
    let session = session(&server).on_refresh(move |_| {
        did.store(true, Ordering::SeqCst);
        panic!("the disk is full");
    });
    let client = client(&server, session);
    for refreshes in 1..=2 {
        server.revoke_all();

        assert_eq!(list(&client, &server).await.unwrap(), 250);

        assert_eq!(server.received_refreshes(), refreshes);
    }
    assert!(panics.load(Ordering::SeqCst));
}

/// As the guide has it: the expiry is computed by the clock of this machine.
struct Vault {
    token: String,
    calls: Arc<AtomicUsize>,
    clock: Off,
}

impl TokenProvider for Vault {
    async fn token(&self) -> Result<AccessToken, Box<dyn std::error::Error + Send + Sync>> {
        let is_first = self.calls.fetch_add(1, Ordering::SeqCst) == 0;
        let token = if is_first { "an old one" } else { &self.token };
        let expiry = self.clock.now() + Duration::from_secs(1_800);
        Ok(AccessToken::new(token).expires_at(expiry))
    }
}

#[tokio::test]
async fn a_provider_works_on_a_machine_whose_clock_is_an_hour_slow() {
    let server = AlbumServer::builder().start().await;
    let calls = Arc::new(AtomicUsize::new(0));
    let token = server.access_token().to_owned();
    let vault = Vault { token, calls: Arc::clone(&calls), clock: Off(-3_600) };
    let builder = server.client_builder().time_source(Off(-3_600));
    let client = builder.credentials(Credentials::provider(vault)).build().unwrap();

    // The refusal of the first token tells the service's time.
    assert_eq!(list(&client, &server).await.unwrap(), 250);
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

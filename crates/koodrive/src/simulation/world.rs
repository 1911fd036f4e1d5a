//! The world of a run: the service, and clients with their credentials.

use std::{
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use fastrand::Rng;
use koodrive_api::Sending;
use tokio::time::sleep;

use super::{
    account::Tokens, clocks::WallClock, connection::Connection, failures::HTTP, lock, millis,
    request::USER, seconds, service::Service,
};
use crate::{
    AccessToken, AppCredentials, Credentials, RetryPolicy, Session, Timeouts, TokenProvider,
    auth::credentials::Authorizer,
    calls::context::{Client, Context},
    wire::clock::{Clock, TimeSource as _},
    wire::endpoint::{self, Endpoint},
    wire::recent::Recent,
    wire::storage::Storage,
    wire::transport::{HttpService, Transport},
};

/// How the clients of a run authenticate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CredentialsKind {
    /// A token that nothing refreshes.
    Token,
    App,
    Session,
    Provider,
}

impl CredentialsKind {
    pub(super) fn random(rng: &mut Rng) -> Self {
        [Self::Session, Self::Session, Self::Session, Self::Provider, Self::App, Self::Token]
            [rng.usize(..6)]
    }
}

/// Connects one client with the service.
struct Wire {
    service: Arc<Service>,
    connection: Arc<Connection>,
}

impl HttpService for Wire {
    fn send(&self, request: reqwest::Request) -> Sending<'_> {
        Box::pin(self.service.exchange(&self.connection, request))
    }
}

pub(super) struct World {
    pub(super) service: Arc<Service>,
    pub(super) wall: WallClock,
    pub(super) credentials: CredentialsKind,
    pub(super) retry: RetryPolicy,
    pub(super) timeouts: Timeouts,
    /// The newest tokens of a session, as its owner saved them.
    saved_tokens: Arc<Mutex<Option<(String, String)>>>,
    /// One for each client.
    connections: Mutex<Vec<Arc<Connection>>>,
}

static ENDPOINT: LazyLock<Endpoint> =
    LazyLock::new(|| Endpoint::parse(endpoint::INTERNATIONAL, false).unwrap());

impl World {
    pub(super) fn new(service: Service, wall: WallClock, credentials: CredentialsKind) -> Self {
        Self {
            service: Arc::new(service),
            wall,
            credentials,
            retry: RetryPolicy::default(),
            timeouts: Timeouts::default(),
            saved_tokens: Arc::default(),
            connections: Mutex::default(),
        }
    }

    /// The client after `old`, which is dropped: once its refresh has ended, or at once. Then as much time
    /// passes as a refresh can take.
    pub(super) async fn next_client(&self, rng: &mut Rng, old: Client, logs_in: bool) -> Client {
        if rng.bool() {
            old.settle().await;
        } else {
            drop(old);
            sleep(seconds(40)).await;
        }
        self.check_session();
        if logs_in {
            *lock(&self.saved_tokens) = None;
        }
        self.client()
    }

    /// No refresh is under way, so the saved tokens are the newest, unless a response was lost.
    fn check_session(&self) {
        let saved = lock(&self.saved_tokens).clone();
        let state = &mut *lock(&self.service.state);
        if saved.is_some_and(|(_, refresh)| !state.account.is_kept(&refresh)) {
            state.lost_sessions += 1;
            state.journal.violated(format_args!("a lost session"));
        }
    }

    /// Whether any client's refresh is under way.
    pub(super) fn is_refreshing(&self) -> bool {
        lock(&self.connections).iter().any(|connection| connection.is_refreshing())
    }

    /// A new client with the saved tokens.
    pub(super) fn client(&self) -> Client {
        let (service, connection) = (Arc::clone(&self.service), self.connect());
        let wire = Wire { service, connection };
        let retry = self.retry.clone();
        let transport = Transport {
            endpoint: Arc::new(ENDPOINT.clone()),
            http: HTTP.clone(),
            service: Arc::new(wire),
            clock: Clock::new(Arc::new(self.wall)),
            codes: Arc::new(retry.codes.clone()),
            recent: Recent::default(),
        };
        let authorizer = Authorizer::new(self.credentials(), &transport).unwrap();
        let (budget, timeouts) = (retry.new_budget(), self.timeouts);
        let (user_id, language) = (USER.to_owned(), None);
        let storage = Storage::new(None, &ENDPOINT, timeouts.connect, timeouts.read);
        let context =
            Context { transport, storage, authorizer, retry, budget, timeouts, user_id, language };
        Client(Arc::new(context))
    }

    fn connect(&self) -> Arc<Connection> {
        let connections = &mut *lock(&self.connections);
        let connection = Arc::new(Connection::new(connections.len() as u32));
        connections.push(Arc::clone(&connection));
        connection
    }

    fn credentials(&self) -> Credentials {
        match self.credentials {
            CredentialsKind::Token => AccessToken::new(self.service.log_in().access).into(),
            CredentialsKind::App => AppCredentials::new("app", "secret").into(),
            CredentialsKind::Provider => {
                Credentials::provider(FaultyProvider(Arc::clone(&self.service)))
            }
            CredentialsKind::Session => self.session().into(),
        }
    }

    fn session(&self) -> Session {
        let saved = lock(&self.saved_tokens).clone();
        let (session, end) = match saved {
            Some((access, refresh)) => (Session::new(access, refresh), None),
            None => {
                let Tokens { access, refresh, end, .. } = self.service.log_in();
                *lock(&self.saved_tokens) = Some((access.clone(), refresh.clone()));
                (Session::new(access, refresh), Some(end))
            }
        };
        let saved_tokens = Arc::clone(&self.saved_tokens);
        let session = session.on_refresh(move |tokens| {
            let newest = (tokens.access_token().to_owned(), tokens.refresh_token().to_owned());
            *lock(&saved_tokens) = Some(newest);
        });
        end.map_or(session.clone(), |end| session.expires_at(end))
    }
}

impl Service {
    fn log_in(&self) -> Tokens {
        let state = &mut *lock(&self.state);
        state.account.log_in(&mut state.rng, self.clock.now())
    }
}

/// A caller's own source of tokens, as slow and as faulty as everything else.
struct FaultyProvider(Arc<Service>);

impl TokenProvider for FaultyProvider {
    async fn token(&self) -> Result<AccessToken, Box<dyn std::error::Error + Send + Sync>> {
        let (pause, fails, says_expiry) = {
            let state = &mut *lock(&self.0.state);
            let fails = state.rng.f64() < self.0.faults.rate;
            let pause = if fails && state.rng.bool() { 60_000 } else { state.rng.u64(..2_000) };
            (millis(pause), fails, state.rng.u8(..4) > 0)
        };
        sleep(pause.max(Duration::from_millis(1))).await;
        if fails {
            return Err("the vault is sealed".into());
        }
        let Tokens { access, end, .. } = self.0.log_in();
        let token = AccessToken::new(access);
        Ok(if says_expiry { token.expires_at(end) } else { token })
    }
}

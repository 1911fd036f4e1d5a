//! One run's world, and the clients that live in it.

use std::{
    sync::{Arc, LazyLock, Mutex, atomic::AtomicU32},
    time::Duration,
};

use fastrand::Rng;
use koodrive_api::Sending;
use tokio::time::{Instant, sleep};

use super::{
    account::Tokens,
    clocks::Wall,
    failures::HTTP,
    lock, millis,
    service::{Service, USER},
};
use crate::{
    AccessToken, AppCredentials, Credentials, RetryPolicy, Session, Timeouts, TokenProvider,
    auth::authorizer::Authorizer,
    calls::context::{Client, Context},
    wire::clock::{Clock, TimeSource as _},
    wire::endpoint::{self, Endpoint},
    wire::transport::{HttpService, Transport},
};

/// How a run's clients authenticate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Means {
    /// A token that nothing renews.
    Token,
    App,
    Session,
    Provider,
}

impl Means {
    pub(super) fn random(rng: &mut Rng) -> Self {
        [Self::Session, Self::Session, Self::Session, Self::Provider, Self::App, Self::Token]
            [rng.usize(..6)]
    }
}

/// What connects one client with the service.
pub(super) struct Line {
    service: Arc<Service>,
    pub(super) number: u32,
    /// When an answer first told the time.
    pub(super) learnt_at: Mutex<Option<Instant>>,
    pub(super) refreshing: AtomicU32,
}

impl HttpService for Line {
    fn send(&self, request: reqwest::Request) -> Sending<'_> {
        Box::pin(self.service.exchange(self, request))
    }
}

pub(super) struct World {
    pub(super) service: Arc<Service>,
    pub(super) wall: Wall,
    pub(super) means: Means,
    pub(super) retry: RetryPolicy,
    pub(super) timeouts: Timeouts,
    /// The newest tokens of a session, as its owner keeps them.
    kept: Arc<Mutex<Option<(String, String)>>>,
    clients: AtomicU32,
}

static ENDPOINT: LazyLock<Endpoint> =
    LazyLock::new(|| Endpoint::parse(endpoint::INTERNATIONAL, false).unwrap());

impl World {
    pub(super) fn new(service: Service, wall: Wall, means: Means) -> Self {
        Self {
            service: Arc::new(service),
            wall,
            means,
            retry: RetryPolicy::default(),
            timeouts: Timeouts::default(),
            kept: Arc::default(),
            clients: AtomicU32::new(0),
        }
    }

    /// The user signs in again.
    pub(super) fn forget_session(&self) {
        *lock(&self.kept) = None;
    }

    /// A new client, with the newest tokens.
    pub(super) fn client(&self) -> Client {
        let number = self.clients.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let line = Line {
            service: Arc::clone(&self.service),
            number,
            learnt_at: Mutex::default(),
            refreshing: AtomicU32::new(0),
        };
        let retry = self.retry.clone();
        let transport = Transport {
            endpoint: Arc::new(ENDPOINT.clone()),
            http: HTTP.clone(),
            service: Arc::new(line),
            clock: Clock::new(Arc::new(self.wall)),
            codes: Arc::new(retry.codes.clone()),
        };
        let authorizer = Authorizer::new(self.credentials(), &transport).unwrap();
        let (budget, timeouts) = (retry.new_budget(), self.timeouts);
        let (user_id, language) = (USER.to_owned(), None);
        let context = Context { transport, authorizer, retry, budget, timeouts, user_id, language };
        Client(Arc::new(context))
    }

    fn credentials(&self) -> Credentials {
        match self.means {
            Means::Token => AccessToken::new(self.log_in().access).into(),
            Means::App => AppCredentials::new("app", "secret").into(),
            Means::Provider => Credentials::provider(Source(Arc::clone(&self.service))),
            Means::Session => self.session().into(),
        }
    }

    fn session(&self) -> Session {
        let known = lock(&self.kept).clone();
        let (session, end) = match known {
            Some((access, refresh)) => (Session::new(access, refresh), None),
            None => {
                let Tokens { access, refresh, end, .. } = self.log_in();
                *lock(&self.kept) = Some((access.clone(), refresh.clone()));
                (Session::new(access, refresh), Some(end))
            }
        };
        let kept = Arc::clone(&self.kept);
        let session = session.on_refresh(move |tokens| {
            let newest = (tokens.access_token().to_owned(), tokens.refresh_token().to_owned());
            *lock(&kept) = Some(newest);
        });
        end.map_or(session.clone(), |end| session.expires_at(end))
    }

    fn log_in(&self) -> Tokens {
        self.service.log_in()
    }
}

impl Service {
    fn log_in(&self) -> Tokens {
        let state = &mut *lock(&self.state);
        state.account.log_in(&mut state.rng, self.clock.now())
    }
}

/// A source of tokens of the caller's own: as slow and as faulty as anything else.
struct Source(Arc<Service>);

impl TokenProvider for Source {
    async fn token(&self) -> Result<AccessToken, Box<dyn std::error::Error + Send + Sync>> {
        let (pause, fails, tells_end) = {
            let state = &mut *lock(&self.0.state);
            let fails = state.rng.f64() < self.0.weather.rate;
            let pause = if fails && state.rng.bool() { 60_000 } else { state.rng.u64(..2_000) };
            (millis(pause), fails, state.rng.u8(..4) > 0)
        };
        sleep(pause.max(Duration::from_millis(1))).await;
        if fails {
            return Err("the vault is sealed".into());
        }
        let Tokens { access, end, .. } = self.0.log_in();
        let token = AccessToken::new(access);
        Ok(if tells_end { token.expires_at(end) } else { token })
    }
}

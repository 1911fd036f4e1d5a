//! Where the next token comes from: the service's refresh call, or the caller's own source.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http::{HeaderMap, HeaderValue, StatusCode};
use koodrive_api::types::{NumberOrText, RefreshTokenRequest, RefreshTokenResponse, SessionInfo};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Attempt, Proof, token_state::Token};
use crate::{
    auth::{
        credentials::AccessToken,
        provider::AnyProvider,
        session::{Session, SessionTokens},
    },
    error::{
        Error, ErrorKind, Result,
        reply::{self, Complaint, Sent, is_success},
    },
    input, telemetry as trace,
    wire::clock::Clock,
    wire::trace_id,
    wire::transport::Transport,
};

/// A token as its source gives it.
pub(crate) struct Provided {
    pub(crate) value: HeaderValue,
    /// Counted from now; unknown if the source does not say.
    pub(crate) life: Option<Duration>,
}

impl Provided {
    pub(crate) fn new(token: &AccessToken, clock: &Clock) -> Result<Self> {
        let life = |expiry| clock_distance(expiry, clock);
        Ok(Self { value: token.header()?, life: token.expiry().map(life) })
    }
}

fn clock_distance(expiry: std::time::SystemTime, clock: &Clock) -> Duration {
    expiry.duration_since(clock.now()).unwrap_or_default()
}

pub(crate) type Future<'a, T> = Pin<Box<dyn std::future::Future<Output = T> + Send + 'a>>;

/// A source of tokens. `current` is the newest so far, whether it still holds or not.
pub(crate) trait Renewal: Send + Sync {
    fn renew(&self, current: Option<Arc<Token>>) -> Future<'_, Result<Provided>>;
}

/// The caller's own source.
pub(crate) struct Provider {
    pub(crate) provider: AnyProvider,
    pub(crate) clock: Clock,
}

impl Renewal for Provider {
    fn renew(&self, _: Option<Arc<Token>>) -> Future<'_, Result<Provided>> {
        Box::pin(async {
            let token = self.provider.token().await.map_err(|error| {
                Error::new(ErrorKind::Credentials, "the source of access tokens failed")
                    .with_source(error)
            })?;
            let Provided { value, life } = Provided::new(&token, &self.clock)?;
            match life {
                Some(Duration::ZERO) if self.clock.is_told() => {
                    Err(bad_token("it has expired already"))
                }
                // This machine's clock may be fast, and without a token nobody is asked the time.
                Some(Duration::ZERO) => Ok(Provided { value, life: None }),
                life => Ok(Provided { value, life }),
            }
        })
    }
}

/// The service's refresh call: `POST /koodrive/ose/v1/auth/refreshToken`.
pub(crate) struct Renewing {
    session: Session,
    /// Whether it changes with each use is not documented: the newest one given counts.
    refresh_token: Mutex<SecretString>,
    transport: Transport,
}

impl Renewing {
    pub(crate) fn new(session: Session, transport: Transport) -> Result<Self> {
        input::secret("refresh token", session.refresh_token.expose_secret())?;
        let refresh_token = Mutex::new(session.refresh_token.clone());
        Ok(Self { session, refresh_token, transport })
    }

    /// Sent once: if the answer is lost, nobody knows whether the refresh token was used up.
    async fn refresh(&self, current: Option<Arc<Token>>) -> Result<Provided> {
        let current = current.map(|token| token.value.clone());
        let current = current.map_or_else(|| self.session.access_token.header(), Ok)?;
        let attempt = Arc::new(Attempt::new(Proof::value(current), &self.transport));
        let trace_id = trace_id::random();
        trace::renewing(&trace_id);
        let refresh_token = self.newest();
        let request = RefreshTokenRequest { refresh_token: refresh_token.clone() };
        let api = self.transport.api(&attempt);
        let reply = api.refresh_token(Some(&trace_id), &request).await;
        let redactor = attempt.redactor([refresh_token.as_str()]);
        let sent = Sent { date: None, redactor, codes: &self.transport.codes };
        let session = match reply {
            Ok(reply) => session_of(reply.into_inner(), &attempt.head(), sent),
            Err(error) => Err(self.transport.failure(error, &sent).await),
        };
        session
            .and_then(|session| self.accept(session))
            .map_err(|error| error.with_trace_id(&trace_id).with_attempts(1))
    }

    fn newest(&self) -> String {
        let newest = self.refresh_token.lock().unwrap_or_else(PoisonError::into_inner);
        newest.expose_secret().to_owned()
    }

    /// Takes over what the refresh brought, and hands it to the caller to keep.
    fn accept(&self, session: SessionInfo) -> Result<Provided> {
        let text = session.access_token.ok_or_else(|| bad_token("the answer holds none"))?;
        let life = life(session.expires_in)?;
        let value = AccessToken::new(&*text).header().map_err(|_| bad_token("it is malformed"))?;
        let newest = session.refresh_token.filter(|text| !text.is_empty());
        let refresh_token = SecretString::from(newest.unwrap_or_else(|| self.newest()));
        *self.refresh_token.lock().unwrap_or_else(PoisonError::into_inner) = refresh_token.clone();
        if let Some(keep) = &self.session.on_refresh {
            let expires_at = life.and_then(|life| self.transport.clock.now().checked_add(life));
            keep(&SessionTokens { access_token: text.into(), refresh_token, expires_at });
        }
        Ok(Provided { value, life })
    }
}

impl Renewal for Renewing {
    fn renew(&self, current: Option<Arc<Token>>) -> Future<'_, Result<Provided>> {
        Box::pin(self.refresh(current))
    }
}

/// The vendor's table has the session in `data` itself, its example in `data.sessionInfo`.
fn session_of(
    response: RefreshTokenResponse,
    headers: &HeaderMap,
    sent: Sent<'_>,
) -> Result<SessionInfo> {
    let session = response.data.map(|data| {
        data.session_info.unwrap_or(SessionInfo {
            access_token: data.access_token,
            expires_in: data.expires_in,
            issued_at: data.issued_at,
            refresh_token: data.refresh_token,
        })
    });
    let code = response.code.map(|code| code.to_string());
    if code.as_deref().is_some_and(|code| !is_success(code)) {
        let complaint = Complaint { code, message: response.msg };
        let redactor = sent.redactor.and(session.iter().flat_map(secrets));
        let sent = Sent { redactor, ..sent };
        return Err(reply::refusal(StatusCode::OK, headers, complaint, &sent));
    }
    session.ok_or_else(|| bad_token("the answer holds no session"))
}

fn secrets(session: &SessionInfo) -> impl Iterator<Item = &str> {
    let access_token = session.access_token.as_deref();
    let bare = access_token.and_then(|text| text.split_once([' ', '+'])).map(|(_, bare)| bare);
    [access_token, bare, session.refresh_token.as_deref()].into_iter().flatten()
}

/// `expiresIn` in seconds. One that does not live is no token: taken, it would be renewed without end.
fn life(expires_in: Option<NumberOrText>) -> Result<Option<Duration>> {
    let digits = expires_in.map(|number| number.to_string()).filter(|text| !text.is_empty());
    match digits.map(|digits| digits.parse()) {
        None => Ok(None),
        Some(Ok(seconds @ 1..)) => Ok(Some(Duration::from_secs(seconds))),
        Some(_) => Err(bad_token("it has expired already, or does not say when it will")),
    }
}

fn bad_token(why: &str) -> Error {
    Error::new(ErrorKind::Decode, format!("the new access token is unusable: {why}"))
}

//! The service's refresh call, as the source of a session's tokens.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use koodrive_api::types::{NumberOrText, RefreshTokenRequest, RefreshTokenResponse, SessionInfo};
use secrecy::{ExposeSecret as _, SecretString};
use tracing::warn;

use super::{
    access_token::AccessToken,
    session::{Session, SessionTokens},
    token::{FreshToken, Token, TokenFuture, TokenSource},
};
use crate::{
    error::{
        Error, ErrorKind, Result,
        service_error::{ServiceError, is_success},
    },
    input, telemetry,
    wire::{
        authorization::Authorization,
        exchange::exchange,
        operation::{Answer, Operation, Reply},
        sync::lock,
        trace_id,
        transport::Transport,
    },
};

/// `POST /koodrive/ose/v1/auth/refreshToken`.
struct RefreshToken(RefreshTokenRequest);

impl Operation for RefreshToken {
    type Wire = RefreshTokenResponse;
    type Output = SessionInfo;

    const IS_DATED: bool = false;
    const IS_SAFE_TO_REPEAT: bool = false;

    async fn send(&self, api: &koodrive_api::Client, _: &str, trace_id: &str) -> Reply<Self::Wire> {
        api.refresh_token(Some(trace_id), &self.0).await
    }

    fn decode(&self, wire: Option<Self::Wire>, _: &Bytes) -> Result<Answer<SessionInfo>> {
        let response = wire.ok_or_else(|| {
            Error::new(ErrorKind::Decode, "the response is not what the service documents")
        })?;
        let code = response.code.map(|code| code.to_string());
        if code.as_deref().is_some_and(|code| !is_success(code)) {
            return Ok(Answer::Refusal(ServiceError::new(code, response.msg)));
        }
        let data = response.data.ok_or_else(|| bad_token("the response holds no session"))?;
        // The vendor's table has the session in `data` itself, its example in `data.sessionInfo`.
        Ok(Answer::Output(data.session_info.unwrap_or(SessionInfo {
            access_token: data.access_token,
            expires_in: data.expires_in,
            issued_at: data.issued_at,
            refresh_token: data.refresh_token,
        })))
    }

    fn secrets(&self) -> Vec<&str> {
        vec![&self.0.refresh_token]
    }
}

/// A session's tokens, each obtained with the one before.
pub(super) struct SessionRefresh {
    session: Session,
    /// The newest one. Whether it changes with each refresh is not documented.
    refresh_token: Mutex<SecretString>,
    transport: Transport,
}

impl SessionRefresh {
    pub(super) fn new(session: Session, transport: Transport) -> Result<Self> {
        input::secret("refresh token", session.refresh_token.expose_secret())?;
        let refresh_token = Mutex::new(session.refresh_token.clone());
        Ok(Self { session, refresh_token, transport })
    }

    async fn refresh(&self, current: Option<Arc<Token>>) -> Result<FreshToken> {
        let current = current.map(|token| token.value.clone());
        let current = current.map_or_else(|| self.session.access_token.header(), Ok)?;
        let trace_id = trace_id::random();
        telemetry::refreshing(&trace_id);
        let request = RefreshTokenRequest { refresh_token: self.refresh_token() };
        let (refresh, authorization) = (RefreshToken(request), Authorization::fixed(current));
        let session = exchange(&self.transport, &refresh, authorization, &trace_id).await;
        session.and_then(|session| self.accept(session)).map_err(|error| {
            error.with(|facts| (facts.trace_id, facts.attempts) = (Some(trace_id), 1))
        })
    }

    fn refresh_token(&self) -> String {
        lock(&self.refresh_token).expose_secret().to_owned()
    }

    /// The new refresh token counts before the caller is told about it.
    fn accept(&self, session: SessionInfo) -> Result<FreshToken> {
        let newest = session.refresh_token.filter(|text| !text.is_empty());
        let refresh_token = SecretString::from(newest.unwrap_or_else(|| self.refresh_token()));
        *lock(&self.refresh_token) = refresh_token.clone();
        let text = session.access_token.ok_or_else(|| bad_token("the response holds none"))?;
        let life = life(session.expires_in)?;
        let value = AccessToken::new(&*text).header().map_err(|_| bad_token("it is malformed"))?;
        let expires_at = life.and_then(|life| self.transport.clock.local().checked_add(life));
        self.report(&SessionTokens { access_token: text.into(), refresh_token, expires_at });
        Ok(FreshToken { value, life })
    }

    /// A hook that panics does not cost the tokens.
    fn report(&self, tokens: &SessionTokens) {
        if let Some(save) = &self.session.on_refresh
            && catch_unwind(AssertUnwindSafe(|| save(tokens))).is_err()
        {
            warn!(target: telemetry::TARGET, "`on_refresh` panicked; its tokens may not be saved");
        }
    }
}

impl TokenSource for SessionRefresh {
    fn next(&self, current: Option<Arc<Token>>) -> TokenFuture<'_> {
        Box::pin(self.refresh(current))
    }
}

/// `expiresIn` in seconds. A token without a life is refused: it would be refreshed without end.
fn life(expires_in: Option<NumberOrText>) -> Result<Option<Duration>> {
    let digits = expires_in.map(|number| number.to_string()).filter(|text| !text.is_empty());
    match digits.map(|digits| digits.parse()) {
        None => Ok(None),
        Some(Ok(seconds @ 1..)) => Ok(Some(Duration::from_secs(seconds))),
        Some(_) => Err(bad_token("it has already expired, or its lifetime is not a number")),
    }
}

fn bad_token(why: &str) -> Error {
    Error::new(ErrorKind::Decode, format!("the new access token is unusable: {why}"))
}

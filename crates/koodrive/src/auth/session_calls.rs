//! The calls that begin, continue and end a session.

use std::time::Duration;

use bytes::Bytes;
use koodrive_api::{
    Client,
    types::{
        LoginRequest, LoginResponse, LogoutRequest, NumberOrText, Outcome, RefreshTokenRequest,
        RefreshTokenResponse, SessionInfo,
    },
};

use super::{access_token::AccessToken, session_tokens::SessionTokens};
use crate::{
    error::{Error, ErrorKind, Result, service_error::ServiceError},
    wire::{
        clock::Clock,
        operation::{Answer, Operation, Reply},
    },
};

/// `POST /koodrive/ose/v1/auth/login`.
pub(super) struct PasswordLogin<'a> {
    pub(super) agent: &'a str,
    pub(super) request: LoginRequest,
    pub(super) clock: &'a Clock,
}

impl Operation for PasswordLogin<'_> {
    type Wire = LoginResponse;
    /// The id of the user, and the tokens.
    type Output = (String, SessionTokens);

    async fn send(&self, api: &Client, _: &str, trace_id: &str) -> Reply<Self::Wire> {
        api.login(Some(trace_id), self.agent, &self.request).await
    }

    fn decode(&self, wire: Option<Self::Wire>, body: &Bytes) -> Result<Answer<Self::Output>> {
        let Some(response) = wire else { return refusal(body) };
        Answer::new(response.code, response.msg, || {
            let data = response.data.unwrap_or_default();
            let user_id = data.user_info.and_then(|user| user.user_id).map(|id| id.to_string());
            let user_id = user_id.filter(|id| !id.is_empty()).ok_or_else(|| missing("user id"))?;
            let session = data.session_info.ok_or_else(|| missing("session"))?;
            let tokens = tokens(session, self.clock)?;
            let is_whole = !tokens.refresh_token().trim().is_empty();
            is_whole.then_some((user_id, tokens)).ok_or_else(|| missing("refresh token"))
        })
    }

    fn secrets(&self) -> Vec<&str> {
        vec![&self.request.password, &self.request.account]
    }
}

/// `POST /koodrive/ose/v1/auth/refreshToken`.
impl Operation for RefreshTokenRequest {
    type Wire = RefreshTokenResponse;
    type Output = SessionInfo;

    async fn send(&self, api: &Client, _: &str, trace_id: &str) -> Reply<Self::Wire> {
        api.refresh_token(Some(trace_id), self).await
    }

    fn decode(&self, wire: Option<Self::Wire>, body: &Bytes) -> Result<Answer<SessionInfo>> {
        let Some(response) = wire else { return refusal(body) };
        Answer::new(response.code, response.msg, || {
            let data = response.data.ok_or_else(|| missing("session"))?;
            // The vendor's table has the session in `data` itself, its example in `data.sessionInfo`.
            Ok(data.session_info.unwrap_or(SessionInfo {
                access_token: data.access_token,
                expires_in: data.expires_in,
                issued_at: data.issued_at,
                refresh_token: data.refresh_token,
            }))
        })
    }

    fn secrets(&self) -> Vec<&str> {
        vec![&self.refresh_token]
    }
}

/// `POST /koodrive/ose/v1/auth/logout`.
impl Operation for LogoutRequest {
    type Wire = Outcome;
    type Output = ();

    async fn send(&self, api: &Client, _: &str, trace_id: &str) -> Reply<Self::Wire> {
        api.logout(Some(trace_id), self).await
    }

    fn decode(&self, wire: Option<Self::Wire>, body: &Bytes) -> Result<Answer<()>> {
        let Some(response) = wire else { return refusal(body) };
        let code = response.code.ok_or_else(|| missing("code"))?;
        Answer::new(Some(code), response.msg, || Ok(()))
    }

    fn secrets(&self) -> Vec<&str> {
        vec![&self.access_token, &self.user_id]
    }
}

/// A refusal may have anything in the place of `data`.
fn refusal<T>(body: &Bytes) -> Result<Answer<T>> {
    let error = ServiceError::read(body);
    if error.code.is_some() { Ok(Answer::Refusal(error)) } else { Err(Error::undocumented()) }
}

fn missing(what: &str) -> Error {
    Error::new(ErrorKind::Decode, format!("the response holds no {what}"))
}

/// The tokens in a session's description. A life is counted from its arrival, so that no clock of the
/// service's matters.
pub(super) fn tokens(session: SessionInfo, clock: &Clock) -> Result<SessionTokens> {
    let access_token = session.access_token.ok_or_else(|| bad_token("the response holds none"))?;
    let expires_at = life(session.expires_in)?.and_then(|life| clock.local().checked_add(life));
    AccessToken::new(&*access_token).header().map_err(|_| bad_token("it is malformed"))?;
    Ok(SessionTokens::new(access_token, session.refresh_token.unwrap_or_default(), expires_at))
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

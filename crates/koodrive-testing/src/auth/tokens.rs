//! The tokens of the account: which are valid, and what a login and a refresh issue.
//!
//! A state machine without clock, lock or socket: the time is always a parameter.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::hash::sha256_hex;

/// The life of a token in the vendor's example.
const LIFE: Duration = Duration::from_secs(1800);
/// The scheme before an issued token in the vendor's example.
const SCHEME: &str = "AT ";

/// How sessions behave where the vendor does not say.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SessionRules {
    /// The life of every token. `None`: the first never expires, and the others live for [`LIFE`].
    pub(crate) life: Option<Duration>,
    /// Whether a refresh also replaces the refresh token.
    pub(crate) rotating: bool,
}

/// The state of an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenState {
    Valid,
    Expired,
    Revoked,
    Unknown,
}

/// The result of a login or a refresh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) access_token: String,
    pub(crate) life: Duration,
    pub(crate) issued_at: Timestamp,
    pub(crate) refresh_token: String,
}

/// Every access token ever issued, and the refresh token of each session.
pub(crate) struct Tokens {
    rules: SessionRules,
    /// The keys are tokens without their scheme.
    issued: BTreeMap<String, IssuedToken>,
    /// The refresh tokens of the first session and of those that logins began; `None` after a logout.
    sessions: Vec<Option<String>>,
    newest_access_token: String,
    newest_refresh_token: String,
    /// Identifies the account, so that two accounts are issued different tokens.
    seed: String,
    refreshes: usize,
}

#[derive(Clone, Copy)]
struct IssuedToken {
    /// The first moment at which the token is no longer valid; `None` if it never expires.
    expires_at: Option<Timestamp>,
    revoked: bool,
    /// The index of its session.
    session: usize,
}

impl Tokens {
    /// The account's first tokens. `start` counts only if the access token expires.
    pub(crate) fn new(
        access_token: &str,
        refresh_token: &str,
        rules: SessionRules,
        start: Timestamp,
    ) -> Self {
        let expires_at = rules.life.map(|life| expiry(start, life));
        let first = IssuedToken { expires_at, revoked: false, session: 0 };
        Self {
            rules,
            issued: BTreeMap::from([(without_scheme(access_token).to_owned(), first)]),
            sessions: vec![Some(refresh_token.to_owned())],
            newest_access_token: access_token.to_owned(),
            newest_refresh_token: refresh_token.to_owned(),
            seed: format!("{access_token}\n{refresh_token}"),
            refreshes: 0,
        }
    }

    /// The state of the token in an `Authorization` header, with any known scheme or none.
    pub(crate) fn state(&self, authorization: &str, now: Timestamp) -> TokenState {
        match self.issued.get(without_scheme(authorization)) {
            None => TokenState::Unknown,
            Some(IssuedToken { revoked: true, .. }) => TokenState::Revoked,
            Some(IssuedToken { expires_at: Some(expiry), .. }) if now >= *expiry => {
                TokenState::Expired
            }
            Some(_) => TokenState::Valid,
        }
    }

    /// Begins a session. Earlier ones do not change.
    pub(crate) fn log_in(&mut self, now: Timestamp) -> Session {
        let session = self.sessions.len();
        let [access_token, refresh_token] =
            ["access", "refresh"].map(|kind| self.token(&format!("login {session} {kind}")));
        self.sessions.push(Some(refresh_token.clone()));
        self.issue(session, access_token, refresh_token, now)
    }

    /// Ends the session of an access token: its access tokens are revoked, and its refresh token is no
    /// longer known. Returns whether the token was issued.
    pub(crate) fn log_out(&mut self, access_token: &str) -> bool {
        let session = self.issued.get(without_scheme(access_token)).map(|token| token.session);
        let ended = |token: &&mut IssuedToken| Some(token.session) == session;
        self.issued.values_mut().filter(ended).for_each(|token| token.revoked = true);
        let refresh_token = session.and_then(|session| self.sessions.get_mut(session));
        refresh_token.map(|token| *token = None).is_some()
    }

    /// Issues a new access token, or `None` if no session has this refresh token. Earlier access tokens do
    /// not change.
    pub(crate) fn refresh(&mut self, refresh_token: &str, now: Timestamp) -> Option<Session> {
        let known = |token: &Option<String>| token.as_deref() == Some(refresh_token);
        let session = self.sessions.iter().position(known)?;
        self.refreshes = self.refreshes.saturating_add(1);
        let access_token = self.token("access");
        let refresh_token = match self.rules.rotating {
            true => self.token("refresh"),
            false => refresh_token.to_owned(),
        };
        *self.sessions.get_mut(session)? = Some(refresh_token.clone());
        Some(self.issue(session, access_token, refresh_token, now))
    }

    fn issue(
        &mut self,
        session: usize,
        access_token: String,
        refresh_token: String,
        now: Timestamp,
    ) -> Session {
        let life = self.rules.life.unwrap_or(LIFE);
        let issued = IssuedToken { expires_at: Some(expiry(now, life)), revoked: false, session };
        self.newest_access_token = format!("{SCHEME}{access_token}");
        self.newest_refresh_token = refresh_token;
        self.issued.insert(access_token, issued);
        Session {
            access_token: self.newest_access_token.clone(),
            life,
            issued_at: now,
            refresh_token: self.newest_refresh_token.clone(),
        }
    }

    /// Revokes an access token. Has no effect on an unknown one.
    pub(crate) fn revoke(&mut self, token: &str) {
        if let Some(token) = self.issued.get_mut(without_scheme(token)) {
            token.revoked = true;
        }
    }

    /// Revokes every access token issued so far.
    pub(crate) fn revoke_all(&mut self) {
        self.issued.values_mut().for_each(|token| token.revoked = true);
    }

    /// With its scheme, if it has one.
    pub(crate) fn newest_access_token(&self) -> &str {
        &self.newest_access_token
    }

    /// The refresh token of the latest login or refresh.
    pub(crate) fn refresh_token(&self) -> &str {
        &self.newest_refresh_token
    }

    pub(crate) fn refreshes(&self) -> usize {
        self.refreshes
    }

    /// 48 hexadecimal digits, as in the vendor's example, and the same in every run.
    fn token(&self, kind: &str) -> String {
        let name = format!("{kind}\n{}\n{}", self.refreshes, self.seed);
        sha256_hex(name.as_bytes()).chars().take(48).collect()
    }
}

fn expiry(start: Timestamp, life: Duration) -> Timestamp {
    start.checked_add(life).unwrap_or(Timestamp::MAX)
}

/// Removes the scheme. The vendor writes `Bearer+…`, `Bearer …`, `AT …` and none at all.
fn without_scheme(value: &str) -> &str {
    let schemes = ["Bearer ", "Bearer+", SCHEME];
    schemes.iter().find_map(|scheme| value.strip_prefix(scheme)).unwrap_or(value)
}

#[cfg(test)]
mod tests;

//! The tokens of the one account: which are good, and what a refresh makes of them.
//!
//! A state machine without clock, lock or socket: the time is always a parameter.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::hash::sha256_hex;

/// The life that the vendor's example gives a token.
const LIFE: Duration = Duration::from_secs(1800);
/// What the vendor's example has before a token that it hands out.
const SCHEME: &str = "AT ";

/// How sessions behave where the vendor leaves it open.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SessionRules {
    /// The life of every token; if not set, the first one's has no end and the others' is [`LIFE`].
    pub(crate) life: Option<Duration>,
    /// Whether a refresh replaces the refresh token, too.
    pub(crate) rotating: bool,
}

/// What an access token is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenState {
    Valid,
    Expired,
    Revoked,
    Unknown,
}

/// What a refresh gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) access_token: String,
    pub(crate) life: Duration,
    pub(crate) issued_at: Timestamp,
    pub(crate) refresh_token: String,
}

/// Every access token that was ever handed out, and the one refresh token.
pub(crate) struct Tokens {
    rules: SessionRules,
    /// By the token without its scheme.
    issued: BTreeMap<String, IssuedToken>,
    newest_access_token: String,
    refresh_token: String,
    /// Names this account, so that two accounts are given different tokens.
    seed: String,
    refreshes: usize,
}

#[derive(Clone, Copy)]
struct IssuedToken {
    /// The first moment at which it is no longer good; none if that never comes.
    expires_at: Option<Timestamp>,
    revoked: bool,
}

impl Tokens {
    /// The account's first tokens, handed out at `start`; that matters only to a token with an end.
    pub(crate) fn new(
        access_token: &str,
        refresh_token: &str,
        rules: SessionRules,
        start: Timestamp,
    ) -> Self {
        let first =
            IssuedToken { expires_at: rules.life.map(|life| expiry(start, life)), revoked: false };
        Self {
            rules,
            issued: BTreeMap::from([(without_scheme(access_token).to_owned(), first)]),
            newest_access_token: access_token.to_owned(),
            refresh_token: refresh_token.to_owned(),
            seed: format!("{access_token}\n{refresh_token}"),
            refreshes: 0,
        }
    }

    /// What the token in an `Authorization` header is worth, whichever scheme stands before it.
    pub(crate) fn state(&self, authorization: &str, now: Timestamp) -> TokenState {
        match self.issued.get(without_scheme(authorization)) {
            None => TokenState::Unknown,
            Some(IssuedToken { revoked: true, .. }) => TokenState::Revoked,
            Some(IssuedToken { expires_at: Some(end), .. }) if now >= *end => TokenState::Expired,
            Some(_) => TokenState::Valid,
        }
    }

    /// Hands out a new access token for `refresh_token`, or nothing if that is not the newest one.
    /// Access tokens from before stay what they are.
    pub(crate) fn refresh(&mut self, refresh_token: &str, now: Timestamp) -> Option<Session> {
        if refresh_token != self.refresh_token {
            return None;
        }
        self.refreshes = self.refreshes.saturating_add(1);
        let (access_token, life) = (self.token("access"), self.rules.life.unwrap_or(LIFE));
        let state = IssuedToken { expires_at: Some(expiry(now, life)), revoked: false };
        self.newest_access_token = format!("{SCHEME}{access_token}");
        self.issued.insert(access_token, state);
        if self.rules.rotating {
            self.refresh_token = self.token("refresh");
        }
        Some(Session {
            access_token: self.newest_access_token.clone(),
            life,
            issued_at: now,
            refresh_token: self.refresh_token.clone(),
        })
    }

    /// Makes an access token worthless; one that was never handed out already is.
    pub(crate) fn revoke(&mut self, token: &str) {
        if let Some(state) = self.issued.get_mut(without_scheme(token)) {
            state.revoked = true;
        }
    }

    /// Makes every access token worthless that was handed out until now.
    pub(crate) fn revoke_all(&mut self) {
        self.issued.values_mut().for_each(|state| state.revoked = true);
    }

    /// As it was handed out: with its scheme, if it had one.
    pub(crate) fn newest_access_token(&self) -> &str {
        &self.newest_access_token
    }

    /// The one that the next refresh has to bring.
    pub(crate) fn refresh_token(&self) -> &str {
        &self.refresh_token
    }

    pub(crate) fn refreshes(&self) -> usize {
        self.refreshes
    }

    /// 48 hexadecimal digits, as the vendor shows, the same ones in every run of a test.
    fn token(&self, kind: &str) -> String {
        let name = format!("{kind}\n{}\n{}", self.refreshes, self.seed);
        sha256_hex(name.as_bytes()).chars().take(48).collect()
    }
}

fn expiry(start: Timestamp, life: Duration) -> Timestamp {
    start.checked_add(life).unwrap_or(Timestamp::MAX)
}

/// A token without its scheme: the vendor writes `Bearer+…`, `Bearer …`, `AT …` and nothing.
fn without_scheme(value: &str) -> &str {
    let schemes = ["Bearer ", "Bearer+", SCHEME];
    schemes.iter().find_map(|scheme| value.strip_prefix(scheme)).unwrap_or(value)
}

#[cfg(test)]
mod tests;

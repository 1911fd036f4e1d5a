//! The tokens of the account: which are valid, and what a refresh issues.
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

/// The result of a refresh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) access_token: String,
    pub(crate) life: Duration,
    pub(crate) issued_at: Timestamp,
    pub(crate) refresh_token: String,
}

/// Every access token ever issued, and the current refresh token.
pub(crate) struct Tokens {
    rules: SessionRules,
    /// The keys are tokens without their scheme.
    issued: BTreeMap<String, IssuedToken>,
    newest_access_token: String,
    refresh_token: String,
    /// Identifies the account, so that two accounts are issued different tokens.
    seed: String,
    refreshes: usize,
}

#[derive(Clone, Copy)]
struct IssuedToken {
    /// The first moment at which the token is no longer valid; `None` if it never expires.
    expires_at: Option<Timestamp>,
    revoked: bool,
}

impl Tokens {
    /// The account's first tokens. `start` counts only if the access token expires.
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

    /// Issues a new access token, or `None` if `refresh_token` is not the current one. Earlier access
    /// tokens do not change.
    pub(crate) fn refresh(&mut self, refresh_token: &str, now: Timestamp) -> Option<Session> {
        if refresh_token != self.refresh_token {
            return None;
        }
        self.refreshes = self.refreshes.saturating_add(1);
        let (access_token, life) = (self.token("access"), self.rules.life.unwrap_or(LIFE));
        let issued = IssuedToken { expires_at: Some(expiry(now, life)), revoked: false };
        self.newest_access_token = format!("{SCHEME}{access_token}");
        self.issued.insert(access_token, issued);
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

    /// The only one that the next refresh may use.
    pub(crate) fn refresh_token(&self) -> &str {
        &self.refresh_token
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

//! The tokens that the model issued, and which of them are valid by its own clock.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, SystemTime},
};

use fastrand::Rng;

use super::seconds;

/// What a login or a refresh returns.
#[derive(Clone)]
pub(super) struct Tokens {
    /// The whole value of `Authorization`.
    pub(super) access: String,
    pub(super) refresh: String,
    pub(super) life: Duration,
    pub(super) end: SystemTime,
}

pub(super) struct Account {
    /// When each access token that was ever issued expires.
    ends: BTreeMap<String, SystemTime>,
    refresh_tokens: BTreeSet<String>,
    /// Whether a refresh uses up its refresh token.
    pub(super) is_rotating: bool,
    /// Refresh tokens that were used up by a refresh whose response was lost.
    lost: BTreeSet<String>,
}

impl Account {
    pub(super) fn new(is_rotating: bool) -> Self {
        Self {
            ends: BTreeMap::new(),
            refresh_tokens: BTreeSet::new(),
            is_rotating,
            lost: BTreeSet::new(),
        }
    }

    /// A new session. Its access token is valid for 20 to 30 minutes.
    pub(super) fn log_in(&mut self, rng: &mut Rng, now: SystemTime) -> Tokens {
        let refresh = format!("{:032x}", rng.u128(..));
        self.refresh_tokens.insert(refresh.clone());
        self.issue(rng, now, refresh)
    }

    pub(super) fn refresh(&mut self, rng: &mut Rng, now: SystemTime, old: &str) -> Option<Tokens> {
        if !self.refresh_tokens.contains(old) {
            return None;
        }
        if !self.is_rotating {
            return Some(self.issue(rng, now, old.to_owned()));
        }
        self.refresh_tokens.remove(old);
        Some(self.log_in(rng, now))
    }

    /// The response to a refresh with this token gets lost on the way.
    pub(super) fn lose_response(&mut self, refresh_token: &str) {
        self.lost.insert(refresh_token.to_owned());
    }

    /// Whether a session with this refresh token can be refreshed, as far as it depends on the client.
    pub(super) fn is_kept(&self, refresh_token: &str) -> bool {
        self.refresh_tokens.contains(refresh_token) || self.lost.contains(refresh_token)
    }

    fn issue(&mut self, rng: &mut Rng, now: SystemTime, refresh: String) -> Tokens {
        let access = format!("AT {:032x}", rng.u128(..));
        let life = seconds(rng.u64(20 * 60..=30 * 60));
        self.ends.insert(access.clone(), now + life);
        Tokens { access, refresh, life, end: now + life }
    }

    pub(super) fn knows(&self, access: &str) -> bool {
        self.ends.contains_key(access)
    }

    pub(super) fn accepts(&self, access: &str, now: SystemTime) -> bool {
        self.ends.get(access).is_some_and(|end| now < *end)
    }

    pub(super) fn revoke(&mut self, access: &str) {
        if let Some(end) = self.ends.get_mut(access) {
            *end = SystemTime::UNIX_EPOCH;
        }
    }
}

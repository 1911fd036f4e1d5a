//! Tokens as their sources return them, and as the cache keeps them.

use std::{
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use http::HeaderValue;

use super::access_token::AccessToken;
use crate::{error, wire::clock::Clock};

/// A token is refreshed this long before it expires, or in the last quarter of a shorter life.
const AHEAD: Duration = Duration::from_secs(5 * 60);
/// A token is not used in the last seconds of its life, or in the last tenth of a shorter one: it has to
/// arrive before it expires.
const MARGIN: Duration = Duration::from_secs(10);

/// A token as its source returned it.
pub(super) struct FreshToken {
    pub(super) value: HeaderValue,
    /// Counted from now; `None` if the source does not say.
    pub(super) life: Option<Duration>,
}

impl FreshToken {
    pub(super) fn new(token: &AccessToken, clock: &Clock) -> error::Result<Self> {
        let life = token.expires_at.map(|expiry| expiry.duration_since(clock.local()));
        Ok(Self { value: token.header()?, life: life.map(Result::unwrap_or_default) })
    }

    /// Whether it is another one than `used`, and has not expired.
    pub(super) fn is_newer_than(&self, used: Option<&HeaderValue>) -> bool {
        Some(&self.value) != used && self.life != Some(Duration::ZERO)
    }
}

pub(super) type TokenFuture<'a> =
    Pin<Box<dyn Future<Output = error::Result<FreshToken>> + Send + 'a>>;

/// Where the next token comes from.
pub(super) trait TokenSource: Send + Sync {
    /// The next token. `current` is the newest so far, valid or not.
    fn next<'a>(&'a self, current: Option<Arc<Token>>, clock: &'a Clock) -> TokenFuture<'a>;
}

/// A token in use.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) value: HeaderValue,
    /// Counts the tokens of a cache, so that the refusal of an old one does not affect the newest.
    pub(super) generation: u64,
    refresh_at: Option<Instant>,
    usable_until: Option<Instant>,
}

impl Token {
    /// `jitter`, from 0 to 1, spreads the refreshes of many clients.
    pub(super) fn new(fresh: FreshToken, generation: u64, now: Instant, jitter: f32) -> Self {
        let life = fresh.life;
        let before_end = |early: Duration| now.checked_add(life?.saturating_sub(early));
        let at_most = |share: u32, most: Duration| {
            most.min(life.and_then(|life| life.checked_div(share)).unwrap_or_default())
        };
        let ahead = at_most(4, AHEAD);
        Self {
            value: fresh.value,
            generation,
            refresh_at: before_end(ahead.saturating_sub(ahead.mul_f32(jitter * 0.25))),
            usable_until: before_end(at_most(10, MARGIN)),
        }
    }

    pub(super) fn is_usable(&self, now: Instant) -> bool {
        self.usable_until.is_none_or(|until| now < until)
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.refresh_at.is_some_and(|at| at <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_moves_a_refresh_towards_the_expiry_and_never_past_it() {
        let (now, second) = (Instant::now(), Duration::from_secs(1));
        let fresh = || FreshToken {
            value: HeaderValue::from_static("Bearer 1"),
            life: Some(1_800 * second),
        };
        let refresh_at = |jitter| Token::new(fresh(), 0, now, jitter).refresh_at.unwrap() - now;
        assert_eq!(refresh_at(0.0), 1_500 * second);
        assert_eq!(refresh_at(1.0), 1_575 * second);
    }
}

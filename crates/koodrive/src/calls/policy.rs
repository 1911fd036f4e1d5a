//! Whether to try again, and when: pure functions of the error and of what was tried before. No HTTP
//! and no clock here; what goes on in time is in `effort`.

use std::time::Duration;

use super::budget::Budget;
use crate::error::{
    Error, ErrorKind, Result,
    codes::{CodeMeaning, Codes},
};

/// When a page is tried again after an error.
///
/// What may be different next time is: connections that fail or break, also in the middle of a body,
/// time limits, throttling, and the statuses 408, 425, 429, 500, 502, 503 and 504. A body that is not
/// a page is tried once more. Bad certificates, redirects, other refusals and anything else are not, nor
/// is a refresh whose answer was lost.
///
/// Before each attempt but the first there is a pause of a random part of 100 ms, 200 ms, 400 ms, … up
/// to 10 s (from 1 s on where the service throttles), and of `Retry-After` before that; a
/// connection that breaks is replaced at once, the first time. The defaults ride out an outage of 10
/// seconds for two listings at a time; for more, raise the [budget](Self::budget). Within [`Timeouts::page`](crate::Timeouts::page) all has to come to an end.
///
/// ```
/// use std::time::Duration;
///
/// use koodrive::{CodeMeaning, RetryPolicy};
///
/// let policy = RetryPolicy::default()
///     .max_attempts(4)
///     .max_delay(Duration::from_secs(5))
///     .code("13000999", CodeMeaning::Transient);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct RetryPolicy {
    max_attempts: u32,
    base_delay: Duration,
    throttle_delay: Duration,
    max_delay: Duration,
    budget: u32,
    pub(crate) codes: Codes,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 10,
            base_delay: Duration::from_millis(100),
            throttle_delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(10),
            budget: 20,
            codes: Codes::default(),
        }
    }
}

impl RetryPolicy {
    /// Every request is sent once, but for those that a newer token or a corrected date mends.
    pub fn none() -> Self {
        Self::default().max_attempts(1)
    }

    /// The most attempts at one page, the first included. 10 unless set. What is mended at once is not counted: a
    /// connection that broke, a token that was refused, a date.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// The longest first pause; it doubles with each. 100 ms unless set.
    pub fn base_delay(mut self, delay: Duration) -> Self {
        self.base_delay = delay;
        self
    }

    /// The same where the service throttles. 1 s unless set.
    pub fn throttle_delay(mut self, delay: Duration) -> Self {
        self.throttle_delay = delay;
        self
    }

    /// No pause is longer, but for one that the service asks for. 10 s unless set.
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// How many retries may fail, over all listings of a client and its clones, before errors are
    /// told at once. 20 unless set. What works earns them back: a retry all of its own, a first attempt a
    /// fifth of one.
    ///
    /// It keeps a service that is down from being asked several times as often as one that is up.
    pub fn budget(mut self, retries: u32) -> Self {
        self.budget = retries;
        self
    }

    /// What an error code of the service or its gateway means, where the vendor's reference does not
    /// say. Of a gateway's code (`APIG.0308`) only the digits count.
    pub fn code(mut self, code: &str, meaning: CodeMeaning) -> Self {
        self.codes.add(code, meaning);
        self
    }

    pub(crate) fn checked(self) -> Result<Self> {
        if self.max_attempts == 0 {
            return Err(Error::invalid("the retry policy has 0 attempts; expected at least 1"));
        }
        Ok(self)
    }

    pub(crate) fn new_budget(&self) -> Budget {
        Budget::new(self.budget)
    }

    /// How long to wait before the next attempt, if there is to be one. `jitter` is from 0 to 1.
    pub(crate) fn pause(&self, error: &Error, past: &mut Past, jitter: f32) -> Option<Duration> {
        let is_last = past.pauses.saturating_add(1) >= self.max_attempts;
        if is_last || !past.is_worth_another(error) {
            return None;
        }
        // Most likely the server closed an idle connection just when it was used again.
        if error.kind() == ErrorKind::Transport && !past.was_replaced {
            past.was_replaced = true;
            return Some(Duration::ZERO);
        }
        let base = match error.kind() {
            ErrorKind::Throttled => self.throttle_delay,
            _ => self.base_delay,
        };
        let longest = doubled(base, past.pauses, self.max_delay);
        past.pauses = past.pauses.saturating_add(1);
        let asked = error.retry_after().unwrap_or_default();
        Some(asked.saturating_add(part(longest, jitter)))
    }
}

/// `base`, doubled so many times, and never more than `most`.
pub(crate) fn doubled(base: Duration, times: u32, most: Duration) -> Duration {
    base.saturating_mul(2_u32.saturating_pow(times)).min(most)
}

fn part(whole: Duration, share: f32) -> Duration {
    // `mul_f32` panics where rounding leads past the longest duration.
    Duration::try_from_secs_f32(whole.as_secs_f32() * share).unwrap_or(whole)
}

/// What was tried for one page so far.
#[derive(Debug, Default)]
pub(crate) struct Past {
    pub(crate) attempts: u32,
    pauses: u32,
    was_replaced: bool,
    was_malformed: bool,
}

impl Past {
    fn is_worth_another(&mut self, error: &Error) -> bool {
        match error.kind() {
            ErrorKind::Credentials => error.is_harmless_to_repeat(),
            ErrorKind::Decode => !std::mem::replace(&mut self.was_malformed, true),
            _ => error.is_retryable(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: ErrorKind) -> Error {
        Error::new(kind, "")
    }

    fn status(status: u16) -> Error {
        error(ErrorKind::Status).with_status(status)
    }

    /// The pauses, in milliseconds, that the same error over and over again makes.
    fn pauses(policy: &RetryPolicy, error: &Error, jitter: f32) -> Vec<u128> {
        let mut past = Past::default();
        std::iter::from_fn(|| {
            past.attempts = past.attempts.saturating_add(1);
            policy.pause(error, &mut past, jitter).map(|pause| pause.as_millis())
        })
        .take(100)
        .collect()
    }

    #[test]
    fn pauses_double_to_their_limit_and_end_with_the_attempts() {
        let policy = RetryPolicy::default();
        let doubling = [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000];
        assert_eq!(pauses(&policy, &status(503), 1.0), doubling);
        assert_eq!(pauses(&policy, &status(503), 0.5)[..3], [50, 100, 200]);
        assert_eq!(pauses(&policy, &status(503), 0.0), [0; 9]);
        let throttled = error(ErrorKind::Throttled);
        assert_eq!(pauses(&policy, &throttled, 1.0)[..5], [1_000, 2_000, 4_000, 8_000, 10_000]);
        assert_eq!(pauses(&policy.max_attempts(3), &throttled, 1.0), [1_000, 2_000]);
    }

    #[test]
    fn a_connection_that_broke_is_replaced_at_once_but_only_the_first_time() {
        let lost = error(ErrorKind::Transport);
        assert_eq!(pauses(&RetryPolicy::default(), &lost, 1.0)[..4], [0, 100, 200, 400]);
        assert_eq!(pauses(&RetryPolicy::none(), &lost, 1.0), []);
    }

    #[test]
    fn what_the_service_asks_for_comes_before_the_pause() {
        let asked = status(503).with_retry_after(Some(Duration::from_secs(7)));
        assert_eq!(pauses(&RetryPolicy::default(), &asked, 1.0)[..2], [7_100, 7_200]);
        let for_ever = status(503).with_retry_after(Some(Duration::MAX));
        assert_eq!(pauses(&RetryPolicy::default(), &for_ever, 1.0).len(), 9);
    }

    #[test]
    fn what_is_tried_again_and_how_often() {
        use ErrorKind::*;
        for (error, retries) in [
            (error(Connect), 9),
            (error(Timeout), 9),
            (error(Transport), 10),
            (error(Throttled), 9),
            (error(Decode), 1),
            (error(Tls), 0),
            (error(Redirect), 0),
            (error(TooLarge), 0),
            (error(Paging), 0),
            (error(InvalidInput), 0),
            (error(Unauthorized), 0),
            (error(ClockSkew), 0),
            (error(Credentials).with_retryable(true), 0),
            (error(Api).with_status(400), 0),
            (error(Api).with_status(400).with_retryable(true), 9),
            (error(Api).with_status(200), 0),
        ] {
            assert_eq!(pauses(&RetryPolicy::default(), &error, 1.0).len(), retries, "{error:?}");
        }
        for (code, retries) in [
            (408, 9),
            (425, 9),
            (429, 9),
            (500, 9),
            (502, 9),
            (503, 9),
            (504, 9),
            (400, 0),
            (403, 0),
            (404, 0),
            (501, 0),
            (505, 0),
            (204, 0),
            (999, 0),
        ] {
            assert_eq!(
                pauses(&RetryPolicy::default(), &status(code), 1.0).len(),
                retries,
                "{code}"
            );
        }
    }

    #[test]
    fn odd_settings_harm_nobody() {
        let zero = RetryPolicy::default().base_delay(Duration::ZERO).max_delay(Duration::ZERO);
        assert_eq!(pauses(&zero, &status(503), 1.0), [0; 9]);
        let most = RetryPolicy::default()
            .max_attempts(u32::MAX)
            .base_delay(Duration::MAX)
            .max_delay(Duration::MAX);
        assert_eq!(pauses(&most, &status(503), 1.0).len(), 100);
        assert!(RetryPolicy::default().max_attempts(0).checked().is_err());
    }
}

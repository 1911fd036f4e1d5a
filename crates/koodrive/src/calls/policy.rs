//! The settings that decide whether and when an attempt is repeated.

use std::time::Duration;

use super::budget::Budget;
use crate::{
    error::{
        ErrorKind, Result,
        codes::{CodeMeaning, Codes},
    },
    input::ensure,
    wire::backoff::Backoff,
};

/// When a request is retried after an error.
///
/// Retries cover failed and lost connections (even in mid-body), timeouts, throttling, and the statuses 408,
/// 425, 429, 500, 502, 503 and 504. A body that is not a page is requested once more.
/// Bad certificates, redirects and all other errors are not retried, nor is a token refresh whose response
/// was lost.
///
/// Before each retry there is a pause: a random part of 100 ms, 200 ms, 400 ms, … up to 10 s (starting
/// with 1 s if the service throttles), after the time of `Retry-After`. The first broken connection is
/// replaced without a pause. With the defaults, two concurrent listings survive an outage of 10 seconds;
/// for more, raise the [budget](Self::budget). All attempts together take no longer than
/// [`Timeouts::page`](crate::Timeouts::page).
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
    pub(super) max_attempts: u32,
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
    /// No retries, except with a newer token or a corrected date after the service refused the old one.
    pub fn none() -> Self {
        Self::default().max_attempts(1)
    }

    /// The maximum number of attempts for one page, the first included. Default: 10. Immediate recoveries
    /// (new token, corrected date, new connection) do not count.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// The upper limit of the first pause; it doubles with each retry. Default: 100 ms.
    pub fn base_delay(mut self, delay: Duration) -> Self {
        self.base_delay = delay;
        self
    }

    /// The same if the service throttles. Default: 1 s.
    pub fn throttle_delay(mut self, delay: Duration) -> Self {
        self.throttle_delay = delay;
        self
    }

    /// The upper limit of every pause, except one that the service asks for. Default: 10 s.
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// How many retries may fail, over all listings of a client and its clones, before errors are returned
    /// without retries. Default: 20. Success earns them back: a retry that works earns one, a first
    /// attempt that works a fifth.
    ///
    /// It prevents a service that is down from receiving several times its usual load.
    pub fn budget(mut self, retries: u32) -> Self {
        self.budget = retries;
        self
    }

    /// The meaning of an error code of the service or its gateway that the vendor's reference does not
    /// explain. Only the digits of a gateway's code (`APIG.0308`) are compared.
    pub fn code(mut self, code: &str, meaning: CodeMeaning) -> Self {
        self.codes.add(code, meaning);
        self
    }

    pub(crate) fn checked(self) -> Result<Self> {
        let message = "the retry policy allows 0 attempts; expected at least 1";
        ensure(self.max_attempts > 0, message).map(|()| self)
    }

    pub(crate) fn new_budget(&self) -> Budget {
        Budget::new(self.budget)
    }

    pub(super) fn backoff(&self, kind: ErrorKind) -> Backoff {
        let is_throttled = kind == ErrorKind::Throttled;
        let first = if is_throttled { self.throttle_delay } else { self.base_delay };
        Backoff { first, longest: self.max_delay }
    }
}

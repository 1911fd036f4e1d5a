//! How long a command waits for a service that does not answer: a few seconds if it never did, longer if it
//! has answered before.

use std::time::{Duration, Instant};

use koodrive::{Error, ErrorKind, RetryPolicy};

/// How long an outage is waited for.
const OUTAGE: Duration = Duration::from_secs(20);

/// The retries of one poll: they take about 3 seconds, and at most 6. Longer outages are waited for by
/// polling again.
pub(crate) fn retry_policy() -> RetryPolicy {
    RetryPolicy::default().max_attempts(7)
}

/// The outage under way, if there is one.
#[derive(Default)]
pub(crate) struct Patience {
    has_answered: bool,
    failing_since: Option<Instant>,
}

impl Patience {
    /// Something arrived.
    pub(crate) fn restore(&mut self) {
        self.has_answered = true;
        self.failing_since = None;
    }

    /// Whether to poll again after `error`.
    pub(crate) fn allows(&mut self, error: &Error) -> bool {
        let now = Instant::now();
        let began = now.checked_sub(error.elapsed()).unwrap_or(now);
        let since = *self.failing_since.get_or_insert(began);
        // A first connection that fails is more likely a wrong name than an outage.
        let is_outage = self.has_answered || error.kind() != ErrorKind::Connect;
        let is_short = error.retry_after().unwrap_or_default() < OUTAGE;
        // A token that could not be obtained is not asked for again and again.
        let is_temporary = error.is_retryable() && error.kind() != ErrorKind::Credentials;
        is_temporary && is_outage && is_short && now.duration_since(since) < OUTAGE
    }
}

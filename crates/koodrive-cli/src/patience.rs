//! How long a command waits for a service that does not answer: a few seconds if it never did, longer if it
//! has answered before.

use std::{
    num::NonZeroU32,
    time::{Duration, Instant},
};

use jiff::{Span, SpanRelativeTo};
use koodrive::{Error, ErrorKind, RetryPolicy, Timeouts};

/// How long an outage is waited for.
const OUTAGE: Duration = Duration::from_secs(20);

/// The limits that the user sets.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub(crate) struct Limits {
    /// Time limit of each attempt at a request: seconds, or 90s, 2m [default: KOODRIVE_TIMEOUT, or 30s]
    #[arg(long, global = true, value_name = "TIME", allow_negative_numbers = true, value_parser = parse_timeout)]
    pub(crate) timeout: Option<Duration>,

    /// Attempts at each request in all [default: KOODRIVE_MAX_ATTEMPTS, or retry for about 20 s]
    #[arg(long, global = true, value_name = "N", allow_negative_numbers = true, value_parser = parse_attempts)]
    pub(crate) max_attempts: Option<NonZeroU32>,
}

impl Limits {
    /// The retries of one poll: they take about 3 seconds, and at most 6. Longer outages are waited for by
    /// polling again, unless the user limits the attempts.
    pub(crate) fn retry_policy(self) -> RetryPolicy {
        RetryPolicy::default().max_attempts(self.max_attempts.map_or(7, NonZeroU32::get))
    }

    /// All attempts together take no longer than two, or than usual.
    pub(crate) fn timeouts(self) -> Timeouts {
        let usual = Timeouts::default();
        let Some(limit) = self.timeout else { return usual };
        let all = limit.saturating_mul(2).max(Duration::from_secs(60));
        usual.connect(limit.min(Duration::from_secs(5))).read(limit).attempt(limit).page(all)
    }
}

/// Seconds, or a duration such as `90s` or `2m`.
///
/// # Errors
///
/// What was expected.
pub(crate) fn parse_timeout(text: &str) -> Result<Duration, &'static str> {
    let seconds = || text.parse().ok().map(Duration::from_secs);
    let span = || {
        let span = text.parse::<Span>().ok()?;
        Duration::try_from(span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?).ok()
    };
    let limit = seconds().or_else(span).filter(|limit| !limit.is_zero());
    limit.ok_or("expected seconds, or a duration such as 90s or 2m")
}

/// # Errors
///
/// What was expected.
pub(crate) fn parse_attempts(text: &str) -> Result<NonZeroU32, &'static str> {
    text.parse().map_err(|_| "expected a whole number from 1; 1 means no retries")
}

/// The outage under way, if there is one.
pub(crate) struct Patience {
    /// The user says how many attempts there are, so there are no others.
    is_limited: bool,
    has_answered: bool,
    failing_since: Option<Instant>,
}

impl Patience {
    pub(crate) fn new(limits: Limits) -> Self {
        let is_limited = limits.max_attempts.is_some();
        Self { is_limited, has_answered: false, failing_since: None }
    }

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
        !self.is_limited
            && is_temporary
            && is_outage
            && is_short
            && now.duration_since(since) < OUTAGE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_seconds_or_a_duration() {
        for (text, seconds) in [
            ("30", Some(30)),
            ("90s", Some(90)),
            ("2m", Some(120)),
            ("1m 30s", Some(90)),
            ("1d", Some(86_400)),
            ("0", None),
            ("0s", None),
            ("-5s", None),
            ("soon", None),
            ("", None),
        ] {
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(parse_timeout(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn a_limit_holds_for_each_attempt_and_leaves_time_for_another() {
        let limits =
            |seconds| Limits { timeout: Some(Duration::from_secs(seconds)), max_attempts: None };
        let usual = Timeouts::default();
        let seconds = Duration::from_secs;
        assert_eq!(Limits::default().timeouts(), usual);
        let short = usual.connect(seconds(2)).read(seconds(2)).attempt(seconds(2));
        assert_eq!(limits(2).timeouts(), short);
        let long = usual.read(seconds(90)).attempt(seconds(90)).page(seconds(180));
        assert_eq!(limits(90).timeouts(), long);
    }
}

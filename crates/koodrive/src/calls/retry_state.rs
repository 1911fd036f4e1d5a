//! Whether another attempt follows an error, and after which pause: pure functions of the error and of
//! what was tried before.

use std::time::Duration;

use super::policy::RetryPolicy;
use crate::error::{Error, ErrorKind, Recovery};

/// What is new in the next attempt, and makes it better than the last. Each is used once a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// After the service refused a token.
    Token,
    /// After the service refused a date.
    Date,
    /// Most likely, the server closed an idle connection just when it was used again.
    Connection,
    /// A response that was not what the service documents may have come from something in between.
    Response,
}

/// What was tried in one call so far.
#[derive(Debug, Default)]
pub(crate) struct RetryState {
    pauses: u32,
    used: Vec<Remedy>,
}

impl RetryState {
    /// Uses a remedy. Returns false if it was used before.
    pub(crate) fn take(&mut self, remedy: Remedy) -> bool {
        let is_new = !self.used.contains(&remedy);
        if is_new {
            self.used.push(remedy);
        }
        is_new
    }

    /// How long to wait before the next attempt, if there is to be one. `jitter` is from 0 to 1.
    pub(super) fn pause(
        &mut self,
        policy: &RetryPolicy,
        error: &Error,
        jitter: f32,
    ) -> Option<Duration> {
        let is_last = self.pauses.saturating_add(1) >= policy.max_attempts;
        let may_help = match error.kind() {
            _ if is_last => false,
            ErrorKind::Decode => self.take(Remedy::Response),
            _ => error.recovery() == Recovery::Retry,
        };
        if !may_help {
            return None;
        }
        if error.kind() == ErrorKind::Transport && self.take(Remedy::Connection) {
            return Some(Duration::ZERO);
        }
        let pause = policy.backoff(error.kind()).jittered(self.pauses, jitter);
        self.pauses = self.pauses.saturating_add(1);
        Some(error.retry_after().unwrap_or_default().saturating_add(pause))
    }

    /// Past failures no longer count, except that a wrong response is still repeated only once.
    pub(super) fn forget_failures(&mut self) {
        self.pauses = 0;
        self.used.retain(|remedy| *remedy == Remedy::Response);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: ErrorKind) -> Error {
        Error::new(kind, "")
    }

    fn status(status: u16) -> Error {
        error(ErrorKind::Status).with(|facts| facts.status = Some(status))
    }

    /// The pauses, in milliseconds, if the same error occurs again and again.
    fn pauses(policy: &RetryPolicy, error: &Error, jitter: f32) -> Vec<u128> {
        let mut state = RetryState::default();
        let pauses = std::iter::from_fn(|| state.pause(policy, error, jitter));
        pauses.take(100).map(|pause| pause.as_millis()).collect()
    }

    #[test]
    fn pauses_double_up_to_a_limit_and_end_with_the_attempts() {
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
    fn the_first_broken_connection_is_replaced_without_a_pause() {
        let lost = error(ErrorKind::Transport);
        assert_eq!(pauses(&RetryPolicy::default(), &lost, 1.0)[..4], [0, 100, 200, 400]);
        assert_eq!(pauses(&RetryPolicy::none(), &lost, 1.0), []);
    }

    #[test]
    fn forgotten_failures_do_not_count_but_a_wrong_response_still_does() {
        let policy = RetryPolicy::default();
        let mut state = RetryState::default();
        let pause = |state: &mut RetryState, kind| {
            state.pause(&policy, &error(kind), 1.0).map(|pause| pause.as_millis())
        };
        let lost = ErrorKind::Transport;
        assert_eq!(pause(&mut state, ErrorKind::Decode), Some(100));
        assert_eq!([(); 3].map(|()| pause(&mut state, lost)), [Some(0), Some(200), Some(400)]);

        state.forget_failures();

        assert_eq!([(); 2].map(|()| pause(&mut state, lost)), [Some(0), Some(100)]);
        assert_eq!(pause(&mut state, ErrorKind::Decode), None);
    }

    #[test]
    fn the_pause_comes_after_the_time_that_the_service_asks_for() {
        let asked = status(503).with(|facts| facts.retry_after = Some(Duration::from_secs(7)));
        assert_eq!(pauses(&RetryPolicy::default(), &asked, 1.0)[..2], [7_100, 7_200]);
        let for_ever = status(503).with(|facts| facts.retry_after = Some(Duration::MAX));
        assert_eq!(pauses(&RetryPolicy::default(), &for_ever, 1.0).len(), 9);
    }

    #[test]
    fn every_kind_of_error_is_retried_as_often_as_documented() {
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
            (error(Credentials).with(|facts| facts.recovery = Some(Recovery::Poll)), 0),
            (error(Credentials).with(|facts| facts.recovery = Some(Recovery::Retry)), 9),
            (error(Api).with(|facts| facts.status = Some(400)), 0),
            (
                error(Api)
                    .with(|facts| facts.status = Some(400))
                    .with(|facts| facts.recovery = Some(Recovery::Retry)),
                9,
            ),
            (error(Api).with(|facts| facts.status = Some(200)), 0),
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
    fn extreme_settings_do_not_panic() {
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

//! What the token cache knows, and what follows from it: pure functions of the state and the time.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::token::{FreshToken, Token};
use crate::{error::Error, wire::backoff::Backoff};

/// No refresh may take longer.
pub(super) const LIMIT: Duration = Duration::from_secs(30);
/// A refresh that has neither ended nor timed out by then is on a runtime that is no longer driven.
pub(super) const LOST_AFTER: Duration = Duration::from_secs(35);
/// Between failed refreshes.
const BACKOFF: Backoff =
    Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(60) };
/// The service may ask for a longer one, but a wrong header must not lock a program out for good.
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);

/// What to do for a caller who needs a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Use the current token.
    Use,
    /// Use the current token, and start a refresh.
    UseAndRefresh,
    /// Start a refresh, and wait for it.
    Refresh,
    /// Wait for the refresh under way.
    Wait,
    /// Fail: there is no usable token, and a refresh has just failed.
    Fail,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) token: Option<Arc<Token>>,
    /// The service refused the token.
    is_refused: bool,
    /// A refresh is under way. It counts as lost after this time.
    refreshing_until: Option<Instant>,
    failures: u32,
    pause_until: Option<Instant>,
    /// Why the last refresh failed.
    pub(super) error: Option<Arc<Error>>,
}

impl State {
    /// `in_background`: whether a refresh makes progress while nobody waits for it.
    pub(super) fn step(&self, now: Instant, in_background: bool) -> Step {
        let token = self.token.as_ref().filter(|token| !self.is_refused && token.is_usable(now));
        match token {
            Some(token) if token.is_due(now) && self.may_refresh_ahead(now) => {
                match in_background {
                    true => Step::UseAndRefresh,
                    false => Step::Refresh,
                }
            }
            // The refresh makes no progress unless somebody waits for it.
            Some(_) if !in_background && self.is_refreshing(now) => Step::Wait,
            Some(_) => Step::Use,
            None if self.is_refreshing(now) => Step::Wait,
            None if self.is_pausing(now) => Step::Fail,
            None => Step::Refresh,
        }
    }

    /// A refresh begins. What it returns tells it from one that was lost before.
    pub(super) fn begin(&mut self, now: Instant) -> Option<Instant> {
        self.refreshing_until = now.checked_add(LOST_AFTER);
        self.refreshing_until
    }

    /// Whether the refresh that began so is still the current one.
    pub(super) fn is_current(&self, begun: Option<Instant>) -> bool {
        self.refreshing_until == begun
    }

    /// A refresh returned a new token. `jitter` is from 0 to 1.
    pub(super) fn accept(&mut self, fresh: FreshToken, now: Instant, jitter: f32) {
        let generation = self.token.as_ref().map_or(0, |token| token.generation.saturating_add(1));
        let token = Arc::new(Token::new(fresh, generation, now, jitter));
        *self = Self { token: Some(token), ..Self::default() };
    }

    /// A refresh failed. The current token stays valid for as long as it was.
    pub(super) fn fail(&mut self, error: Error, now: Instant) {
        let asked = error.retry_after().unwrap_or_default().min(LONGEST_PAUSE);
        self.pause_until = now.checked_add(BACKOFF.after(self.failures).max(asked));
        self.failures = self.failures.saturating_add(1);
        self.error = Some(Arc::new(error));
        self.refreshing_until = None;
    }

    /// The refresh under way was dropped before its end.
    pub(super) fn give_up(&mut self) {
        self.refreshing_until = None;
    }

    /// The service refused a token of this generation.
    pub(super) fn refuse(&mut self, generation: u64) {
        if self.token.as_ref().is_some_and(|token| token.generation == generation) {
            self.is_refused = true;
        }
    }

    /// How long until the next refresh may start.
    pub(super) fn pause(&self, now: Instant) -> Option<Duration> {
        self.pause_until.map(|until| until.saturating_duration_since(now))
    }

    pub(super) fn is_refreshing(&self, now: Instant) -> bool {
        self.refreshing_until.is_some_and(|until| now < until)
    }

    /// An unanswered refresh may have used up the refresh token, so it is not repeated before it must be.
    fn may_refresh_ahead(&self, now: Instant) -> bool {
        let is_doubtful = self.error.as_ref().is_some_and(|error| error.is_unanswered());
        !self.is_refreshing(now) && !is_doubtful && !self.is_pausing(now)
    }

    fn is_pausing(&self, now: Instant) -> bool {
        self.pause_until.is_some_and(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::error::ErrorKind;

    const SECOND: Duration = Duration::from_secs(1);

    fn with_token(life: Option<u64>, now: Instant) -> State {
        let mut state = State::default();
        let value = HeaderValue::from_static("Bearer 1");
        let life = life.map(Duration::from_secs);
        state.accept(FreshToken { value, life }, now, 0.0);
        state
    }

    fn failure() -> Error {
        Error::new(ErrorKind::Status, "failed")
    }

    #[test]
    fn a_token_is_used_then_refreshed_ahead_then_waited_for() {
        let now = Instant::now();
        for (life, after, step) in [
            (Some(1_800), 0, Step::Use),
            (Some(1_800), 1_499, Step::Use),
            (Some(1_800), 1_500, Step::UseAndRefresh),
            (Some(1_800), 1_789, Step::UseAndRefresh),
            (Some(1_800), 1_790, Step::Refresh),
            (Some(40), 29, Step::Use),
            (Some(40), 30, Step::UseAndRefresh),
            (Some(40), 36, Step::Refresh),
            (None, 1_000_000, Step::Use),
            (Some(u64::MAX), 1_000_000, Step::Use),
        ] {
            let state = with_token(life, now);
            assert_eq!(state.step(now + after * SECOND, true), step, "{life:?} after {after} s");
        }
        assert_eq!(State::default().step(now, true), Step::Refresh);
    }

    #[test]
    fn during_a_refresh_others_use_a_valid_token_or_wait() {
        let now = Instant::now();
        let mut state = with_token(Some(1_800), now);
        state.begin(now + 1_599 * SECOND);
        assert_eq!(state.step(now + 1_600 * SECOND, true), Step::Use);
        state.begin(now + 1_799 * SECOND);
        assert_eq!(state.step(now + 1_800 * SECOND, true), Step::Wait);
    }

    #[test]
    fn a_refresh_that_does_not_even_time_out_is_started_again() {
        let now = Instant::now();
        let mut state = State::default();
        state.begin(now);
        assert_eq!(state.step(now + LOST_AFTER - SECOND, true), Step::Wait);
        assert_eq!(state.step(now + LOST_AFTER, true), Step::Refresh);
    }

    #[test]
    fn a_refresh_that_was_given_up_is_started_again_at_once() {
        let now = Instant::now();
        let mut state = State::default();
        state.begin(now);
        state.give_up();
        assert_eq!(state.step(now, true), Step::Refresh);
    }

    #[test]
    fn the_late_end_of_a_lost_refresh_is_not_that_of_the_next() {
        let now = Instant::now();
        let mut state = State::default();
        let lost = state.begin(now);
        let next = state.begin(now + LOST_AFTER);
        assert!(!state.is_current(lost) && state.is_current(next));
    }

    #[test]
    fn without_a_background_everybody_waits_for_the_refresh_under_way() {
        let now = Instant::now();
        let mut state = with_token(Some(1_800), now);
        state.begin(now + 1_600 * SECOND);
        assert_eq!(state.step(now + 1_601 * SECOND, false), Step::Wait);
        assert_eq!(state.step(now + 1_601 * SECOND, true), Step::Use);
    }

    #[test]
    fn a_failed_refresh_keeps_the_valid_token_and_pauses_longer_each_time() {
        let now = Instant::now();
        let mut state = with_token(Some(1_800), now);
        let due = now + 1_600 * SECOND;
        for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
            state.fail(failure(), due);
            assert_eq!(state.step(due, true), Step::Use);
            assert_eq!(state.pause(due), Some(pause * SECOND));
            assert_eq!(state.step(due + pause * SECOND, true), Step::UseAndRefresh);
        }
        state.fail(failure(), now + 1_800 * SECOND);
        assert_eq!(state.step(now + 1_800 * SECOND, true), Step::Fail);
    }

    #[test]
    fn a_refresh_that_the_service_puts_off_is_not_tried_before() {
        let now = Instant::now();
        for (asked, pause) in [(0, 1), (120, 120), (1_000_000, 3_600)] {
            let mut state = with_token(None, now);
            state.refuse(0);
            let asked = Some(Duration::from_secs(asked));
            state.fail(failure().with(|facts| facts.retry_after = asked), now);
            assert_eq!(state.pause(now), Some(pause * SECOND));
            assert_eq!(state.step(now + (pause - 1) * SECOND, true), Step::Fail);
            assert_eq!(state.step(now + pause * SECOND, true), Step::Refresh);
        }
    }

    #[test]
    fn an_unanswered_refresh_is_not_repeated_while_the_token_is_valid() {
        let now = Instant::now();
        let mut state = with_token(Some(1_800), now);
        state.fail(Error::new(ErrorKind::Timeout, "lost"), now + 1_600 * SECOND);
        assert_eq!(state.step(now + 1_789 * SECOND, true), Step::Use);
        assert_eq!(state.step(now + 1_790 * SECOND, true), Step::Refresh);
    }

    #[test]
    fn without_a_background_the_caller_waits_for_the_refresh() {
        let now = Instant::now();
        let mut state = with_token(Some(1_800), now);
        let due = now + 1_600 * SECOND;
        assert_eq!(state.step(due, false), Step::Refresh);
        state.fail(failure(), due);
        assert_eq!(state.step(due, false), Step::Use);
    }

    #[test]
    fn only_a_refusal_of_the_newest_token_counts() {
        let now = Instant::now();
        let mut state = with_token(None, now);
        let fresh = FreshToken { value: HeaderValue::from_static("Bearer 2"), life: None };
        state.accept(fresh, now, 0.0);

        state.refuse(0);
        assert_eq!(state.step(now, true), Step::Use);
        state.refuse(1);
        assert_eq!(state.step(now, true), Step::Refresh);
    }
}

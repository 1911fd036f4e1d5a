//! What the token cache knows, and what follows from it: pure functions of the state and the time.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use http::HeaderValue;

use crate::{auth::refresh::Provided, calls::policy::doubled, error::Error};

/// A token is renewed this long before it expires, or in the last quarter of a shorter life…
const AHEAD: Duration = Duration::from_secs(5 * 60);
/// … and not used any more for this long, or for the last tenth: it has to arrive before it expires.
const MARGIN: Duration = Duration::from_secs(10);
/// No renewal takes longer…
pub(super) const LIMIT: Duration = Duration::from_secs(30);
/// … and one that did not even say so is lost.
pub(super) const LOST_AFTER: Duration = Duration::from_secs(35);
/// After failures: 1 s, 2 s, 4 s, … up to a minute.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// A token in use.
#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) value: HeaderValue,
    /// Counts the tokens of this cache: a refusal of an old one says nothing of the newest.
    pub(crate) generation: u64,
    renew_at: Option<Instant>,
    usable_until: Option<Instant>,
}

/// What to do for a caller who wants a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// There is one that holds.
    Use,
    /// There is one that holds, and it is time to get the next.
    UseAndRenew,
    /// There is none; get one.
    Renew,
    /// There is none, and somebody is getting one.
    Wait,
    /// There is none, and getting one has just failed.
    Fail,
}

/// A renewal under way.
#[derive(Debug)]
struct Renewal {
    number: u64,
    /// When it counts as lost: the runtime that it is on may have stopped without a word.
    lost_at: Option<Instant>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) token: Option<Arc<Token>>,
    is_refused: bool,
    renewal: Option<Renewal>,
    /// How many there were.
    renewals: u64,
    failures: u32,
    pause_until: Option<Instant>,
    /// The last failure may have used up the refresh token.
    is_doubtful: bool,
    pub(super) error: Option<Arc<Error>>,
}

impl State {
    pub(super) fn step(&self, now: Instant) -> Step {
        let token = self.token.as_ref().filter(|token| !self.is_refused && token.holds(now));
        match token {
            Some(token) if token.is_due(now) && self.may_renew_ahead(now) => Step::UseAndRenew,
            Some(_) => Step::Use,
            None if self.is_renewing(now) => Step::Wait,
            None if self.pauses(now) => Step::Fail,
            None => Step::Renew,
        }
    }

    /// A new token came. `jitter`, from 0 to 1, spreads the renewals of many clients.
    pub(super) fn accept(&mut self, fresh: Provided, now: Instant, jitter: f32) {
        let generation = self.token.as_ref().map_or(0, |token| token.generation.saturating_add(1));
        self.token = Some(Arc::new(Token::new(fresh, generation, now, jitter)));
        *self = Self { token: self.token.take(), renewals: self.renewals, ..Self::default() };
    }

    /// None came. The token in hand, if it still holds, stays what it is.
    ///
    /// An exchange whose end is not known may have used up the refresh token: it is not done again
    /// before there is need.
    pub(super) fn fail(&mut self, error: Error, now: Instant, is_doubtful: bool) {
        let pause = doubled(FIRST_PAUSE, self.failures, LONGEST_PAUSE);
        self.pause_until = now.checked_add(pause);
        self.is_doubtful = is_doubtful;
        self.failures = self.failures.saturating_add(1);
        self.error = Some(Arc::new(error));
        self.renewal = None;
    }

    /// A renewal begins. Its number tells it from one that was taken for lost.
    pub(super) fn begin(&mut self, now: Instant) -> u64 {
        self.renewals = self.renewals.saturating_add(1);
        let (number, lost_at) = (self.renewals, now.checked_add(LOST_AFTER));
        self.renewal = Some(Renewal { number, lost_at });
        number
    }

    /// Whether the renewal of this number is still waited for.
    pub(super) fn awaits(&self, number: u64) -> bool {
        self.renewal.as_ref().is_some_and(|renewal| renewal.number == number)
    }

    /// The renewal under way was dropped before its end.
    pub(super) fn give_up(&mut self) {
        self.renewal = None;
    }

    /// The service refused a token of this generation.
    pub(super) fn refuse(&mut self, generation: u64) {
        if self.token.as_ref().is_some_and(|token| token.generation == generation) {
            self.is_refused = true;
        }
    }

    /// How long getting a token is not tried again.
    pub(super) fn pause(&self, now: Instant) -> Option<Duration> {
        self.pause_until.map(|until| until.saturating_duration_since(now))
    }

    fn may_renew_ahead(&self, now: Instant) -> bool {
        !self.is_renewing(now) && !self.is_doubtful && !self.pauses(now)
    }

    fn is_renewing(&self, now: Instant) -> bool {
        let lost_at = self.renewal.as_ref().map(|renewal| renewal.lost_at);
        lost_at.is_some_and(|lost_at| lost_at.is_none_or(|lost_at| now < lost_at))
    }

    fn pauses(&self, now: Instant) -> bool {
        self.pause_until.is_some_and(|until| now < until)
    }
}

impl Token {
    fn new(fresh: Provided, generation: u64, now: Instant, jitter: f32) -> Self {
        let life = fresh.life;
        let before_end = |early: Duration| now.checked_add(life?.saturating_sub(early));
        let at_most = |share: u32, most: Duration| {
            most.min(life.and_then(|life| life.checked_div(share)).unwrap_or_default())
        };
        let ahead = at_most(4, AHEAD);
        Self {
            value: fresh.value,
            generation,
            renew_at: before_end(ahead.saturating_sub(ahead.mul_f32(jitter * 0.25))),
            usable_until: before_end(at_most(10, MARGIN)),
        }
    }

    fn holds(&self, now: Instant) -> bool {
        self.usable_until.is_none_or(|until| now < until)
    }

    fn is_due(&self, now: Instant) -> bool {
        self.renew_at.is_some_and(|at| at <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    const SECOND: Duration = Duration::from_secs(1);

    fn with_token(life: Option<u64>, now: Instant) -> State {
        let mut state = State::default();
        let value = HeaderValue::from_static("Bearer 1");
        let life = life.map(Duration::from_secs);
        state.accept(Provided { value, life }, now, 0.0);
        state
    }

    fn failure() -> Error {
        Error::new(ErrorKind::Status, "failed")
    }

    #[test]
    fn a_token_is_used_then_renewed_ahead_then_waited_for() {
        let now = Instant::now();
        for (life, after, step) in [
            (Some(1_800), 0, Step::Use),
            (Some(1_800), 1_499, Step::Use),
            (Some(1_800), 1_500, Step::UseAndRenew),
            (Some(1_800), 1_789, Step::UseAndRenew),
            (Some(1_800), 1_790, Step::Renew),
            (Some(40), 29, Step::Use),
            (Some(40), 30, Step::UseAndRenew),
            (Some(40), 36, Step::Renew),
            (None, 1_000_000, Step::Use),
            (Some(u64::MAX), 1_000_000, Step::Use),
        ] {
            let state = with_token(life, now);
            assert_eq!(state.step(now + after * SECOND), step, "{life:?} after {after} s");
        }
        assert_eq!(State::default().step(now), Step::Renew);
    }

    #[test]
    fn while_somebody_renews_others_use_what_holds_or_wait() {
        let now = Instant::now();
        let mut state = with_token(Some(1_800), now);
        state.begin(now + 1_599 * SECOND);
        assert_eq!(state.step(now + 1_600 * SECOND), Step::Use);
        state.begin(now + 1_799 * SECOND);
        assert_eq!(state.step(now + 1_800 * SECOND), Step::Wait);
    }

    #[test]
    fn a_renewal_that_does_not_even_time_out_is_lost_and_its_late_end_is_not_that_of_the_next() {
        let now = Instant::now();
        let mut state = State::default();
        let first = state.begin(now);
        assert_eq!(state.step(now + LOST_AFTER - SECOND), Step::Wait);
        assert_eq!(state.step(now + LOST_AFTER), Step::Renew);

        let second = state.begin(now + LOST_AFTER);
        assert!(!state.awaits(first) && state.awaits(second));
    }

    #[test]
    fn a_failed_renewal_keeps_the_token_that_holds_and_pauses_longer_each_time() {
        let now = Instant::now();
        let mut state = with_token(Some(1_800), now);
        let due = now + 1_600 * SECOND;
        for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
            state.fail(failure(), due, false);
            assert_eq!(state.step(due), Step::Use);
            assert_eq!(state.pause(due), Some(pause * SECOND));
            assert_eq!(state.step(due + pause * SECOND), Step::UseAndRenew);
        }
        state.fail(failure(), now + 1_800 * SECOND, false);
        assert_eq!(state.step(now + 1_800 * SECOND), Step::Fail);
    }

    #[test]
    fn a_doubtful_refresh_is_not_done_again_before_there_is_need() {
        let now = Instant::now();
        let mut state = with_token(Some(1_800), now);
        state.fail(failure(), now + 1_600 * SECOND, true);
        assert_eq!(state.step(now + 1_789 * SECOND), Step::Use);
        assert_eq!(state.step(now + 1_790 * SECOND), Step::Renew);
    }

    #[test]
    fn only_a_refusal_of_the_newest_token_counts() {
        let now = Instant::now();
        let mut state = with_token(None, now);
        let fresh = Provided { value: HeaderValue::from_static("Bearer 2"), life: None };
        state.accept(fresh, now, 0.0);

        state.refuse(0);
        assert_eq!(state.step(now), Step::Use);
        state.refuse(1);
        assert_eq!(state.step(now), Step::Renew);
    }

    #[test]
    fn jitter_moves_a_renewal_towards_the_end_and_never_past_it() {
        let now = Instant::now();
        let provided =
            || Provided { value: HeaderValue::from_static("Bearer 1"), life: Some(1_800 * SECOND) };
        let renew_at = |jitter| Token::new(provided(), 0, now, jitter).renew_at.unwrap() - now;
        assert_eq!(renew_at(0.0), 1_500 * SECOND);
        assert_eq!(renew_at(1.0), 1_575 * SECOND);
    }
}

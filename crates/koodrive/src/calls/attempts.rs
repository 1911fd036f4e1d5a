//! The attempts at one call, or at one download: how many, the pauses between them, and the time.

use std::time::Duration;

use tokio::time::Instant;

use super::{context::Context, retry_state::RetryState, stopwatch::Stopwatch};
use crate::error::Error;

pub(crate) struct Attempts {
    /// How many were made.
    pub(crate) made: u32,
    start: Instant,
    /// Counts the time that they and the pauses take.
    pub(crate) stopwatch: Stopwatch,
    pub(crate) state: RetryState,
    has_paid: bool,
}

impl Attempts {
    pub(crate) fn start() -> Self {
        Self {
            made: 0,
            start: Instant::now(),
            stopwatch: Stopwatch::start(),
            state: RetryState::default(),
            has_paid: false,
        }
    }

    pub(crate) fn time_left(&mut self, context: &Context) -> Duration {
        context.timeouts.page.saturating_sub(self.stopwatch.spent())
    }

    /// How long to wait before the next attempt, if there is to be one. A pause that would exceed the time
    /// limit is not begun.
    pub(crate) fn pause(&mut self, context: &Context, error: &Error) -> Option<Duration> {
        let pause = self.state.pause(&context.retry, error, fastrand::f32())?;
        self.has_paid = pause < self.time_left(context) && context.budget.pay();
        self.has_paid.then_some(pause)
    }

    pub(crate) fn succeed(&self, context: &Context) {
        context.budget.earn(self.has_paid);
    }

    /// A download got further, so past failures no longer count.
    pub(crate) fn progress(&mut self, context: &Context) {
        if std::mem::take(&mut self.has_paid) {
            context.budget.earn(true);
        }
        self.restart();
    }

    /// Past failures no longer count, but a wrong response is still repeated only once.
    pub(crate) fn restart(&mut self) {
        self.stopwatch = Stopwatch::start();
        self.state.forget_failures();
    }

    /// Adds to `error` what was tried.
    pub(crate) fn describe(&self, error: Error) -> Error {
        error.with(|facts| {
            facts.attempts = self.made;
            facts.elapsed = self.start.elapsed();
        })
    }
}

//! The attempts at one call, or at one download: how many, the pauses between them, and the time.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    context::Context,
    retry_state::{Remedy, RetryState},
    stopwatch::Stopwatch,
};
use crate::error::Error;

pub(crate) struct Attempts {
    /// How many were made.
    pub(crate) made: u32,
    start: Instant,
    stopwatch: Stopwatch,
    state: RetryState,
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

    /// Counts the time that `work` takes.
    pub(crate) async fn during<F: Future>(&mut self, work: F) -> F::Output {
        self.stopwatch.during(work).await
    }

    pub(crate) fn time_left(&mut self, context: &Context) -> Duration {
        context.timeouts.page.saturating_sub(self.stopwatch.spent())
    }

    /// Uses a remedy. Returns false if it was used before.
    pub(crate) fn take(&mut self, remedy: Remedy) -> bool {
        self.state.take(remedy)
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

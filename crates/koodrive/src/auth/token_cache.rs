//! The newest token, shared by all clones of a client, and the one renewal that may be under way.
//!
//! A renewal is a task of its own: whoever asked for it may be cancelled, and others go on; it is
//! aborted with the client. Nobody waits for it who still has a token that holds.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, task::AbortHandle, time::timeout};
use tracing::Instrument as _;

use super::token_state::{LIMIT, LOST_AFTER, State, Step, Token};
use crate::{
    auth::refresh::{Provided, Renewal},
    error::{Error, ErrorKind, Result},
    telemetry as trace,
    wire::clock::Clock,
};

pub(crate) struct TokenCache {
    inner: Arc<Inner>,
    task: Mutex<Option<AbortHandle>>,
}

struct Inner {
    source: Box<dyn Renewal>,
    clock: Clock,
    state: Mutex<State>,
    /// Whoever waits is woken when a renewal has ended, however.
    ended: watch::Sender<()>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl TokenCache {
    pub(crate) fn new(source: Box<dyn Renewal>, clock: Clock, first: Option<Provided>) -> Self {
        let mut state = State::default();
        if let Some(first) = first {
            state.accept(first, clock.monotonic(), fastrand::f32());
        }
        let inner =
            Inner { source, clock, state: Mutex::new(state), ended: watch::Sender::new(()) };
        Self { inner: Arc::new(inner), task: Mutex::default() }
    }

    /// A token that holds. Waits only if there is none.
    pub(crate) async fn token(&self) -> Result<Arc<Token>> {
        loop {
            let mut ended = self.inner.ended.subscribe();
            if let Some(outcome) = self.look() {
                return outcome;
            }
            // Nobody says so when a runtime has stopped with the renewal on it; then look again.
            let _ = timeout(LOST_AFTER, ended.changed()).await;
        }
    }

    /// The service refused a token of this generation; only if it is the newest does that matter.
    pub(crate) fn refused(&self, generation: u64) {
        lock(&self.inner.state).refuse(generation);
    }

    /// What there is for a caller; nothing yet if it is on its way.
    fn look(&self) -> Option<Result<Arc<Token>>> {
        let now = self.inner.clock.monotonic();
        let mut state = lock(&self.inner.state);
        let step = state.step(now);
        let token = state.token.clone();
        let failure = (step == Step::Fail).then(|| no_token(state.error.clone(), state.pause(now)));
        let is_to_start = matches!(step, Step::UseAndRenew | Step::Renew);
        let number = is_to_start.then(|| state.begin(now));
        // A runtime that is shutting down drops the task at once, and that takes the lock again.
        drop(state);
        if let Some(number) = number {
            self.start(number, token.clone());
        }
        match step {
            Step::Use | Step::UseAndRenew => token.map(Ok),
            Step::Renew | Step::Wait => None,
            Step::Fail => failure.map(Err),
        }
    }

    fn start(&self, number: u64, current: Option<Arc<Token>>) {
        // Held over both, or the handle of one that has just ended could replace that of the next.
        let mut task = lock(&self.task);
        let ending = Ending { inner: Arc::clone(&self.inner), number, outcome: None };
        let renewal = tokio::spawn(ending.renew(current).instrument(trace::renewal()));
        if let Some(lost) = task.replace(renewal.abort_handle()) {
            lost.abort();
        }
    }
}

impl Drop for TokenCache {
    fn drop(&mut self) {
        if let Some(task) = lock(&self.task).take() {
            task.abort();
        }
    }
}

/// Says that a renewal has ended, also if it panics or is cancelled.
struct Ending {
    inner: Arc<Inner>,
    number: u64,
    outcome: Option<Result<Provided>>,
}

impl Ending {
    async fn renew(mut self, current: Option<Arc<Token>>) {
        let inner = Arc::clone(&self.inner);
        let renewal = timeout(LIMIT, inner.source.renew(current));
        let outcome = renewal.await.unwrap_or_else(|_| {
            Err(Error::new(ErrorKind::Timeout, "getting a new access token took too long"))
        });
        trace::renewed(&outcome);
        self.outcome = Some(outcome);
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        let now = self.inner.clock.monotonic();
        let mut state = lock(&self.inner.state);
        if !state.awaits(self.number) {
            return;
        }
        match self.outcome.take() {
            Some(Ok(fresh)) => state.accept(fresh, now, fastrand::f32()),
            Some(Err(error)) => {
                let is_doubtful = error.is_doubtful();
                state.fail(error, now, is_doubtful);
            }
            None if std::thread::panicking() => {
                let message = "the source of access tokens panicked";
                state.fail(Error::new(ErrorKind::Credentials, message), now, false);
            }
            // The runtime that it ran on is gone; the next caller starts it on its own.
            None => state.give_up(),
        }
        drop(state);
        self.inner.ended.send_replace(());
    }
}

/// One failure, told to each who waited for it.
fn no_token(cause: Option<Arc<Error>>, pause: Option<Duration>) -> Error {
    let is_retryable = cause
        .as_ref()
        .is_some_and(|cause| cause.is_retryable() || cause.kind() == ErrorKind::Credentials);
    let message = "no access token that holds could be obtained; sign in again if this goes on";
    let error = Error::new(ErrorKind::Credentials, message)
        .with_retry_after(pause)
        .with_retryable(is_retryable);
    let Some(cause) = cause else {
        return error;
    };
    match cause.trace_id() {
        Some(trace_id) => error.with_trace_id(trace_id),
        None => error,
    }
    .with_source(Arc::clone(&cause))
}

#[cfg(test)]
mod tests;

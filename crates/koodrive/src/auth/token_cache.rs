//! The newest token, shared by all clones of a client, and the one refresh that may be under way.
//!
//! A refresh is a task of its own, so that it reaches its end when the caller that started it is cancelled
//! or the client is dropped: it may have used up the refresh token. A caller with a valid token does not
//! wait for it, except on a current-thread runtime, where the task would stand still between two calls.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::watch,
    time::timeout,
};
use tracing::{Instrument as _, Span};

use super::{
    token::{FreshToken, Token, TokenSource},
    token_state::{LIMIT, LOST_AFTER, State, Step},
};
use crate::{
    error::{Error, ErrorKind, Recovery, Result},
    telemetry,
    wire::{clock::Clock, sync::lock},
};

pub(crate) struct TokenCache {
    source: Arc<dyn TokenSource>,
    clock: Clock,
    /// Whether a spawned task makes progress while nobody awaits it.
    has_background: fn() -> bool,
    state: Mutex<State>,
    /// Wakes all who wait when a refresh has ended, successfully or not.
    ended: watch::Sender<()>,
}

/// A current-thread runtime makes no progress between two calls of `block_on`.
fn has_background() -> bool {
    Handle::try_current()
        .is_ok_and(|runtime| runtime.runtime_flavor() != RuntimeFlavor::CurrentThread)
}

impl TokenCache {
    pub(super) fn new(
        source: Arc<dyn TokenSource>,
        clock: Clock,
        first: Option<FreshToken>,
    ) -> Arc<Self> {
        let mut state = State::default();
        if let Some(first) = first {
            state.accept(first, clock.monotonic(), fastrand::f32());
        }
        let (state, ended) = (Mutex::new(state), watch::Sender::new(()));
        Arc::new(Self { source, clock, has_background, state, ended })
    }

    /// A valid token. Waits for a refresh if there is none.
    pub(super) async fn token(self: &Arc<Self>) -> Result<Arc<Token>> {
        loop {
            let mut ended = self.ended.subscribe();
            if let Some(outcome) = self.look() {
                return outcome;
            }
            // Look again even without a wake-up: the runtime of the refresh may have stopped.
            let _ = timeout(LOST_AFTER, ended.changed()).await;
        }
    }

    /// The service refused a token of this generation.
    pub(super) fn refused(&self, generation: u64) {
        lock(&self.state).refuse(generation);
    }

    /// Waits for the refresh under way, if there is one.
    pub(super) async fn settle(&self) {
        loop {
            let mut ended = self.ended.subscribe();
            if !lock(&self.state).is_refreshing(self.clock.monotonic()) {
                return;
            }
            // Look again even without a wake-up, as above. Outside Tokio there are no timers.
            let _ = match Handle::try_current() {
                Ok(_) => timeout(LOST_AFTER, ended.changed()).await.is_ok(),
                Err(_) => ended.changed().await.is_ok(),
            };
        }
    }

    /// What there is for a caller now; `None` if it has to wait.
    fn look(self: &Arc<Self>) -> Option<Result<Arc<Token>>> {
        let now = self.clock.monotonic();
        let mut state = lock(&self.state);
        let step = state.step(now, (self.has_background)());
        let token = state.token.clone();
        match step {
            Step::Use => return token.map(Ok),
            Step::Wait => return None,
            Step::Fail => return Some(Err(no_token(state.error.clone(), state.pause(now)))),
            Step::UseAndRefresh | Step::Refresh => {}
        }
        let begun = state.begin(now);
        // A runtime that is shutting down drops the task at once, and that takes the lock again.
        drop(state);
        let guard = RefreshGuard { cache: Arc::clone(self), begun, outcome: None };
        tokio::spawn(guard.refresh(token.clone()).instrument(telemetry::refresh()));
        token.filter(|_| step == Step::UseAndRefresh).map(Ok)
    }
}

/// Records that a refresh has ended, even if it panicked or its runtime was shut down.
struct RefreshGuard {
    cache: Arc<TokenCache>,
    begun: Option<Instant>,
    outcome: Option<Result<FreshToken>>,
}

impl RefreshGuard {
    async fn refresh(mut self, current: Option<Arc<Token>>) {
        let cache = Arc::clone(&self.cache);
        let outcome =
            timeout(LIMIT, cache.source.next(current, &cache.clock)).await.unwrap_or_else(|_| {
                Err(Error::new(ErrorKind::Timeout, "getting a new access token took too long"))
            });
        let failed = |error: &Error| telemetry::failed(&Span::current(), error);
        self.outcome = Some(outcome.inspect_err(failed));
    }
}

impl Drop for RefreshGuard {
    fn drop(&mut self) {
        let now = self.cache.clock.monotonic();
        let mut state = lock(&self.cache.state);
        if !state.is_current(self.begun) {
            return;
        }
        match self.outcome.take() {
            Some(Ok(fresh)) => state.accept(fresh, now, fastrand::f32()),
            Some(Err(error)) => state.fail(error, now),
            None if std::thread::panicking() => {
                let message = "the token provider panicked";
                state.fail(Error::new(ErrorKind::Credentials, message), now);
            }
            // The runtime was shut down. The next caller starts a refresh on its own.
            None => state.give_up(),
        }
        drop(state);
        self.cache.ended.send_replace(());
    }
}

/// The failure of a refresh, for one of those who waited for it.
fn no_token(cause: Option<Arc<Error>>, pause: Option<Duration>) -> Error {
    let recovery = cause.as_ref().map_or(Recovery::None, |cause| match cause.recovery() {
        // A refresh token may be used up, so only the caller can decide to try again.
        Recovery::Retry if cause.is_unanswered() => Recovery::Poll,
        // The reasons of a caller's own source are not known.
        _ if cause.kind() == ErrorKind::Credentials => Recovery::Poll,
        recovery => recovery,
    });
    let message = "could not refresh the access token; sign in again if this keeps happening";
    Error::new(ErrorKind::Credentials, message).with(|facts| {
        facts.retry_after = pause;
        facts.recovery = Some(recovery);
        facts.trace_id = cause.as_ref().and_then(|cause| cause.trace_id().map(str::to_owned));
        facts.source = cause.map(Into::into);
    })
}

#[cfg(test)]
mod tests;

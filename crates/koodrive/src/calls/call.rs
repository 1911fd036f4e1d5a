//! One call: attempts, pauses and time.
//!
//! Credentials, date and trace id are new for each attempt. Losses in the body are as common as refused
//! connections, so an attempt includes the body and its decoding.

use std::{mem::replace, time::Duration};

use tokio::time::{Instant, sleep, timeout};
use tracing::{Instrument as _, Span};

use super::{
    context::Context,
    retry_state::{Remedy, RetryState},
    stopwatch::Stopwatch,
};
use crate::{
    error::{Error, ErrorKind, Result, transport},
    telemetry,
    wire::{authorization::Authorization, exchange::exchange, operation::Operation, trace_id},
};

/// What accompanies a call.
#[derive(Clone, Copy, Default)]
pub(crate) struct CallOptions<'a> {
    /// The caller's own trace id; otherwise each attempt has a new one.
    pub(crate) trace_id: Option<&'a str>,
    /// The page that it asks for, counted from 1, if it lists.
    pub(crate) page: Option<u64>,
    /// The end that the page belongs to, in a listing from both ends.
    pub(crate) end: Option<&'static str>,
}

/// What a call returned.
pub(crate) struct Called<T> {
    pub(crate) output: T,
    pub(crate) origin: Origin,
    /// The span of the last attempt.
    pub(crate) span: Span,
}

/// Which request brought something.
pub(crate) struct Origin {
    pub(crate) trace_id: String,
    pub(crate) attempts: u32,
}

impl Origin {
    /// Adds the request to an error about what it brought.
    pub(crate) fn blame(&self, error: Error) -> Error {
        error.with(|facts| {
            facts.trace_id = Some(self.trace_id.clone());
            facts.attempts = self.attempts;
        })
    }
}

/// Calls `operation`, and repeats it if that may help and if it is safe.
pub(crate) async fn call<O: Operation>(
    context: &Context,
    operation: &O,
    options: CallOptions<'_>,
) -> Result<Called<O::Output>> {
    let mut call = Call::new(context, options);
    loop {
        match call.attempt(operation).await {
            Ok(output) => return Ok(call.finish(output)),
            Err(error) => call.recover(error, O::IS_SAFE_TO_REPEAT).await?,
        }
    }
}

/// A call under way.
struct Call<'a> {
    context: &'a Context,
    options: CallOptions<'a>,
    start: Instant,
    stopwatch: Stopwatch,
    attempts: u32,
    state: RetryState,
    /// Of the last attempt.
    authorization: Option<Authorization>,
    /// Likewise.
    trace_id: Option<String>,
    /// Likewise, until the pause before the next begins.
    span: Span,
    has_paid: bool,
}

impl<'a> Call<'a> {
    fn new(context: &'a Context, options: CallOptions<'a>) -> Self {
        Self {
            context,
            options,
            start: Instant::now(),
            stopwatch: Stopwatch::start(),
            attempts: 0,
            state: RetryState::default(),
            authorization: None,
            trace_id: None,
            span: Span::none(),
            has_paid: false,
        }
    }

    async fn attempt<O: Operation>(&mut self, operation: &O) -> Result<O::Output> {
        let authorization = self.authorization().await?;
        self.authorization = Some(authorization.clone());
        let trace_id = self.options.trace_id.map_or_else(trace_id::random, str::to_owned);
        self.attempts = self.attempts.saturating_add(1);
        let CallOptions { page, end, .. } = self.options;
        let span = telemetry::attempt(page, end, self.attempts, &trace_id);
        let transport = &self.context.transport;
        let exchange = exchange(transport, operation, authorization, &trace_id);
        let limit = self.context.timeouts.attempt.min(self.time_left());
        let exchange = timeout(limit, exchange).instrument(span.clone());
        let outcome = self.stopwatch.during(exchange).await;
        let outcome =
            outcome.unwrap_or_else(|_| Err(transport::timed_out(&transport.endpoint.host)));
        telemetry::outcome(&span, &outcome);
        (self.trace_id, self.span) = (Some(trace_id), span);
        outcome
    }

    async fn authorization(&self) -> Result<Authorization> {
        let late = |_| Err(Error::new(ErrorKind::Timeout, "no access token arrived in time"));
        let authorization = self.context.authorizer.authorization();
        let authorization = timeout(self.time_left(), authorization);
        self.stopwatch.during(authorization).await.unwrap_or_else(late)
    }

    fn finish<T>(self, output: T) -> Called<T> {
        self.context.budget.earn(self.has_paid);
        let (trace_id, attempts) = (self.trace_id.unwrap_or_default(), self.attempts);
        Called { output, origin: Origin { trace_id, attempts }, span: self.span }
    }

    /// Returns when it is time for the next attempt.
    ///
    /// # Errors
    ///
    /// `error`, if there is to be none.
    async fn recover(&mut self, error: Error, is_safe_to_repeat: bool) -> Result<()> {
        if self.renews_what_was_refused(&error) {
            self.trace_retry(&error, Duration::ZERO);
            return Ok(());
        }
        let was_sent = !matches!(error.kind(), ErrorKind::Connect | ErrorKind::Credentials);
        let pause = if is_safe_to_repeat || !was_sent { self.pause(&error) } else { None };
        let Some(pause) = pause else {
            return Err(self.describe(error));
        };
        self.trace_retry(&error, pause);
        self.stopwatch.during(sleep(pause)).await;
        Ok(())
    }

    /// Returns true if the next attempt has a newer token, or a corrected date. The service carried out
    /// nothing, so this is always safe, and it does not count as a retry.
    fn renews_what_was_refused(&mut self, error: &Error) -> bool {
        match error.kind() {
            ErrorKind::Unauthorized => {
                let refused = self.authorization.as_ref();
                self.state.take(Remedy::Token)
                    && refused.is_some_and(|it| self.context.authorizer.refused(it))
            }
            ErrorKind::ClockSkew => {
                self.state.take(Remedy::Date) && self.context.transport.clock.correct()
            }
            _ => false,
        }
    }

    /// How long to wait before the next attempt, if there is to be one. A pause that would exceed the time
    /// limit is not begun.
    fn pause(&mut self, error: &Error) -> Option<Duration> {
        let pause = self.state.pause(&self.context.retry, error, fastrand::f32())?;
        self.has_paid = pause < self.time_left() && self.context.budget.pay();
        self.has_paid.then_some(pause)
    }

    /// Ends the span of the last attempt: the pause is not part of it.
    fn trace_retry(&mut self, error: &Error, wait: Duration) {
        let CallOptions { page, end, .. } = self.options;
        let span = replace(&mut self.span, Span::none());
        telemetry::retrying(&span, page, end, self.attempts, wait, error);
    }

    fn time_left(&self) -> Duration {
        self.context.timeouts.page.saturating_sub(self.stopwatch.spent())
    }

    fn describe(&self, error: Error) -> Error {
        error.with(|facts| {
            // An error with a trace id of its own comes from the refresh of a token.
            facts.trace_id = facts.trace_id.take().or_else(|| self.trace_id.clone());
            facts.attempts = self.attempts;
            facts.elapsed = self.start.elapsed();
        })
    }
}

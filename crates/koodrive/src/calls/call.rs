//! One call: attempts, pauses and time.
//!
//! Credentials, date and trace id are new for each attempt. Losses in the body are as common as refused
//! connections, so an attempt includes the body and its decoding.

use std::{mem::replace, time::Duration};

use tokio::time::{sleep, timeout};
use tracing::{Instrument as _, Span};

use super::{attempts::Attempts, context::Context, retry_state::Remedy};
use crate::{
    error::{Error, ErrorKind, Result, transport},
    telemetry::{self, Asked},
    wire::{authorization::Authorization, exchange::exchange, operation::Operation, trace_id},
};

/// The last attempt of a call: what brought something.
pub(crate) struct Origin {
    /// `None` before the first.
    pub(crate) trace_id: Option<String>,
    /// How many there were.
    pub(crate) attempts: u32,
    /// `Span::none()` before the first, and while the call waits for the next.
    pub(crate) span: Span,
}

impl Origin {
    /// Adds the request to an error about what it brought.
    pub(crate) fn blame(&self, error: Error) -> Error {
        error.with(|facts| {
            facts.trace_id.clone_from(&self.trace_id);
            facts.attempts = self.attempts;
        })
    }
}

/// Calls `operation`, and repeats it if that may help and if it is safe. Each attempt has a new trace id, unless
/// `own_trace_id` is the caller's own.
pub(crate) async fn call<O: Operation>(
    context: &Context,
    operation: &O,
    own_trace_id: Option<&str>,
    asked: Asked,
) -> Result<(O::Output, Origin)> {
    let mut call = Call {
        context,
        own_trace_id,
        asked,
        attempts: Attempts::start(),
        generation: None,
        last: Origin { trace_id: None, attempts: 0, span: Span::none() },
    };
    loop {
        match call.attempt(operation).await {
            Ok(output) => {
                call.attempts.succeed(context);
                return Ok((output, call.last));
            }
            Err(error) => call.recover(error, O::IS_SAFE_TO_REPEAT).await?,
        }
    }
}

/// A call under way.
struct Call<'a> {
    context: &'a Context,
    own_trace_id: Option<&'a str>,
    asked: Asked,
    attempts: Attempts,
    /// Of the token that the last attempt had.
    generation: Option<u64>,
    last: Origin,
}

impl Call<'_> {
    async fn attempt<O: Operation>(&mut self, operation: &O) -> Result<O::Output> {
        let (authorization, generation) = self.authorization().await?;
        self.generation = generation;
        let trace_id = self.own_trace_id.map_or_else(trace_id::random, str::to_owned);
        self.attempts.made = self.attempts.made.saturating_add(1);
        let span = telemetry::attempt(self.asked, self.attempts.made, &trace_id);
        let transport = &self.context.transport;
        let exchange = exchange(transport, operation, authorization, &trace_id);
        let limit = self.context.timeouts.attempt.min(self.attempts.time_left(self.context));
        let exchange = timeout(limit, exchange).instrument(span.clone());
        let outcome = self.attempts.stopwatch.during(exchange).await;
        let outcome =
            outcome.unwrap_or_else(|_| Err(transport::timed_out(&transport.endpoint.host)));
        telemetry::outcome(&span, &outcome);
        self.last = Origin { trace_id: Some(trace_id), attempts: self.attempts.made, span };
        outcome
    }

    async fn authorization(&mut self) -> Result<(Authorization, Option<u64>)> {
        let late = |_| Err(Error::new(ErrorKind::Timeout, "no access token arrived in time"));
        let authorization = self.context.authorizer.authorization();
        let authorization = timeout(self.attempts.time_left(self.context), authorization);
        self.attempts.stopwatch.during(authorization).await.unwrap_or_else(late)
    }

    /// Returns when it is time for the next attempt.
    ///
    /// # Errors
    ///
    /// `error`, if there is to be none.
    async fn recover(&mut self, error: Error, is_safe_to_repeat: bool) -> Result<()> {
        let was_sent = !matches!(error.kind(), ErrorKind::Connect | ErrorKind::Credentials);
        let pause = if self.renews_what_was_refused(&error) {
            Some(Duration::ZERO)
        } else if is_safe_to_repeat || !was_sent {
            self.attempts.pause(self.context, &error)
        } else {
            None
        };
        let Some(pause) = pause else { return Err(self.describe(error)) };
        // The pause is not part of the last attempt, so the span of that ends here.
        let span = replace(&mut self.last.span, Span::none());
        telemetry::retrying(&span, self.asked, self.attempts.made, pause, &error);
        drop(span);
        if !pause.is_zero() {
            self.attempts.stopwatch.during(sleep(pause)).await;
        }
        Ok(())
    }

    /// Returns true if the next attempt has a newer token, or a corrected date. The service carried out
    /// nothing, so this is always safe, and it does not count as a retry.
    fn renews_what_was_refused(&mut self, error: &Error) -> bool {
        match error.kind() {
            ErrorKind::Unauthorized => {
                self.attempts.state.take(Remedy::Token)
                    && self.context.authorizer.refused(self.generation)
            }
            ErrorKind::ClockSkew => {
                self.attempts.state.take(Remedy::Date) && self.context.transport.clock.correct()
            }
            _ => false,
        }
    }

    fn describe(&self, error: Error) -> Error {
        // An error with a trace id of its own comes from the refresh of a token.
        self.attempts.describe(error.with(|facts| {
            facts.trace_id = facts.trace_id.take().or_else(|| self.last.trace_id.clone());
        }))
    }
}

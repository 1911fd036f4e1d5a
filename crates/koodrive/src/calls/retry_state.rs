//! What goes into getting one page: attempts, pauses and time.
//!
//! Two refusals are worth one more attempt each, at once: of a token of which there is a newer one,
//! and of a date that the refusal itself corrects.

use std::{mem::take, time::Duration};

use tokio::time::{Instant, sleep, timeout};
use tracing::{Instrument as _, Span};

use super::policy::Past;
use crate::{
    auth::Proof,
    client::Shared,
    error::{Error, ErrorKind, Result, transport},
    paging::page::AlbumContentPage,
    telemetry::{self as trace, Place},
};

/// What goes into getting one page.
pub(crate) struct Effort<'a> {
    shared: &'a Shared,
    place: Place,
    start: Instant,
    past: Past,
    /// Of the last attempt.
    trace_id: Option<String>,
    /// Likewise, until the wait for the next begins.
    span: Option<Span>,
    may_renew: bool,
    may_correct: bool,
    has_paid: bool,
}

impl<'a> Effort<'a> {
    pub(crate) fn new(shared: &'a Shared, place: Place) -> Self {
        Self {
            shared,
            place,
            start: Instant::now(),
            past: Past::default(),
            trace_id: None,
            span: None,
            may_renew: true,
            may_correct: true,
            has_paid: false,
        }
    }

    pub(crate) async fn proof(&self) -> Result<Proof> {
        let proof = timeout(self.time_left(), self.shared.auth.proof()).await;
        let late = |_| Err(Error::new(ErrorKind::Timeout, "no access token came in time"));
        proof.unwrap_or_else(late)
    }

    /// How many requests were sent, or tried to be sent.
    pub(crate) fn attempts(&self) -> u32 {
        self.past.attempts
    }

    pub(crate) async fn attempt(
        &mut self,
        trace_id: &str,
        attempt: impl Future<Output = Result<AlbumContentPage>>,
    ) -> Result<AlbumContentPage> {
        self.trace_id = Some(trace_id.to_owned());
        self.past.attempts = self.past.attempts.saturating_add(1);
        let span = trace::attempt(self.place, self.past.attempts, trace_id);
        let limit = self.shared.timeouts.attempt.min(self.time_left());
        let late = |_| Err(transport::timed_out(&self.shared.transport.endpoint.host));
        let attempt = timeout(limit, attempt).instrument(span.clone());
        let outcome = attempt.await.unwrap_or_else(late);
        trace::outcome(&span, &outcome);
        self.span = Some(span);
        if outcome.is_ok() {
            self.shared.budget.earn(self.has_paid);
        }
        outcome
    }

    /// Whether there is a newer token, or a better date, for the next attempt.
    pub(crate) fn is_mended(&mut self, error: &Error, proof: &Proof) -> bool {
        let is_mended = match error.kind() {
            ErrorKind::Unauthorized => take(&mut self.may_renew) && self.shared.auth.refused(proof),
            ErrorKind::ClockSkew => {
                take(&mut self.may_correct) && self.shared.transport.clock.correct()
            }
            _ => false,
        };
        if is_mended {
            self.tell_of_retry(error, Duration::ZERO);
        }
        is_mended
    }

    /// Waits until it is time for the next attempt.
    ///
    /// # Errors
    ///
    /// `error`, if there is to be none.
    pub(crate) async fn wait(&mut self, error: Error) -> Result<()> {
        match self.pause(&error) {
            Some(pause) => {
                self.tell_of_retry(&error, pause);
                sleep(pause).await;
                Ok(())
            }
            None => Err(self.told(error)),
        }
    }

    /// How long to wait before the next attempt, if there is to be one. A pause that would last longer
    /// than there is time is not begun.
    fn pause(&mut self, error: &Error) -> Option<Duration> {
        let pause = self.shared.retry.pause(error, &mut self.past, fastrand::f32())?;
        self.has_paid = pause < self.time_left() && self.shared.budget.pay();
        self.has_paid.then_some(pause)
    }

    /// The last attempt's span ends here: the wait is none of it.
    fn tell_of_retry(&mut self, error: &Error, wait: Duration) {
        trace::retrying(self.span.take(), self.place, self.past.attempts, wait, error);
    }

    fn time_left(&self) -> Duration {
        self.shared.timeouts.page.saturating_sub(self.start.elapsed())
    }

    fn told(&self, error: Error) -> Error {
        let error = match &self.trace_id {
            // One of its own is that of the call for a token.
            Some(trace_id) if error.trace_id().is_none() => error.with_trace_id(trace_id),
            _ => error,
        };
        error.with_attempts(self.past.attempts).with_elapsed(self.start.elapsed())
    }
}

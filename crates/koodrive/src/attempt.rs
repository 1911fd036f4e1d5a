//! One page, in as many attempts as it takes and the policy grants: credentials, date and trace id
//! are made anew for each, the generated client sends it, and whatever comes back becomes a page or an
//! error. Losses in the body are as common as refused connections, so the whole of it is tried again.
//!
//! Two refusals are worth one more attempt each, at once: of a token of which there is a newer one,
//! and of a date that the refusal itself corrects.

use std::{mem::take, sync::Arc, time::Duration};

use http::StatusCode;
use koodrive_api::Error as ApiError;
use tokio::time::{Instant, sleep, timeout};

use crate::{
    auth::{Attempt, Proof},
    client::Shared,
    cursor::Cursor,
    error::{
        Error, ErrorKind, Result,
        reply::{self, Sent},
        transport,
    },
    listing::Listing,
    page::{self, AlbumContentPage, Decoded},
    retry::Past,
    trace_id,
};

/// Fetches the page at `cursor`, or the first one. `trace_id` is the caller's own; otherwise each
/// attempt has a new one.
pub(crate) async fn fetch_page(
    shared: &Shared,
    listing: &Listing,
    trace_id: Option<&str>,
    cursor: Option<&Cursor>,
) -> Result<AlbumContentPage> {
    let mut effort = Effort::new(shared);
    loop {
        let proof = match effort.proof().await {
            Ok(proof) => proof,
            Err(error) => {
                effort.wait(error).await?;
                continue;
            }
        };
        let trace_id = trace_id.map_or_else(trace_id::random, str::to_owned);
        effort.trace_id = Some(trace_id.clone());
        let attempt = attempt(shared, listing, cursor, proof.clone(), &trace_id);
        match effort.attempt(attempt).await {
            Ok(page) => return Ok(page.of_attempt(&trace_id, effort.past.attempts)),
            Err(error) if effort.is_mended(&error, &proof) => {}
            Err(error) => effort.wait(error).await?,
        }
    }
}

/// What goes into getting one page.
struct Effort<'a> {
    shared: &'a Shared,
    start: Instant,
    past: Past,
    /// Of the last attempt.
    trace_id: Option<String>,
    may_renew: bool,
    may_correct: bool,
    has_paid: bool,
}

impl<'a> Effort<'a> {
    fn new(shared: &'a Shared) -> Self {
        let (start, past) = (Instant::now(), Past::default());
        let trace_id = None;
        Self { shared, start, past, trace_id, may_renew: true, may_correct: true, has_paid: false }
    }

    async fn proof(&self) -> Result<Proof> {
        let proof = timeout(self.time_left(), self.shared.auth.proof()).await;
        let late = |_| Err(Error::new(ErrorKind::Timeout, "no access token came in time"));
        proof.unwrap_or_else(late)
    }

    async fn attempt<T>(&mut self, attempt: impl Future<Output = Result<T>>) -> Result<T> {
        self.past.attempts = self.past.attempts.saturating_add(1);
        let limit = self.shared.timeouts.attempt.min(self.time_left());
        let late = |_| Err(transport::timed_out(&self.shared.transport.endpoint.host));
        let outcome = timeout(limit, attempt).await.unwrap_or_else(late);
        if outcome.is_ok() {
            self.shared.budget.earn(self.has_paid);
        }
        outcome
    }

    /// Whether there is a newer token, or a better date, for the next attempt.
    fn is_mended(&mut self, error: &Error, proof: &Proof) -> bool {
        match error.kind() {
            ErrorKind::Unauthorized => take(&mut self.may_renew) && self.shared.auth.refused(proof),
            ErrorKind::ClockSkew => {
                take(&mut self.may_correct) && self.shared.transport.clock.correct()
            }
            _ => false,
        }
    }

    /// Waits until it is time for the next attempt.
    ///
    /// # Errors
    ///
    /// `error`, if there is to be none.
    async fn wait(&mut self, error: Error) -> Result<()> {
        match self.pause(&error) {
            Some(pause) => {
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

async fn attempt(
    shared: &Shared,
    listing: &Listing,
    cursor: Option<&Cursor>,
    proof: Proof,
    trace_id: &str,
) -> Result<AlbumContentPage> {
    let transport = &shared.transport;
    let stamp = transport.clock.stamp();
    let attempt = Arc::new(Attempt::new(proof, transport));
    let reply = transport
        .api(&attempt)
        .list_album_files(
            &listing.album_id,
            cursor.map(Cursor::as_str),
            Some(listing.page_size),
            listing.sort_direction.map(Into::into),
            listing.sort_type.map(Into::into),
            &stamp.text,
            Some(trace_id),
            &shared.user_id,
            shared.language.as_deref(),
        )
        .await;
    let sent = || Sent {
        date: Some(stamp.instant),
        redactor: attempt.redactor([shared.user_id.as_str(), cursor.map_or("", Cursor::as_str)]),
        codes: &transport.codes,
    };
    let decoded = match reply {
        Ok(reply) => page::from_wire(reply.into_inner(), &attempt.body()),
        // The body of a 200: the document that the client is generated from declares no other.
        Err(ApiError::InvalidResponsePayload(..)) => page::from_bytes(&attempt.body()),
        Err(error) => return Err(transport.failure(error, &sent()).await),
    };
    match decoded.map_err(|error| error.with_status(StatusCode::OK.as_u16()))? {
        Decoded::Page(page) => Ok(page),
        Decoded::Refusal(complaint) => {
            Err(reply::refusal(StatusCode::OK, &attempt.head(), complaint, &sent()))
        }
    }
}

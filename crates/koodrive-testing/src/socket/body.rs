//! A body as it is sent: piece by piece, at a rate, and perhaps not to its end.

use std::fmt;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, stream};
use http_body::Frame;
use http_body_util::StreamBody;
use tokio::time::{Instant, sleep, sleep_until};

use crate::replies::reply::Reply;
use crate::storage::content::Content;

/// How often a second pieces are sent if there is a rate.
const TICKS: u64 = 40;
/// How long what was sent has to leave before its connection is cut.
const BEFORE_CUT: Duration = Duration::from_millis(20);

pub(crate) type Body = StreamBody<Pin<Box<dyn Stream<Item = Result<Frame<Bytes>, Lost>> + Send>>>;

/// The connection is lost on purpose, or by the client.
#[derive(Debug)]
pub(crate) struct Lost;

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fault loses the connection")
    }
}

impl std::error::Error for Lost {}

pub(crate) fn body(reply: Reply) -> Body {
    let pieces = Pieces {
        content: reply.content,
        span: reply.span,
        rest: Bytes::new(),
        rate: reply.rate,
        cut_after: reply.cut_after,
        start: Instant::now(),
        done: 0,
        sent: reply.sent,
    };
    StreamBody::new(Box::pin(stream::try_unfold(pieces, Pieces::next)))
}

struct Pieces {
    content: Content,
    /// What is still to be sent.
    span: Range<u64>,
    /// The end of the last piece, which was longer than the rate allows at once.
    rest: Bytes,
    rate: Option<u64>,
    cut_after: Option<u64>,
    start: Instant,
    done: u64,
    sent: Arc<AtomicU64>,
}

impl Pieces {
    async fn next(mut self) -> Result<Option<(Frame<Bytes>, Self)>, Lost> {
        if self.cut_after == Some(self.done) {
            sleep(BEFORE_CUT).await;
            return Err(Lost);
        }
        let piece = self.piece();
        if piece.is_empty() {
            return Ok(None);
        }
        let length = piece.len() as u64;
        self.span.start = self.span.start.saturating_add(length);
        self.done = self.done.saturating_add(length);
        self.keep_to_rate().await;
        self.sent.fetch_add(length, Ordering::Relaxed);
        Ok(Some((Frame::data(piece), self)))
    }

    fn piece(&mut self) -> Bytes {
        if self.rest.is_empty() {
            self.rest = self.content.piece(self.span.start);
        }
        let left = self.span.end.saturating_sub(self.span.start);
        let before_cut = self.cut_after.map(|cut| cut.saturating_sub(self.done));
        let at_once = self.rate.map(|rate| rate.div_ceil(TICKS));
        let limits = [before_cut, at_once].into_iter().flatten();
        let limit = limits.fold(left, u64::min).min(self.rest.len() as u64);
        self.rest.split_to(limit as usize)
    }

    /// Waits until everything up to the end of this piece may have been sent.
    async fn keep_to_rate(&self) {
        let Some(rate) = self.rate else { return };
        let due = Duration::from_secs_f64(self.done as f64 / rate.max(1) as f64);
        if let Some(due) = self.start.checked_add(due) {
            sleep_until(due).await;
        }
    }
}

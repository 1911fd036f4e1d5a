//! The bytes of a file, as a stream that has a name.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use async_stream::stream;
use bytes::Bytes;
use futures_core::{FusedStream, Stream};
use tokio::time::sleep;
use tracing::{Instrument as _, Span};

use super::source::{Piece, Source};
use crate::{
    error::{Error, ErrorKind, Result},
    input,
};

/// The bytes of a file, from [`Download::stream`](crate::Download::stream).
///
/// Nothing is sent before the first poll. Dropping it cancels the request in flight.
///
/// # Errors
///
/// The stream ends without an error only after the whole file. Lost connections and expired links are replaced
/// in mid-file. Each error is yielded once. After a [retryable](Error::is_retryable) error, the next poll
/// continues the file where it stands, not before the time that the storage
/// [asks for](Error::retry_after). After any other error, the stream has ended: what it yielded is not the
/// whole file.
#[must_use = "streams do nothing unless polled"]
pub struct DownloadStream(Option<Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>>);

impl DownloadStream {
    pub(super) fn new(mut source: Source, span: Span, longest_pause: Duration) -> Self {
        let bytes = stream! {
            let mut has_begun = false;
            loop {
                match source.next().instrument(span.clone()).await {
                    Ok(None) => return,
                    Ok(Some(Piece::Bytes(bytes))) => {
                        has_begun = true;
                        yield Ok(bytes);
                    }
                    Ok(Some(Piece::Start(_))) if has_begun => {
                        yield Err(changed());
                        return;
                    }
                    Ok(Some(Piece::Start(_))) => {}
                    Err(error) => {
                        let (is_final, pause) = (!error.is_retryable(), error.retry_after());
                        yield Err(error);
                        if is_final {
                            return;
                        }
                        sleep(pause.unwrap_or(Duration::from_secs(1)).min(longest_pause)).await;
                    }
                }
            }
        };
        Self(Some(Box::pin(bytes)))
    }
}

fn changed() -> Error {
    Error::new(
        ErrorKind::Stale,
        "the rest of the file cannot be had: the storage sends it only from the start, or it has changed",
    )
}

impl Stream for DownloadStream {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(bytes) = &mut self.0 else { return Poll::Ready(None) };
        if let Err(error) = input::inside_tokio() {
            self.0 = None;
            return Poll::Ready(Some(Err(error)));
        }
        let item = std::task::ready!(bytes.as_mut().poll_next(cx));
        if item.is_none() {
            self.0 = None;
        }
        Poll::Ready(item)
    }
}

impl FusedStream for DownloadStream {
    fn is_terminated(&self) -> bool {
        self.0.is_none()
    }
}

debug_only!(DownloadStream, |_|);

//! The pages of a listing as a stream that has a name.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::{FusedStream, Stream};

use crate::{
    cursor::Cursor,
    error::{Error, Result},
    page::AlbumContentPage,
    pagination::Page,
};

impl Page for AlbumContentPage {
    fn next(&self) -> Option<&Cursor> {
        self.next()
    }

    fn blame(&self, error: Error) -> Error {
        self.blame(error)
    }
}

/// The pages of an album, from [`ListAlbumContent::pages`](crate::ListAlbumContent::pages).
///
/// Dropping it cancels the request in flight. A retryable error leaves it where it is: the next poll
/// tries the same page. After any other error it has ended.
#[must_use = "streams do nothing unless polled"]
pub struct AlbumContentPages {
    /// `None` once it has ended; whatever it held is free by then.
    pages: Option<Pin<Box<dyn Stream<Item = Result<AlbumContentPage>> + Send>>>,
    failed: Option<Error>,
}

impl AlbumContentPages {
    pub(crate) fn new(
        pages: impl Stream<Item = Result<AlbumContentPage>> + Send + 'static,
    ) -> Self {
        Self { pages: Some(Box::pin(pages)), failed: None }
    }

    /// Yields `error`, and ends.
    pub(crate) fn failed(error: Error) -> Self {
        Self { pages: None, failed: Some(error) }
    }
}

impl Stream for AlbumContentPages {
    type Item = Result<AlbumContentPage>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(error) = self.failed.take() {
            return Poll::Ready(Some(Err(error)));
        }
        let Some(pages) = &mut self.pages else {
            return Poll::Ready(None);
        };
        let page = std::task::ready!(pages.as_mut().poll_next(cx));
        if page.is_none() {
            self.pages = None;
        }
        Poll::Ready(page)
    }
}

impl FusedStream for AlbumContentPages {
    fn is_terminated(&self) -> bool {
        self.pages.is_none() && self.failed.is_none()
    }
}

impl fmt::Debug for AlbumContentPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AlbumContentPages").finish_non_exhaustive()
    }
}

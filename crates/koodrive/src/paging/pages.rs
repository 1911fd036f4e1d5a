//! The pages of a listing as a stream that has a name.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::{FusedStream, Stream};

use crate::{
    checkpoint::Checkpoint,
    cursor::Cursor,
    error::{Error, ErrorKind, Result},
    paging::page::AlbumContentPage,
    paging::page_loop::Page,
    paging::position::{Position, Progress},
};

impl Page for AlbumContentPage {
    fn next(&self) -> Option<&Cursor> {
        self.next()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
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
    position: Position,
}

impl AlbumContentPages {
    pub(crate) fn new(
        start: Checkpoint,
        pages: impl Stream<Item = Result<AlbumContentPage>> + Send + 'static,
    ) -> Self {
        Self { pages: Some(Box::pin(pages)), failed: None, position: Position::at(start) }
    }

    /// Yields `error`, and ends.
    pub(crate) fn failed(start: Checkpoint, error: Error) -> Self {
        Self { pages: None, failed: Some(error), position: Position::at(start) }
    }

    /// Has nothing to yield.
    pub(crate) fn ended(start: Checkpoint) -> Self {
        Self { pages: None, failed: None, position: Position::at(start) }
    }

    /// Where it stands: behind the last page that it handed out.
    pub fn checkpoint(&self) -> Checkpoint {
        self.position.checkpoint()
    }

    /// How far it got.
    pub fn progress(&self) -> Progress {
        self.position.progress()
    }

    pub(crate) fn page_size(&self) -> usize {
        self.position.page_size()
    }

    fn hand_out(&mut self, page: Result<AlbumContentPage>) -> Result<AlbumContentPage> {
        match page {
            Ok(page) => {
                let left = page.len().saturating_sub(page.skipped());
                let files = u64::try_from(page.contents().len()).unwrap_or(u64::MAX);
                self.position.turn_to(&page);
                self.position.take(left, files);
                Ok(page)
            }
            Err(error) => {
                if error.kind() == ErrorKind::Paging {
                    self.position.stay();
                }
                Err(error.with_checkpoint(self.position.checkpoint()))
            }
        }
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
        let page = ready!(pages.as_mut().poll_next(cx));
        if page.is_none() {
            self.pages = None;
        }
        Poll::Ready(page.map(|page| self.hand_out(page)))
    }
}

impl FusedStream for AlbumContentPages {
    fn is_terminated(&self) -> bool {
        self.pages.is_none() && self.failed.is_none()
    }
}

impl fmt::Debug for AlbumContentPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AlbumContentPages")
            .field("progress", &self.progress())
            .finish_non_exhaustive()
    }
}

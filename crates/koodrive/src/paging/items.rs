//! The items of a listing as a stream: a page in hand, how far it got, and the page after it, which may be
//! on its way. No HTTP, no retries and no cursors here.

use std::{
    mem::replace,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures_core::{FusedStream, Stream};

use super::{
    page::{Page, PageItems},
    pages::{Pages, Progress},
};
use crate::{
    checkpoint::Checkpoint,
    error::{Error, Result},
};

/// The items of a listing, such as the files of an album from
/// [`ListAlbumContent::stream`](crate::ListAlbumContent::stream).
///
/// The next page is fetched while the items of the current one are handed out
/// ([`read_ahead`](crate::ListAlbumContent::read_ahead)). The stream holds at most two pages, or three if
/// the listing is unordered. Dropping it cancels the request in flight.
///
/// # Errors
///
/// The stream never ends early without an error: it ends after the service said that there is no further
/// page, or after an error. Each error is yielded once. After a
/// [retryable](crate::Error::is_retryable) error, the next poll tries the same page again. After a
/// [skippable](crate::Error::is_skippable) error, which concerns one item that could not be read, the next
/// poll continues after that item. After any other error, the stream has ended. Every error of a listing
/// that could start carries a [checkpoint](crate::Error::checkpoint), from which a new listing continues.
///
/// After consecutive errors, polls back off: they wait as long as the service asks for
/// ([`retry_after`](crate::Error::retry_after)), and longer each time, but never for more than
/// [`Timeouts::page`](crate::Timeouts::page) before an attempt begins.
#[must_use = "streams do nothing unless polled"]
pub struct ItemStream<T> {
    pages: Pages<T>,
    page: PageItems<T>,
    /// Without the items, which the page in hand counts.
    progress: Progress,
    /// The next page, or the error in its place, if it arrived before it was needed.
    ahead: Option<Result<Page<T>>>,
    /// When this many items of the page in hand remain, the next one is requested; 0 once it was.
    threshold: usize,
    read_ahead: ReadAhead,
    on_unreadable: Option<OnUnreadable>,
    /// A final error was yielded.
    pub(super) has_failed: bool,
}

/// Called with the error of each item that cannot be read.
pub(crate) type OnUnreadable = Arc<dyn Fn(&Error) + Send + Sync>;

/// How many items of a page remain when the next page is requested.
#[derive(Clone, Copy)]
pub(crate) struct ReadAhead {
    pub(crate) first_page: usize,
    pub(crate) later_pages: usize,
}

impl<T> ItemStream<T> {
    pub(crate) fn new(
        pages: Pages<T>,
        read_ahead: ReadAhead,
        on_unreadable: Option<OnUnreadable>,
    ) -> Self {
        Self {
            page: PageItems::none(pages.checkpoint()),
            progress: pages.progress(),
            pages,
            ahead: None,
            threshold: 0,
            read_ahead,
            on_unreadable,
            has_failed: false,
        }
    }

    /// How far it got.
    pub fn progress(&self) -> Progress {
        Progress { items: self.page.position.start.items, ..self.progress }
    }

    /// Where it stands: a new listing that [resumes](crate::ListAlbumContent::resume) from here begins with
    /// the next item of this one.
    pub fn checkpoint(&self) -> Checkpoint {
        self.page.checkpoint()
    }

    /// Requests the next page, once. It arrives without further polls.
    fn look_ahead(&mut self, cx: &mut Context<'_>) {
        if !(1..=self.threshold).contains(&self.page.len()) {
            return;
        }
        self.threshold = 0;
        if let Poll::Ready(page) = Pin::new(&mut self.pages).poll_next(cx) {
            self.ahead = page;
        }
    }

    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Page<T>>>> {
        match self.ahead.take() {
            Some(page) => Poll::Ready(Some(page)),
            None => Pin::new(&mut self.pages).poll_next(cx),
        }
    }

    fn turn_to(&mut self, page: Page<T>) {
        self.threshold = replace(&mut self.read_ahead.first_page, self.read_ahead.later_pages);
        self.progress.turn_to(&page);
        self.page = page.into_iter();
    }

    /// An item could not be read. Returns the error if the stream is to yield it.
    fn skip(&mut self, error: Error) -> Option<Error> {
        self.progress.unreadable = self.progress.unreadable.saturating_add(1);
        let error = error.with(|facts| facts.checkpoint = Some(self.checkpoint()));
        match &self.on_unreadable {
            Some(report) => {
                report(&error);
                None
            }
            None => Some(error),
        }
    }

    /// An error arrived in the place of a page.
    fn fail(&mut self, error: Error) -> Error {
        self.has_failed |= !error.is_retryable();
        if let Some(checkpoint) = error.checkpoint() {
            self.page = PageItems::none(checkpoint.clone());
        }
        error
    }
}

impl<T> Stream for ItemStream<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            self.look_ahead(cx);
            // Matched whole: taking a large item apart would move it twice.
            match self.page.next() {
                Some(Err(error)) => match self.skip(error) {
                    Some(error) => return Poll::Ready(Some(Err(error))),
                    None => continue,
                },
                None => {}
                item => return Poll::Ready(item),
            }
            match ready!(self.poll_page(cx)) {
                Some(Ok(page)) => self.turn_to(page),
                Some(Err(error)) => return Poll::Ready(Some(Err(self.fail(error)))),
                None => return Poll::Ready(None),
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.page.len();
        let is_all = self.ahead.is_none() && self.pages.is_terminated();
        let least = if self.on_unreadable.is_some() { 0 } else { left };
        (least, is_all.then_some(left))
    }
}

impl<T> Unpin for ItemStream<T> {}

impl<T> FusedStream for ItemStream<T> {
    fn is_terminated(&self) -> bool {
        self.page.len() == 0 && self.ahead.is_none() && self.pages.is_terminated()
    }
}

debug_only!(ItemStream<T>, |it| progress: it.progress());

#[cfg(test)]
mod tests;

//! The pages of a listing, as a stream that has a name and counts.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::{FusedStream, Stream};

use super::page::Page;
use crate::{
    checkpoint::Checkpoint,
    error::{Error, Result},
    input,
};

/// The pages of a listing, from [`ListAlbumContent::pages`](crate::ListAlbumContent::pages).
///
/// Dropping it cancels the request in flight. After a [retryable](Error::is_retryable) error, the next poll
/// tries the same page. After any other error, the stream has ended.
#[must_use = "streams do nothing unless polled"]
pub struct Pages<T> {
    /// `None` once it has ended; by then everything it held is freed.
    pages: Option<PageStream<T>>,
    failed: Option<Error>,
    checkpoint: Checkpoint,
    progress: Progress,
}

type PageStream<T> = Pin<Box<dyn Stream<Item = Result<Page<T>>> + Send>>;

impl<T> Pages<T> {
    pub(crate) fn new(
        start: Checkpoint,
        pages: impl Stream<Item = Result<Page<T>>> + Send + 'static,
    ) -> Self {
        Self { pages: Some(Box::pin(pages)), ..Self::ended(start) }
    }

    /// Yields `error`, and ends.
    pub(crate) fn failed(start: Checkpoint, error: Error) -> Self {
        Self { failed: Some(error), ..Self::ended(start) }
    }

    /// Has nothing to yield.
    pub(crate) fn ended(start: Checkpoint) -> Self {
        let progress = Progress { items: start.items, pages: start.pages, ..Progress::default() };
        Self { pages: None, failed: None, checkpoint: start, progress }
    }

    /// Where it stands: after the last page that it handed out. A listing that resumes from the end requests the last
    /// page once more, and hands out nothing of it.
    pub fn checkpoint(&self) -> Checkpoint {
        self.checkpoint.clone()
    }

    /// How far it got.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    fn hand_out(&mut self, page: Result<Page<T>>) -> Result<Page<T>> {
        match &page {
            Ok(page) => {
                if page.position.next.is_none() {
                    self.pages = None;
                }
                self.checkpoint = page.end().checkpoint(true);
                self.progress.items = self.checkpoint.items;
                self.progress.turn_to(page);
                let unreadable = u64::try_from(page.broken().count()).unwrap_or(u64::MAX);
                self.progress.unreadable = self.progress.unreadable.saturating_add(unreadable);
            }
            Err(error) => {
                if let Some(checkpoint) = error.checkpoint() {
                    self.checkpoint = checkpoint.clone();
                }
            }
        }
        page
    }
}

/// How far a listing got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Items handed out, including those before a [`resume`](crate::ListAlbumContent::resume).
    pub items: u64,
    /// Pages received, including those before a resume.
    pub pages: u64,
    /// How many items there are, by the service's own count on the latest page. For display only.
    pub total: Option<u64>,
    /// Items that could not be read, not including those before a resume.
    pub unreadable: u64,
}

impl Progress {
    /// Takes over what a page says about the whole listing.
    pub(super) fn turn_to<T>(&mut self, page: &Page<T>) {
        self.pages = page.position.start.pages.saturating_add(1);
        self.total = page.total().or(self.total);
    }
}

impl<T> Stream for Pages<T> {
    type Item = Result<Page<T>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(error) = self.failed.take() {
            return Poll::Ready(Some(Err(error)));
        }
        let Some(pages) = &mut self.pages else {
            return Poll::Ready(None);
        };
        if let Err(error) = input::inside_tokio() {
            self.pages = None;
            let checkpoint = Some(self.checkpoint());
            return Poll::Ready(Some(Err(error.with(|facts| facts.checkpoint = checkpoint))));
        }
        let page = ready!(pages.as_mut().poll_next(cx));
        if page.is_none() {
            self.pages = None;
        }
        Poll::Ready(page.map(|page| self.hand_out(page)))
    }
}

impl<T> FusedStream for Pages<T> {
    fn is_terminated(&self) -> bool {
        self.pages.is_none() && self.failed.is_none()
    }
}

debug_only!(Pages<T>, |it| progress: it.progress);

//! The page loop: where it starts, where it continues, and when it stops. No HTTP and no JSON: `fetch` is a
//! parameter.
//!
//! A list ends when a page has no cursor, and only then. Everything else that could end it is an error.

use std::time::Duration;

use async_stream::stream;
use futures_core::Stream;
use tokio::time::{Instant, sleep};

use super::{
    bounds::Bounds,
    page::{Batch, Page, Position},
    seen::Seen,
};
use crate::{
    calls::call::Origin,
    checkpoint::Checkpoint,
    cursor::Cursor,
    error::{Error, ErrorKind, Result},
    wire::backoff::Backoff,
};

/// Between two polls after errors in a row.
const BACKOFF: Backoff =
    Backoff { first: Duration::from_millis(100), longest: Duration::from_secs(10) };

/// Empty pages occur in the middle of a list, but not this many in a row.
const MOST_EMPTY: u32 = 1_000;

/// Which page is needed.
#[derive(Clone, Debug)]
pub(crate) struct PageRequest {
    /// Where it begins.
    pub(crate) start: Checkpoint,
    /// How many entries came before; `None` if the listing began in the middle.
    pub(crate) listed: Option<u64>,
}

/// The state of a listing between two pages.
pub(super) struct PageLoop<T> {
    /// After the last page.
    here: Position,
    is_done: bool,
    bounds: Bounds<T>,
    /// How many entries came so far; `None` if the listing began in the middle.
    listed: Option<u64>,
    seen: Seen,
    /// Pages in a row that were empty, or held nothing new.
    empty: u32,
    /// Errors in a row.
    failures: u32,
}

impl<T> PageLoop<T> {
    pub(super) fn new(start: Checkpoint, bounds: Bounds<T>) -> Self {
        let mut seen = Seen::default();
        if let Some(cursor) = &start.cursor {
            seen.insert(cursor.as_str());
        }
        Self {
            is_done: bounds.is_used_up(),
            listed: (start.cursor.is_none() && start.taken == 0).then_some(0),
            here: Position { start, next: None },
            bounds,
            seen,
            empty: 0,
            failures: 0,
        }
    }

    /// The pages. After a retryable error, the next poll fetches the same page. After any other error, the
    /// stream has ended.
    ///
    /// A poll after an error waits as long as the error asks for, and after several errors in a row longer
    /// each time, but never for more than `longest_pause`.
    pub(super) fn pages<F, Fut>(
        mut self,
        longest_pause: Duration,
        fetch: F,
    ) -> impl Stream<Item = Result<Page<T>>>
    where
        F: Fn(PageRequest) -> Fut,
        Fut: Future<Output = Result<(Batch<T>, Origin)>>,
    {
        stream! {
            while !self.is_done {
                match fetch(self.request()).await {
                    Ok((batch, origin)) => {
                        let (page, lost) = self.accept(batch, origin);
                        yield Ok(page);
                        if let Some(error) = lost {
                            yield Err(error);
                            return;
                        }
                    }
                    Err(error) => {
                        let (failed_at, is_final) = (Instant::now(), !error.is_retryable());
                        let pause = self.pause_after(&error).min(longest_pause);
                        yield Err(self.place(error));
                        if is_final {
                            return;
                        }
                        let left = pause.saturating_sub(failed_at.elapsed());
                        if !left.is_zero() {
                            sleep(left).await;
                        }
                    }
                }
            }
        }
    }

    pub(super) fn request(&self) -> PageRequest {
        PageRequest { start: self.here.checkpoint(true), listed: self.listed }
    }

    /// Puts a batch in its place and moves on. The error, if there is one, follows the page. What brought the batch
    /// ends here, or its span would last until the next page is asked for.
    pub(super) fn accept(
        &mut self,
        mut batch: Batch<T>,
        origin: Origin,
    ) -> (Page<T>, Option<Error>) {
        let unreadable = batch.unreadable.into_iter();
        batch.unreadable = unreadable.map(|(index, error)| (index, origin.blame(error))).collect();
        let len = batch.items.len().saturating_add(batch.unreadable.len());
        if self.bounds.end_with(&batch.items) {
            batch.next = None;
        }
        let mut page = Page::new(batch, self.here.checkpoint(true));
        self.bounds.apply(&mut page);
        self.count(u64::try_from(len).unwrap_or(u64::MAX), &page);
        self.here = page.end();
        let lost = self.check(page.position.next.as_ref()).err();
        let lost = lost.map(|error| origin.blame(self.place(error)));
        (page, lost)
    }

    /// Counts the entries that came. `page` holds those that are handed out: a service that repeats a page must
    /// not be asked for ever.
    fn count(&mut self, entries: u64, page: &Page<T>) {
        self.failures = 0;
        self.listed = self.listed.map(|listed| listed.saturating_add(entries));
        let is_empty = page.contents().is_empty() && page.broken().next().is_none();
        self.empty = if is_empty { self.empty.saturating_add(1) } else { 0 };
    }

    /// Whether the next page can be reached. A cursor that was seen before leads into a circle.
    fn check(&mut self, next: Option<&Cursor>) -> Result<()> {
        self.is_done = next.is_none();
        let Some(cursor) = next else { return Ok(()) };
        let message = if self.empty >= MOST_EMPTY {
            &format!("the service returned {MOST_EMPTY} pages in a row with nothing new")
        } else if cursor.is_too_long() {
            "the service returned a page cursor that is too long to be sent back"
        } else if self.seen.insert(cursor.as_str()) {
            return Ok(());
        } else {
            "the service returned the same page cursor twice, so the list would never end; what \
             was listed so far may be incomplete; start again"
        };
        Err(Error::new(ErrorKind::Paging, message.to_owned()))
    }

    /// Adds to `error` where the listing stands.
    pub(super) fn place(&self, error: Error) -> Error {
        let is_lost = error.kind() == ErrorKind::Paging;
        error.with(|facts| facts.checkpoint = Some(self.here.checkpoint(!is_lost)))
    }

    /// The first error in a row causes no pause: the call was retried before it failed.
    fn pause_after(&mut self, error: &Error) -> Duration {
        let pause = self.failures.checked_sub(1).map(|more| BACKOFF.after(more));
        self.failures = self.failures.saturating_add(1);
        error.retry_after().unwrap_or_default().max(pause.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests;

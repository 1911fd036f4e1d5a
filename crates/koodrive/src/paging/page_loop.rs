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
    page::{Batch, Page},
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
    /// `None` for the first page.
    pub(crate) cursor: Option<Cursor>,
    /// Counted from 1, including the pages before a resume.
    pub(crate) number: u64,
    /// How many entries came before; `None` if the listing began in the middle.
    pub(crate) listed: Option<u64>,
}

/// The answer to a request.
pub(crate) struct Fetched<T> {
    pub(crate) batch: Batch<T>,
    pub(crate) origin: Origin,
}

/// The state of a listing between two pages.
pub(super) struct PageLoop<T> {
    /// Where the next page begins.
    next: Checkpoint,
    is_done: bool,
    /// After the last page: the checkpoint if the next page cannot be reached.
    here: Checkpoint,
    bounds: Bounds<T>,
    /// How many entries came so far; `None` if the listing began in the middle.
    listed: Option<u64>,
    seen: Seen,
    /// Empty pages in a row.
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
            here: start.clone(),
            next: start,
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
        Fut: Future<Output = Result<Fetched<T>>>,
    {
        stream! {
            while !self.is_done {
                match fetch(self.request()).await {
                    Ok(fetched) => {
                        let (page, lost) = self.accept(fetched);
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
        PageRequest {
            cursor: self.next.cursor.clone(),
            number: self.next.pages.saturating_add(1),
            listed: self.listed,
        }
    }

    /// Puts a batch in its place and moves on. The error, if there is one, follows the page.
    pub(super) fn accept(&mut self, fetched: Fetched<T>) -> (Page<T>, Option<Error>) {
        let Fetched { mut batch, origin } = fetched;
        let unreadable = batch.unreadable.into_iter();
        batch.unreadable = unreadable.map(|(index, error)| (index, origin.blame(error))).collect();
        let len = batch.items.len().saturating_add(batch.unreadable.len());
        self.count(u64::try_from(len).unwrap_or(u64::MAX));
        if self.bounds.end_with(&batch.items) {
            batch.next = None;
        }
        let mut page = Page::new(batch, self.next.clone());
        self.bounds.apply(&mut page);
        let next = page.position.next.take();
        self.here = page.after();
        page.position.next = next;
        self.next = page.after();
        let lost = self.check(page.position.next.as_ref()).err();
        let lost = lost.map(|error| origin.blame(self.place(error)));
        (page, lost)
    }

    fn count(&mut self, entries: u64) {
        self.failures = 0;
        self.listed = self.listed.map(|listed| listed.saturating_add(entries));
        self.empty = if entries == 0 { self.empty.saturating_add(1) } else { 0 };
    }

    /// Whether the next page can be reached. A cursor that was seen before leads into a circle.
    fn check(&mut self, next: Option<&Cursor>) -> Result<()> {
        match next {
            None => self.is_done = true,
            Some(_) if self.empty >= MOST_EMPTY => {
                let message = format!("the service returned {MOST_EMPTY} empty pages in a row");
                return Err(Error::new(ErrorKind::Paging, message));
            }
            Some(cursor) if cursor.is_too_long() => {
                let message = "the service returned a page cursor that is too long to be sent back";
                return Err(Error::new(ErrorKind::Paging, message));
            }
            Some(cursor) if self.seen.insert(cursor.as_str()) => {}
            Some(_) => {
                let message = "the service returned the same page cursor twice, so the list would \
                               never end; what was listed so far may be incomplete; start again";
                return Err(Error::new(ErrorKind::Paging, message));
            }
        }
        Ok(())
    }

    /// Adds to `error` where the listing stands.
    pub(super) fn place(&self, error: Error) -> Error {
        let is_lost = error.kind() == ErrorKind::Paging;
        let place = if is_lost { &self.here } else { &self.next };
        error.with(|facts| facts.checkpoint = Some(place.clone()))
    }

    /// The first error in a row causes no pause: the call was retried before it failed.
    fn pause_after(&mut self, error: &Error) -> Duration {
        let pause = self.failures.checked_sub(1).map(|more| BACKOFF.after(more));
        self.failures = self.failures.saturating_add(1);
        error.retry_after().unwrap_or_default().max(pause.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, collections::VecDeque, future::ready};

    use futures::{StreamExt as _, executor::block_on};

    use super::*;

    fn cursor(text: &str) -> Option<Cursor> {
        Cursor::new(Some(text.to_owned()))
    }

    /// A page that leads to `next`, and is empty if that says so.
    fn page(next: &str) -> Result<Fetched<()>> {
        let items = if next.starts_with("empty") { vec![] } else { vec![()] };
        let (unreadable, next) = (VecDeque::new(), cursor(next));
        let batch = Batch { items, unreadable, next, total: None };
        Ok(Fetched { batch, origin: Origin { trace_id: "t".to_owned(), attempts: 1 } })
    }

    /// Answers with each of `replies` in turn. Returns the cursors that were asked for, and what came out.
    fn run(start: &str, replies: Vec<Result<Fetched<()>>>) -> (Vec<String>, Vec<String>) {
        let asked = RefCell::new(Vec::new());
        let replies = RefCell::new(VecDeque::from(replies));
        let page_loop =
            PageLoop::new(Checkpoint::start("key", cursor(start)), Bounds::new(None, None));
        let pages = page_loop.pages(Duration::MAX, |request| {
            let cursor = request.cursor.map_or("-".to_owned(), |c| c.as_str().to_owned());
            asked.borrow_mut().push(cursor);
            ready(replies.borrow_mut().pop_front().unwrap())
        });
        let shown = |page: Result<_>| {
            page.map_or_else(|e: Error| format!("{:?}", e.kind()), |_| "page".into())
        };
        let out = block_on(pages.map(shown).collect());
        (asked.into_inner(), out)
    }

    fn failure(kind: ErrorKind) -> Result<Fetched<()>> {
        Err(Error::new(kind, ""))
    }

    #[test]
    fn the_list_continues_exactly_as_long_as_there_is_a_cursor() {
        let (asked, out) = run("", vec![page("a"), page("b"), page("")]);
        assert_eq!(asked, ["-", "a", "b"]);
        assert_eq!(out, ["page", "page", "page"]);
    }

    #[test]
    fn a_cursor_that_was_seen_before_is_an_error_after_the_page_that_gave_it() {
        for (start, replies, expected) in [
            ("", vec!["a", "a"], vec!["-", "a"]),
            ("", vec!["a", "b", "a"], vec!["-", "a", "b"]),
            ("s", vec!["a", "s"], vec!["s", "a"]),
            ("s", vec!["s"], vec!["s"]),
        ] {
            let (asked, mut out) = run(start, replies.into_iter().map(page).collect());
            assert_eq!(asked, expected);
            assert_eq!(out.pop().as_deref(), Some("Paging"));
            assert_eq!(out.len(), asked.len());
        }
    }

    #[test]
    fn a_transient_error_is_polled_past_and_a_final_one_ends_the_list() {
        let (asked, out) = run(
            "",
            vec![
                page("a"),
                failure(ErrorKind::Transport),
                page("b"),
                failure(ErrorKind::Timeout),
                page("c"),
                failure(ErrorKind::Unauthorized),
            ],
        );
        assert_eq!(asked, ["-", "a", "a", "b", "b", "c"]);
        assert_eq!(out, ["page", "Transport", "page", "Timeout", "page", "Unauthorized"]);
    }

    #[test]
    fn a_resume_behind_the_recent_items_of_a_page_continues_with_the_next_page() {
        let bounds = Bounds::new(None, Some(Box::new(|is_old: &bool| Some(*is_old))));
        let start = Checkpoint { taken: 1, ..Checkpoint::start("key", None) };
        let (unreadable, next) = (VecDeque::new(), cursor("a"));
        let batch = Batch { items: vec![false, true], unreadable, next, total: None };
        let origin = Origin { trace_id: "t".to_owned(), attempts: 1 };

        let (page, lost) = PageLoop::new(start, bounds).accept(Fetched { batch, origin });
        assert!(page.contents().is_empty() && lost.is_none());
        assert_eq!(page.next_page_cursor(), Some("a"));
    }

    #[test]
    fn after_errors_in_a_row_polls_back_off() {
        let started = || PageLoop::<()>::new(Checkpoint::start("", None), Bounds::new(None, None));
        let error = Error::new(ErrorKind::Connect, "");
        let mut page_loop = started();
        let pauses: Vec<u128> =
            (0..10).map(|_| page_loop.pause_after(&error).as_millis()).collect();
        assert_eq!(pauses, [0, 100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);

        let asking = error.with(|facts| facts.retry_after = Some(Duration::from_secs(5)));
        assert_eq!(started().pause_after(&asking), Duration::from_secs(5));
        assert_eq!(page_loop.pause_after(&asking), Duration::from_secs(10));
    }

    #[test]
    fn a_thousand_empty_pages_in_a_row_are_an_error_and_fewer_are_not() {
        let empty = |count: usize| (0..count).map(|n| page(&format!("empty{n}")));
        let (_, out) = run("", empty(999).chain([page("")]).collect());
        assert_eq!(out.last().map(String::as_str), Some("page"));

        let halves = empty(600).chain([page("full")]).chain(empty(1_500).skip(600));
        let (_, out) = run("", halves.chain([page("")]).collect());
        assert_eq!(out.last().map(String::as_str), Some("page"));

        let (asked, out) = run("", empty(2_000).collect());
        assert_eq!((asked.len(), out.last().map(String::as_str)), (1_000, Some("Paging")));
    }
}

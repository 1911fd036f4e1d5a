//! The page loop: where to start, where to go on, when to stop. No HTTP and no JSON here: `fetch` is
//! a parameter.
//!
//! A list ends when a page has no cursor, and only then. Whatever else could end it is an error.

use std::{
    collections::{HashSet, hash_map::RandomState},
    hash::BuildHasher as _,
    time::Duration,
};

use async_stream::stream;
use futures_core::Stream;
use tokio::time::{Instant, sleep};

use crate::{
    calls::policy::doubled,
    cursor::Cursor,
    error::{Error, ErrorKind, Result},
};

/// What the loop needs to know of a page.
pub(crate) trait Page {
    /// Where the next page starts; `None` on the last one.
    fn next(&self) -> Option<&Cursor>;

    fn is_empty(&self) -> bool;

    /// Adds to `error` which request brought the page that it is about.
    fn blame(&self, error: Error) -> Error;
}

/// Which page comes next.
#[derive(Clone, Debug, PartialEq)]
enum Next {
    First,
    At(Cursor),
    Done,
}

/// The pages from `start` on. An error that is worth another try leaves the position as it is: the
/// next poll fetches the same page, once it may. After any other error the stream has ended.
///
/// Who polls past an error waits for what the service or the token cache asks for, and past one after
/// another ever longer; but never for more than `longest_pause`.
pub(crate) fn pages<P, F, Fut>(
    start: Option<Cursor>,
    longest_pause: Duration,
    fetch: F,
) -> impl Stream<Item = Result<P>>
where
    P: Page,
    F: Fn(Option<Cursor>) -> Fut,
    Fut: Future<Output = Result<P>>,
{
    stream! {
        let (mut trail, mut failures) = (Trail::default(), 0_u32);
        let mut next = trail.first(start);
        while next != Next::Done {
            let cursor = match &next {
                Next::At(cursor) => Some(cursor.clone()),
                Next::First | Next::Done => None,
            };
            match fetch(cursor).await {
                Ok(page) => {
                    failures = 0;
                    let step = trail.step(&page).map_err(|error| page.blame(error));
                    yield Ok(page);
                    match step {
                        Ok(step) => next = step,
                        Err(error) => {
                            yield Err(error);
                            return;
                        }
                    }
                }
                Err(error) => {
                    let (told, is_final) = (Instant::now(), !error.is_retryable());
                    let pause = pause_after(&error, failures).min(longest_pause);
                    failures = failures.saturating_add(1);
                    yield Err(error);
                    if is_final {
                        return;
                    }
                    let left = pause.saturating_sub(told.elapsed());
                    if !left.is_zero() {
                        sleep(left).await;
                    }
                }
            }
        }
    }
}

/// Between two polls past errors that came one after another: twice as long each time.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Empty pages occur in mid-list, but not so many one after another.
const MOST_EMPTY: u32 = 1_000;

/// How long to wait after so many `failures` in a row and then `error`. The first may be polled past at
/// once; it was tried again before it was told.
fn pause_after(error: &Error, failures: u32) -> Duration {
    let asked = error.retry_after().unwrap_or_default();
    match failures.checked_sub(1) {
        None => asked,
        Some(times) => asked.max(doubled(FIRST_PAUSE, times, LONGEST_PAUSE)),
    }
}

/// The way so far: the cursors that were met, as 128 bits of keyed hash each, which is a few dozen
/// bytes per page and no chance worth naming of taking a new cursor for an old one.
#[derive(Default)]
struct Trail {
    keys: [RandomState; 2],
    seen: HashSet<[u64; 2]>,
    /// Pages since the last that was not.
    empty: u32,
}

impl Trail {
    fn first(&mut self, start: Option<Cursor>) -> Next {
        start.map_or(Next::First, |cursor| {
            self.is_new(&cursor);
            Next::At(cursor)
        })
    }

    /// A cursor that was met before, last time or long ago, leads round in a circle.
    fn step(&mut self, page: &impl Page) -> Result<Next> {
        self.empty = if page.is_empty() { self.empty.saturating_add(1) } else { 0 };
        match page.next() {
            None => Ok(Next::Done),
            Some(_) if self.empty >= MOST_EMPTY => Err(Error::new(
                ErrorKind::Paging,
                format!("the service gave {MOST_EMPTY} empty pages one after another"),
            )),
            Some(cursor) if cursor.is_too_long() => Err(Error::new(
                ErrorKind::Paging,
                "the service gave a page cursor that is too long to be sent back",
            )),
            Some(cursor) if self.is_new(cursor) => Ok(Next::At(cursor.clone())),
            Some(_) => Err(Error::new(
                ErrorKind::Paging,
                "the service gave a page cursor for the second time, so the list would never end; \
                 what was listed so far may not be all; start again",
            )),
        }
    }

    fn is_new(&mut self, cursor: &Cursor) -> bool {
        let hash = self.keys.each_ref().map(|key| key.hash_one(cursor.as_str()));
        self.seen.insert(hash)
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, collections::VecDeque};

    use futures::{StreamExt as _, executor::block_on};

    use super::*;

    fn cursor(text: &str) -> Option<Cursor> {
        Cursor::new(Some(text.to_owned()))
    }

    impl Page for Option<Cursor> {
        fn next(&self) -> Option<&Cursor> {
            self.as_ref()
        }

        /// For these tests, a page whose cursor says so.
        fn is_empty(&self) -> bool {
            self.as_ref().is_some_and(|cursor| cursor.as_str().starts_with("empty"))
        }

        fn blame(&self, error: Error) -> Error {
            error
        }
    }

    /// Answers with each of `replies` in turn; returns what was asked for and what came out.
    fn run(start: &str, replies: Vec<Result<Option<Cursor>>>) -> (Vec<String>, Vec<String>) {
        let asked = RefCell::new(Vec::new());
        let replies = RefCell::new(VecDeque::from(replies));
        let pages = pages(cursor(start), Duration::MAX, |cursor| {
            asked.borrow_mut().push(cursor.map_or("-".to_owned(), |c| c.as_str().to_owned()));
            std::future::ready(replies.borrow_mut().pop_front().unwrap())
        });
        let shown = |page: Result<_>| {
            page.map_or_else(|e: Error| format!("{:?}", e.kind()), |_| "page".into())
        };
        let out = block_on(pages.map(shown).collect());
        (asked.into_inner(), out)
    }

    fn failure(kind: ErrorKind) -> Result<Option<Cursor>> {
        Err(Error::new(kind, ""))
    }

    #[test]
    fn the_list_goes_on_exactly_as_long_as_there_is_a_cursor() {
        let (asked, out) = run("", vec![Ok(cursor("a")), Ok(cursor("b")), Ok(cursor(""))]);
        assert_eq!(asked, ["-", "a", "b"]);
        assert_eq!(out, ["page", "page", "page"]);
    }

    #[test]
    fn a_cursor_that_was_met_before_is_an_error_after_the_page_that_gave_it() {
        for (start, replies, expected) in [
            ("", vec!["a", "a"], vec!["-", "a"]),
            ("", vec!["a", "b", "a"], vec!["-", "a", "b"]),
            ("s", vec!["a", "s"], vec!["s", "a"]),
            ("s", vec!["s"], vec!["s"]),
        ] {
            let (asked, mut out) = run(start, replies.into_iter().map(|c| Ok(cursor(c))).collect());
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
                Ok(cursor("a")),
                failure(ErrorKind::Transport),
                Ok(cursor("b")),
                failure(ErrorKind::Timeout),
                Ok(cursor("c")),
                failure(ErrorKind::Unauthorized),
            ],
        );
        assert_eq!(asked, ["-", "a", "a", "b", "b", "c"]);
        assert_eq!(out, ["page", "Transport", "page", "Timeout", "page", "Unauthorized"]);
    }

    #[test]
    fn who_polls_past_one_error_after_another_waits_ever_longer() {
        let error = Error::new(ErrorKind::Connect, "");
        let pauses = (0..10).map(|failures| pause_after(&error, failures).as_millis());
        let expected = [0, 100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000];
        assert_eq!(pauses.collect::<Vec<_>>(), expected);
        let asked = error.with_retry_after(Some(Duration::from_secs(5)));
        assert_eq!(pause_after(&asked, 0), Duration::from_secs(5));
        assert_eq!(pause_after(&asked, 8), Duration::from_secs(10));
    }

    #[test]
    fn a_thousand_empty_pages_in_a_row_are_an_error_and_fewer_are_not() {
        let empty = |count: usize| (0..count).map(|n| Ok(cursor(&format!("empty{n}"))));
        let end = || Ok(cursor(""));
        let (_, out) = run("", empty(999).chain([end()]).collect());
        assert_eq!(out.last().map(String::as_str), Some("page"));

        let full = || Ok(cursor("full"));
        let halves = empty(600).chain([full()]).chain(empty(1_500).skip(600)).chain([end()]);
        assert_eq!(run("", halves.collect()).1.last().map(String::as_str), Some("page"));

        let (asked, out) = run("", empty(2_000).collect());
        assert_eq!((asked.len(), out.last().map(String::as_str)), (1_000, Some("Paging")));
    }

    #[test]
    fn a_million_cursors_raise_no_false_alarm() {
        let mut trail = Trail::default();
        assert!((0..1_000_000).all(|n| trail.is_new(&cursor(&n.to_string()).unwrap())));
    }
}

use std::{
    collections::VecDeque,
    sync::atomic::{AtomicUsize, Ordering},
};

use futures::{FutureExt as _, StreamExt as _, stream};

use super::*;
use crate::{
    cursor::Cursor,
    error::{ErrorKind, Recovery},
    paging::page::Batch,
};

/// A page of these entries, of which `?` could not be read. It is the last one if it ends with a full stop.
fn page(entries: &str) -> Page<char> {
    let (entries, next) = match entries.strip_suffix('.') {
        Some(entries) => (entries, None),
        None => (entries, Cursor::new(Some("next".to_owned()))),
    };
    let unreadable = entries.char_indices().filter(|(_, entry)| *entry == '?').map(|(index, _)| {
        let error = Error::new(ErrorKind::Decode, "");
        (index, error.with(|facts| facts.recovery = Some(Recovery::Skip)))
    });
    let unreadable = unreadable.collect::<VecDeque<_>>();
    let items = entries.chars().filter(|entry| *entry != '?').collect();
    Page::new(Batch { items, unreadable, next, total: None }, Checkpoint::start("key", None))
}

fn error(kind: ErrorKind) -> Error {
    Error::new(kind, "").with(|facts| facts.checkpoint = Some(Checkpoint::start("key", None)))
}

fn reading(
    pages: impl Stream<Item = Result<Page<char>>> + Send + 'static,
    read_ahead: usize,
    on_unreadable: Option<OnUnreadable>,
) -> ItemStream<char> {
    let pages = Pages::new(Checkpoint::start("key", None), pages);
    let read_ahead = ReadAhead { first_page: read_ahead, later_pages: read_ahead };
    ItemStream::new(pages, read_ahead, on_unreadable)
}

fn files(
    pages: Vec<Result<Page<char>>>,
    read_ahead: usize,
    on_unreadable: Option<OnUnreadable>,
) -> ItemStream<char> {
    reading(stream::iter(pages), read_ahead, on_unreadable)
}

#[tokio::test]
async fn the_number_of_items_left_and_the_end_are_known_as_soon_as_the_last_page_is() {
    let mut files = files(vec![Ok(page("ab")), Ok(page("cd?."))], 0, None);
    let mut seen = Vec::new();
    for _ in 0..6 {
        let item = files.next().await.map(|item| item.unwrap_or('?'));
        seen.push((item, files.size_hint(), files.is_terminated()));
    }
    assert_eq!(
        seen,
        [
            (Some('a'), (1, None), false),
            (Some('b'), (0, None), false),
            (Some('c'), (2, Some(2)), false),
            (Some('d'), (1, Some(1)), false),
            (Some('?'), (0, Some(0)), true),
            (None, (0, Some(0)), true),
        ]
    );
}

#[tokio::test]
async fn a_page_that_was_read_ahead_is_not_the_end() {
    let mut files = files(vec![Ok(page("a")), Ok(page("b."))], 1, None);
    assert_eq!(files.next().await.unwrap().unwrap(), 'a');
    assert!(!files.is_terminated());
    // With the next poll, `b` is at hand.
    assert_eq!(files.next().await.unwrap().unwrap(), 'b');
    assert!(files.is_terminated());
}

#[tokio::test]
async fn what_may_go_to_the_callback_is_not_promised() {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let on_unreadable: OnUnreadable = Arc::new(move |_: &Error| {
        counted.fetch_add(1, Ordering::Relaxed);
    });
    let mut files = files(vec![Ok(page("a??b."))], 0, Some(on_unreadable));
    assert_eq!(files.next().await.unwrap().unwrap(), 'a');
    assert_eq!(files.size_hint(), (0, Some(3)));
    assert_eq!(files.next().await.unwrap().unwrap(), 'b');
    assert_eq!((files.progress().unreadable, count.load(Ordering::Relaxed)), (2, 2));
    assert_eq!(files.size_hint(), (0, Some(0)));
}

#[tokio::test]
async fn the_next_page_is_requested_when_as_few_items_are_left_as_read_ahead_says() {
    for (read_ahead, expected) in
        [(0, [1, 1, 1]), (1, [1, 1, 2]), (2, [1, 2, 2]), (usize::MAX, [2, 2, 2])]
    {
        let requests = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&requests);
        let pages = stream::poll_fn(move |_| match counted.fetch_add(1, Ordering::Relaxed) {
            0 => Poll::Ready(Some(Ok(page("abc")))),
            _ => Poll::Pending,
        });
        let mut files = reading(pages, read_ahead, None);
        let mut after_each = Vec::new();
        for _ in 0..3 {
            files.next().await.unwrap().unwrap();
            after_each.push(requests.load(Ordering::Relaxed));
        }
        assert_eq!(after_each, expected, "{read_ahead}");
    }
}

#[tokio::test]
async fn only_a_final_error_is_a_failure() {
    for (kind, has_failed) in [(ErrorKind::Timeout, false), (ErrorKind::Paging, true)] {
        let mut files = files(vec![Err(error(kind)), Ok(page("a."))], 0, None);
        assert!(!files.has_failed);
        assert_eq!(files.next().now_or_never().unwrap().unwrap().unwrap_err().kind(), kind);
        assert_eq!(files.has_failed, has_failed, "{kind:?}");
    }
}

#[tokio::test]
async fn a_listing_that_had_failed_before_it_was_split_is_not_complete() {
    for (kind, is_complete) in [(ErrorKind::Timeout, true), (ErrorKind::Paging, false)] {
        let mut files = files(vec![Err(error(kind)), Ok(page("a."))], 0, None);
        assert!(files.next().await.unwrap().is_err());
        if !is_complete {
            files.pages = Pages::ended(Checkpoint::start("key", None)); // as after any final error
        }
        let (items, outcome) = files.split();
        items.count().await;
        assert_eq!(outcome.result().unwrap().complete(), is_complete, "{kind:?}");
    }
}

#[tokio::test]
async fn a_split_listing_continues_after_unreadable_items_and_promises_none() {
    let (mut items, outcome) = files(vec![Ok(page("a?b."))], 0, None).split();
    assert_eq!(items.next().await, Some('a'));
    assert_eq!((items.size_hint(), items.is_terminated()), ((0, Some(2)), false));
    assert_eq!(items.next().await, Some('b'));
    assert_eq!(items.next().await, None);
    assert_eq!((items.size_hint(), items.is_terminated()), ((0, Some(0)), true));
    let summary = outcome.result().unwrap();
    assert_eq!((summary.items, summary.unreadable(), summary.complete()), (2, 1, false));
}

#[tokio::test]
async fn pages_that_failed_before_a_request_yield_that_error_and_end() {
    let start = Checkpoint::start("key", None);
    let mut pages = Pages::<char>::failed(start, error(ErrorKind::InvalidInput));
    assert!(!pages.is_terminated());
    assert_eq!(pages.next().await.unwrap().unwrap_err().kind(), ErrorKind::InvalidInput);
    assert!(pages.is_terminated() && pages.next().await.is_none());
}

#[tokio::test]
async fn pages_end_with_the_last_page() {
    let list = stream::iter(vec![Ok(page("a")), Ok(page("b."))]);
    let mut pages = Pages::new(Checkpoint::start("key", None), list);
    assert!(pages.next().await.is_some() && !pages.is_terminated());
    assert!(pages.next().await.is_some() && pages.is_terminated());
}

use std::{cell::RefCell, collections::VecDeque, future::ready};

use futures::{StreamExt as _, executor::block_on};

use tracing::Span;

use super::*;

fn cursor(text: &str) -> Option<Cursor> {
    Cursor::new(Some(text.to_owned()))
}

fn origin() -> Origin {
    Origin { trace_id: Some("t".to_owned()), attempts: 1, span: Span::none() }
}

type Reply = Result<(Batch<()>, Origin)>;

/// A page that leads to `next`, and is empty if that says so.
fn page(next: &str) -> Reply {
    let items = if next.starts_with("empty") { vec![] } else { vec![()] };
    let (unreadable, next) = (VecDeque::new(), cursor(next));
    let batch = Batch { items, unreadable, next, total: None };
    Ok((batch, origin()))
}

/// Answers with each of `replies` in turn. Returns the cursors that were asked for, and what came out.
fn run(start: &str, replies: Vec<Reply>) -> (Vec<String>, Vec<String>) {
    let asked = RefCell::new(Vec::new());
    let replies = RefCell::new(VecDeque::from(replies));
    let page_loop = PageLoop::new(Checkpoint::start("key", cursor(start)), Bounds::new(None, None));
    let pages = page_loop.pages(Duration::MAX, |request| {
        let cursor = request.start.cursor.map_or("-".to_owned(), |c| c.as_str().to_owned());
        asked.borrow_mut().push(cursor);
        ready(replies.borrow_mut().pop_front().unwrap())
    });
    let shown =
        |page: Result<_>| page.map_or_else(|e: Error| format!("{:?}", e.kind()), |_| "page".into());
    let out = block_on(pages.map(shown).collect());
    (asked.into_inner(), out)
}

fn failure(kind: ErrorKind) -> Reply {
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
fn a_cursor_that_is_too_long_to_be_sent_back_is_an_error_after_the_page_that_gave_it() {
    let long = "c".repeat(8 * 1024 + 1);
    let (asked, out) = run("", vec![page("a"), page(&long)]);
    assert_eq!(asked, ["-", "a"]);
    assert_eq!(out, ["page", "page", "Paging"]);
}

#[test]
fn only_where_the_next_page_cannot_be_reached_does_an_error_stay_behind_the_last_one() {
    let mut page_loop = PageLoop::new(Checkpoint::start("key", None), Bounds::new(None, None));
    page_loop.accept(page("a").unwrap().0, origin());
    let pages = |kind| {
        let error = page_loop.place(Error::new(kind, ""));
        let Checkpoint { cursor, pages, taken, .. } = error.checkpoint().unwrap().clone();
        (cursor.map(|cursor| cursor.as_str().to_owned()), pages, taken)
    };
    assert_eq!(pages(ErrorKind::Paging), (None, 0, 1));
    assert_eq!(pages(ErrorKind::Timeout), (Some("a".to_owned()), 1, 0));
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

    let (page, lost) = PageLoop::new(start, bounds).accept(batch, origin());
    assert!(page.contents().is_empty() && lost.is_none());
    assert_eq!(page.next_page_cursor(), Some("a"));
}

#[test]
fn after_errors_in_a_row_polls_back_off() {
    let started = || PageLoop::<()>::new(Checkpoint::start("", None), Bounds::new(None, None));
    let error = Error::new(ErrorKind::Connect, "");
    let mut page_loop = started();
    let pauses: Vec<u128> = (0..10).map(|_| page_loop.pause_after(&error).as_millis()).collect();
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

#[test]
fn a_list_of_nothing_but_known_items_does_not_go_on_for_ever() {
    let replies = RefCell::new((0..2_000).map(|n| {
        let (items, next) = (vec!["known"], cursor(&n.to_string()));
        Ok((Batch { items, unreadable: VecDeque::new(), next, total: None }, origin()))
    }));
    let bounds = Bounds::new(None, None).distinct(|item: &&str| item);
    let pages = PageLoop::new(Checkpoint::start("key", None), bounds)
        .pages(Duration::MAX, |_| ready(replies.borrow_mut().next().unwrap()));
    let items = pages.map(|page| page.map(|page| page.contents().len()));
    let out: Vec<_> = block_on(items.collect());
    assert_eq!(out.iter().flatten().sum::<usize>(), 1);
    assert_eq!(out.len(), 1_002); // the first page, a thousand more, and the error
    assert!(out.last().unwrap().as_ref().is_err_and(|error| error.kind() == ErrorKind::Paging));
}

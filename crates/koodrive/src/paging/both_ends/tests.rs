#![allow(clippy::arithmetic_side_effects, reason = "a test that overflows should fail")]

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashSet, VecDeque},
    rc::Rc,
};

use fastrand::Rng;
use futures::{StreamExt as _, executor::block_on, stream};

use super::*;
use crate::{
    cursor::Cursor,
    error::{Error, ErrorKind},
    paging::page::Batch,
};

/// A file's place in the order: its time, and then whatever the service likes.
type Place = (u64, u64);

/// A service that sorts by time, and knows oddities.
#[derive(Default)]
struct Album {
    files: BTreeMap<Place, String>,
    /// The files that were there all the time.
    lasting: HashSet<String>,
    number: u64,
    /// Whether the order of files with the same time is reversed with the direction.
    reverses_ties: bool,
    /// Files of later times are last in both directions, as if they had no time.
    timed_until: Option<u64>,
    ignores_direction: bool,
    has_total: bool,
    /// Of the low end and of the high end.
    requests: [usize; 2],
    /// Every third page is empty, although more follow.
    has_empty_pages: bool,
}

type Shared = Rc<RefCell<(Album, Rng)>>;

impl Album {
    fn of(files: u64) -> Self {
        let files = (0..files).map(|n| ((n, 0), n.to_string())).collect();
        Self { files, reverses_ties: true, has_total: true, ..Self::default() }
    }

    fn random(random: &mut Rng) -> Self {
        let mut album = Self {
            reverses_ties: random.bool(),
            timed_until: random.bool().then(|| random.u64(..30)),
            ignores_direction: random.u8(..8) == 0,
            has_total: random.u8(..4) > 0,
            ..Self::default()
        };
        for _ in 0..random.usize(..120) {
            album.add(random);
        }
        album.lasting = album.files.values().cloned().collect();
        album
    }

    /// Adds a file whose time other files have, too.
    fn add(&mut self, random: &mut Rng) {
        self.number += 1;
        let times = [3, 30, 3_000][random.usize(..3)];
        self.files.insert((random.u64(..times), random.u64(..)), self.number.to_string());
    }

    fn place(&self, end: End, (time, tie): Place) -> Place {
        let is_timed = self.timed_until.is_none_or(|until| time <= until);
        match end {
            End::High if is_timed && !self.ignores_direction => {
                (1_000_000 - time, if self.reverses_ties { u64::MAX - tie } else { tie })
            }
            _ if is_timed => (time, tie),
            _ => (2_000_000 + time, tie),
        }
    }

    /// The files after a place, and where the next page begins.
    fn page(
        &mut self,
        end: End,
        after: Option<Place>,
        size: usize,
    ) -> (Page<String>, Option<Place>) {
        let requests = &mut self.requests[end as usize];
        *requests += 1;
        let size = if self.has_empty_pages && requests.is_multiple_of(3) { 0 } else { size };
        let placed = self.files.iter().map(|(place, id)| (self.place(end, *place), id.clone()));
        let mut rest: Vec<_> =
            placed.filter(|(place, _)| after.is_none_or(|after| *place > after)).collect();
        rest.sort_unstable();
        let has_more = rest.len() > size;
        rest.truncate(size);
        let last = rest.last().map_or(after, |(place, _)| Some(*place)).filter(|_| has_more);
        let items = rest.into_iter().map(|(_, id)| id).collect();
        let total = self.has_total.then_some(self.files.len() as u64);
        (page(items, has_more, total, None), last)
    }
}

fn page(
    items: Vec<String>,
    has_more: bool,
    total: Option<u64>,
    unreadable: Option<usize>,
) -> Page<String> {
    let error = |index| (index, Error::new(ErrorKind::Decode, "unreadable"));
    let unreadable: VecDeque<_> = unreadable.map(error).into_iter().collect();
    let next = Cursor::new(has_more.then(|| "more".to_owned()));
    Page::new(Batch { items, unreadable, next, total }, start())
}

fn start() -> Checkpoint {
    Checkpoint::start("17:100::+", None)
}

type Step = fn(&mut (Album, Rng)) -> usize;

/// The pages of one end. `step` is called before each, and returns its size.
fn end(
    shared: &Shared,
    end: End,
    step: Step,
) -> Pin<Box<impl Stream<Item = Result<Page<String>>>>> {
    let shared = Rc::clone(shared);
    Box::pin(stream::unfold(Some(None), move |after| {
        let shared = Rc::clone(&shared);
        async move {
            let after = after?;
            let polls = shared.borrow_mut().1.usize(2..6);
            pass(polls).await;
            let shared = &mut *shared.borrow_mut();
            let size = step(shared);
            let (page, last) = shared.0.page(end, after, size);
            Some((Ok(page), last.map(Some)))
        }
    }))
}

async fn pass(mut polls: usize) {
    poll_fn(|cx| {
        cx.waker().wake_by_ref();
        polls = polls.saturating_sub(1);
        if polls == 0 { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// The ids that are listed, and how many requests that takes.
fn list(album: Album, random: Rng, step: Step) -> (Vec<String>, Album) {
    let shared: Shared = Rc::new(RefCell::new((album, random)));
    let (low, high) = (end(&shared, End::Low, step), end(&shared, End::High, step));
    let pages: Vec<_> = block_on(both_ends(start(), low, high, String::as_str).collect());
    let ids = pages.into_iter().flat_map(|page| page.unwrap().into_contents()).collect();
    let album = std::mem::take(&mut shared.borrow_mut().0);
    (ids, album)
}

fn ten(_: &mut (Album, Rng)) -> usize {
    10
}

/// The album may change before each page.
fn changing((album, random): &mut (Album, Rng)) -> usize {
    match random.u8(..8) {
        0 => album.add(random),
        1 if !album.files.is_empty() => {
            let place = *album.files.keys().nth(random.usize(..album.files.len())).unwrap();
            let removed = album.files.remove(&place).unwrap();
            album.lasting.remove(&removed);
        }
        _ => {}
    }
    random.usize(1..12)
}

fn still((_, random): &mut (Album, Rng)) -> usize {
    random.usize(1..12)
}

#[test]
fn in_any_order_every_lasting_file_comes_exactly_once() {
    for step in [still as Step, changing] {
        for seed in 0..1_000 {
            let mut random = Rng::with_seed(seed);
            let album = Album::random(&mut random);
            let (ids, album) = list(album, random, step);
            let distinct: HashSet<_> = ids.iter().cloned().collect();
            assert_eq!(ids.len(), distinct.len(), "seed {seed}: a file came twice");
            let missed: Vec<_> = album.lasting.difference(&distinct).collect();
            assert!(missed.is_empty(), "seed {seed}: {missed:?} are missing");
        }
    }
}

#[test]
fn the_ends_share_the_work_whatever_the_times() {
    let same_time = (0..1_000).map(|n| ((7, n), n.to_string())).collect();
    for files in [Album::of(1_000).files, same_time] {
        let album = Album { files, ..Album::of(0) };
        let (ids, album) = list(album, Rng::with_seed(1), ten);
        assert_eq!(ids.len(), 1_000);
        assert!(album.requests.iter().sum::<usize>() <= 103, "{:?}", album.requests);
        assert!(album.requests.iter().all(|requests| *requests > 40), "{:?}", album.requests);
    }
}

#[test]
fn files_that_are_last_in_both_directions_are_listed() {
    let album = Album { timed_until: Some(600), ..Album::of(900) };
    let (ids, _) = list(album, Rng::with_seed(1), ten);
    assert_eq!(ids.len(), 900);
}

#[test]
fn an_empty_page_keeps_both_ends_at_work() {
    let album = Album { has_empty_pages: true, ..Album::of(1_000) };
    let (ids, album) = list(album, Rng::with_seed(1), ten);
    assert_eq!(ids.len(), 1_000);
    assert!(
        album.requests.iter().all(|requests| (60..90).contains(requests)),
        "{:?}",
        album.requests
    );
}

#[test]
fn after_an_unreadable_file_no_total_ends_the_low_end() {
    let mut meeting = Meeting::<String>::new(start(), String::as_str);
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
    assert!(meeting.accept(End::High, page(ids(&["3"]), true, Some(3), None)).is_some());
    assert!(meeting.accept(End::High, page(ids(&["2"]), true, Some(3), Some(1))).is_none());

    let last = meeting.accept(End::Low, page(ids(&["1", "2", "3"]), true, Some(3), None)).unwrap();

    assert_eq!((last.contents().len(), last.next_page_cursor()), (2, Some("more")));
}

#[test]
fn without_a_total_nothing_is_proven() {
    let album = Album { has_total: false, ..Album::of(1_000) };
    let (ids, album) = list(album, Rng::with_seed(1), ten);
    assert_eq!(ids.len(), 1_000);
    let [low, high] = album.requests;
    assert!(low == 100 && high < 60, "the high end did not stop when they met: {low}, {high}");
}

#[test]
fn an_unreadable_file_leaves_the_low_end_alone_and_is_handed_out_once() {
    let ids = |numbers: std::ops::Range<u32>| numbers.map(|n| n.to_string()).collect();
    let low = [page(ids(0..10), true, Some(21), None), page(ids(10..20), false, Some(21), Some(3))];
    let high =
        [page(ids(11..20), true, Some(21), Some(3)), page(ids(0..11), false, Some(21), None)];
    let [low, high] = [low, high].map(|pages| Box::pin(stream::iter(pages.map(Ok))));

    let pages: Vec<_> = block_on(both_ends(start(), low, high, String::as_str).collect());

    let pages: Vec<_> = pages.into_iter().map(Result::unwrap).collect();
    let unreadable: usize = pages.iter().map(|page| page.broken().count()).sum();
    let files: usize = pages.iter().map(|page| page.contents().len()).sum();
    assert_eq!((unreadable, files), (1, 20));
}

#[test]
fn pages_are_counted_for_the_whole_listing() {
    let shared: Shared = Rc::new(RefCell::new((Album::of(95), Rng::with_seed(1))));
    let (low, high) = (end(&shared, End::Low, ten), end(&shared, End::High, ten));
    let pages: Vec<_> = block_on(both_ends(start(), low, high, String::as_str).collect());
    let mut items = 0;
    for (number, page) in pages.iter().enumerate() {
        let page = page.as_ref().unwrap();
        let Checkpoint { items: before, pages, .. } = page.position.start;
        assert_eq!((before, pages), (items, number as u64));
        items += page.contents().len() as u64;
    }
    assert!(pages.last().unwrap().as_ref().unwrap().next_page_cursor().is_none());
}

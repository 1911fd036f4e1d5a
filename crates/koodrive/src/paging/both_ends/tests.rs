#![allow(clippy::arithmetic_side_effects, reason = "a test that overflows should fail")]

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use fastrand::Rng;
use futures::{StreamExt as _, executor::block_on, stream};

use super::*;
use crate::albums::decode::{Decoded, from_bytes};

/// An album in the service's order: by creation time, and within one by whatever it likes.
#[derive(Default)]
struct Album {
    files: BTreeMap<(u64, u64), String>,
    /// Those that were there all the time.
    lasting: HashSet<String>,
    number: u64,
    /// Whether the order within one creation time turns with the direction.
    turns_ties: bool,
    /// Whether creation times are told.
    is_silent: bool,
    requests: usize,
}

type Shared = Rc<RefCell<(Album, Rng)>>;

impl Album {
    fn random(random: &mut Rng) -> Self {
        let mut album =
            Self { turns_ties: random.bool(), is_silent: random.u8(..8) == 0, ..Self::default() };
        for _ in 0..random.usize(..120) {
            album.add(random);
        }
        album.lasting = album.files.values().cloned().collect();
        album
    }

    /// A file of a creation time that others have, too.
    fn add(&mut self, random: &mut Rng) {
        self.number += 1;
        let times = [3, 30, 3_000][random.usize(..3)];
        self.files.insert((random.u64(..times), random.u64(..)), self.number.to_string());
    }

    fn change(&mut self, random: &mut Rng) {
        match random.u8(..4) {
            0 => self.add(random),
            1 if !self.files.is_empty() => {
                let place = random.usize(..self.files.len());
                let (at, id) = self.files.iter().nth(place).unwrap();
                self.lasting.remove(id);
                let at = *at;
                self.files.remove(&at);
            }
            _ => {}
        }
    }

    /// The files in the order of one end, each with its place in it.
    fn from(&self, end: End) -> Vec<((u64, u64), &String)> {
        let place = |(time, tie): (u64, u64)| match end {
            End::Low => (time, tie),
            End::High if self.turns_ties => (u64::MAX - time, u64::MAX - tie),
            End::High => (u64::MAX - time, tie),
        };
        let mut files: Vec<_> = self.files.iter().map(|(at, id)| (place(*at), id)).collect();
        files.sort_unstable();
        files
    }

    /// So many files behind a place.
    fn page(&self, end: End, behind: Option<(u64, u64)>, size: usize) -> Page {
        let mut rest = self.from(end);
        rest.retain(|(place, _)| behind.is_none_or(|behind| *place > behind));
        let more = rest.len() > size;
        rest.truncate(size);
        let last = rest.last().map_or(behind, |(place, _)| Some(*place)).filter(|_| more);
        let time = |place: u64| if end == End::Low { place } else { u64::MAX - place };
        let file = |((place, _), id): &((u64, u64), &String)| match self.is_silent {
            true => format!(r#"{{"id":"{id}"}}"#),
            false => format!(r#"{{"id":"{id}","createdTime":"{}"}}"#, time(*place)),
        };
        let files: Vec<String> = rest.iter().map(file).collect();
        let next = if more { r#","nextPageCursor":"more""# } else { "" };
        Page { body: format!(r#"{{"contentList":[{}]{next}}}"#, files.join(",")), last }
    }
}

struct Page {
    body: String,
    /// Where the next one goes on.
    last: Option<(u64, u64)>,
}

/// The pages of one end, each after a while, in which the album may change.
fn end(shared: &Shared, end: End) -> Pin<Box<impl Stream<Item = Result<AlbumContentPage>>>> {
    let shared = Rc::clone(shared);
    Box::pin(stream::unfold(Some(None), move |behind| {
        let shared = Rc::clone(&shared);
        async move {
            let behind = behind?;
            let polls = shared.borrow_mut().1.usize(..4);
            pass(polls).await;
            let (album, random) = &mut *shared.borrow_mut();
            album.change(random);
            album.requests += 1;
            let page = album.page(end, behind, random.usize(1..12));
            Some((Ok(decoded(&page.body)), page.last.map(Some)))
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

fn decoded(body: &str) -> AlbumContentPage {
    match from_bytes(body.as_bytes()).unwrap() {
        Decoded::Page(page) => page,
        Decoded::Refusal(complaint) => panic!("{complaint:?}"),
    }
}

#[test]
fn whatever_the_ties_and_the_changes_each_lasting_file_comes_once_and_none_twice() {
    for seed in 0..1_000 {
        let mut random = Rng::with_seed(seed);
        let album = Album::random(&mut random);
        let shared: Shared = Rc::new(RefCell::new((album, random)));
        let pages = both_ends(end(&shared, End::Low), end(&shared, End::High));

        let pages: Vec<_> = block_on(pages.collect());

        let files = pages.iter().flat_map(|page| page.as_ref().unwrap().contents());
        let listed: Vec<String> = files.map(|file| file.id().to_owned()).collect();
        let distinct: HashSet<_> = listed.iter().cloned().collect();
        assert_eq!(listed.len(), distinct.len(), "seed {seed}: a file came twice");
        let missed: Vec<_> = shared.borrow().0.lasting.difference(&distinct).cloned().collect();
        assert!(missed.is_empty(), "seed {seed}: {missed:?} are missing");
    }
}

#[test]
fn the_ends_share_the_work_where_the_times_differ() {
    let album =
        Album { files: (0..1_000).map(|n| ((n, 0), n.to_string())).collect(), ..Album::default() };
    let shared: Shared = Rc::new(RefCell::new((album, Rng::with_seed(1))));
    let page_of_ten = |from: End| {
        let shared = Rc::clone(&shared);
        Box::pin(stream::unfold(Some(None), move |behind| {
            let shared = Rc::clone(&shared);
            async move {
                pass(2).await;
                let album = &mut shared.borrow_mut().0;
                album.requests += 1;
                let page = album.page(from, behind?, 10);
                Some((Ok(decoded(&page.body)), page.last.map(Some)))
            }
        }))
    };

    let pages: Vec<_> =
        block_on(both_ends(page_of_ten(End::Low), page_of_ten(End::High)).collect());

    let files: usize = pages.iter().map(|page| page.as_ref().unwrap().contents().len()).sum();
    assert_eq!(files, 1_000);
    let requests = shared.borrow().0.requests;
    assert!(requests <= 103, "{requests} requests");
    assert!(pages.last().unwrap().as_ref().unwrap().next().is_none());
}

#[test]
fn a_service_that_takes_no_notice_of_the_direction_is_listed_whole() {
    for size in [1, 10] {
        // Newest first, whichever end asks; each page of ten has one time.
        let files: Vec<_> = (0..100).map(|n: u64| (100 - n / 10, n.to_string())).collect();
        let page = move |start: usize| {
            let file =
                |(time, id): &(u64, String)| format!(r#"{{"id":"{id}","createdTime":"{time}"}}"#);
            let end = (start + size).min(files.len());
            let entries: Vec<String> = files[start..end].iter().map(file).collect();
            let next = if end < files.len() { r#","nextPageCursor":"more""# } else { "" };
            let body = format!(r#"{{"contentList":[{}]{next}}}"#, entries.join(","));
            (decoded(&body), (end < files.len()).then_some(end))
        };
        let page = Rc::new(page);
        let end = || {
            let page = Rc::clone(&page);
            Box::pin(stream::unfold(Some(0), move |start| {
                let page = Rc::clone(&page);
                async move { start.map(|start| page(start)).map(|(page, next)| (Ok(page), next)) }
            }))
        };

        let pages: Vec<_> = block_on(both_ends(end(), end()).collect());

        let files: usize = pages.iter().map(|page| page.as_ref().unwrap().contents().len()).sum();
        assert_eq!(files, 100, "pages of {size}");
    }
}

#[test]
fn without_creation_times_the_low_end_lists_all() {
    let files = (0..50).map(|n| ((n, 0), n.to_string())).collect();
    let album = Album { files, is_silent: true, ..Album::default() };
    let shared: Shared = Rc::new(RefCell::new((album, Rng::with_seed(1))));
    let pages: Vec<_> =
        block_on(both_ends(end(&shared, End::Low), end(&shared, End::High)).collect());
    let files: usize = pages.iter().map(|page| page.as_ref().unwrap().contents().len()).sum();
    assert!(files >= 45, "{files}");
}

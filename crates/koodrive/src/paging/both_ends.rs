//! A listing from both ends at once, until they meet: half the wait, for a caller who does not need
//! the order. No HTTP here: the two ends are parameters.
//!
//! The ends have met when the low one has got strictly past where the high one is: what is below the
//! low end's last key was listed from below, and what is not is above the high end's. Files with the
//! same key come in any order, so an equal key says nothing. Each file's id is remembered, and comes
//! out once. Where a key is missing, or an end is not in order, nothing can be told from the keys, and
//! the low end goes on alone.

use std::{
    collections::{HashSet, hash_map::RandomState},
    future::poll_fn,
    hash::BuildHasher as _,
    pin::Pin,
    task::Poll,
    time::SystemTime,
};

use async_stream::stream;
use futures_core::Stream;

use crate::{
    albums::{content::AlbumContent, timestamp::Timestamp},
    error::Result,
    paging::page::AlbumContentPage,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Lists upwards.
    Low,
    /// Lists downwards.
    High,
}

/// The pages of both ends as they come, without the files that came before.
pub(crate) fn both_ends<S>(
    mut low: Pin<Box<S>>,
    high: Pin<Box<S>>,
) -> impl Stream<Item = Result<AlbumContentPage>>
where
    S: Stream<Item = Result<AlbumContentPage>>,
{
    stream! {
        let mut high = Some(high);
        let mut meeting = Meeting::default();
        loop {
            let (end, page) = next_of(&mut low, high.as_mut()).await;
            match page {
                // Whoever has come to its end has listed all.
                None => return,
                Some(Ok(page)) => {
                    let is_last = page.next().is_none();
                    let page = meeting.take(end, page);
                    if meeting.is_doubtful {
                        high = None;
                    }
                    yield Ok(if meeting.is_over() { page.ended() } else { page });
                    if is_last || meeting.is_over() {
                        return;
                    }
                }
                Some(Err(error)) => {
                    let is_final = !error.is_retryable();
                    yield Err(error);
                    if is_final {
                        return;
                    }
                }
            }
        }
    }
}

/// The next page of whichever end has one first. Both are polled, so that both get on.
async fn next_of<S: Stream>(
    low: &mut Pin<Box<S>>,
    mut high: Option<&mut Pin<Box<S>>>,
) -> (End, Option<S::Item>) {
    poll_fn(|cx| {
        // The high end first: it has fewer polls if the low one is always ready.
        if let Some(Poll::Ready(page)) = high.as_mut().map(|high| high.as_mut().poll_next(cx)) {
            return Poll::Ready((End::High, page));
        }
        low.as_mut().poll_next(cx).map(|page| (End::Low, page))
    })
    .await
}

/// How far the ends have come.
#[derive(Default)]
struct Meeting {
    low: Option<SystemTime>,
    high: Option<SystemTime>,
    /// Where each end began. What is beyond says that the ends are none: a service that takes no
    /// notice of the direction lists the same twice, and each of the two in order.
    low_start: Option<SystemTime>,
    high_start: Option<SystemTime>,
    is_doubtful: bool,
    /// Eight bytes of keyed hash for each file. The chance of taking a new one for an old one is one
    /// in 37 million for a million files.
    seen: HashSet<u64>,
    key: RandomState,
}

impl Meeting {
    fn take(&mut self, end: End, page: AlbumContentPage) -> AlbumContentPage {
        let keys: Option<Vec<SystemTime>> = page.contents().iter().map(created).collect();
        self.is_doubtful |= !keys.is_some_and(|keys| self.goes_on(end, &keys));
        page.retain(|file| self.seen.insert(self.key.hash_one(file.id())))
    }

    /// Moves an end on, if its files are in order and between the two starts.
    fn goes_on(&mut self, end: End, keys: &[SystemTime]) -> bool {
        let (at, start) = match end {
            End::Low => (&mut self.low, &mut self.low_start),
            End::High => (&mut self.high, &mut self.high_start),
        };
        *start = start.or(keys.first().copied());
        let is_in_order = keys.iter().all(|key| {
            let is_next = at.is_none_or(|at| if end == End::Low { at <= *key } else { *key <= at });
            *at = Some(*key);
            is_next
        });
        is_in_order && self.is_between()
    }

    fn is_between(&self) -> bool {
        let is_below = |below: Option<SystemTime>, above: Option<SystemTime>| {
            below.zip(above).is_none_or(|(below, above)| below <= above)
        };
        is_below(self.low_start, self.high) && is_below(self.low, self.high_start)
    }

    fn is_over(&self) -> bool {
        let have_passed = self.low.zip(self.high).is_some_and(|(low, high)| high < low);
        have_passed && !self.is_doubtful
    }
}

fn created(file: &AlbumContent) -> Option<SystemTime> {
    file.created_time().and_then(Timestamp::to_system_time)
}

#[cfg(test)]
mod tests;

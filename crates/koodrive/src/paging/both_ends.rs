//! A listing from both ends at once, until they meet: half the wait, for a caller who does not need the
//! order. No HTTP here: the two ends are parameters.
//!
//! Each item's id is remembered, and each item comes out once. The listing ends early only on proof: one end
//! has come to an item of the other, all items could be read, and the number of distinct items is the total
//! that both ends were told. Times prove nothing: the service may sort items without a time last in both
//! directions. Once proof is impossible, the low end alone lists on to its end.

use std::{future::poll_fn, pin::Pin, task::Poll};

use async_stream::stream;
use futures_core::Stream;

use super::{page::Page, seen::Seen};
use crate::{
    checkpoint::Checkpoint,
    error::{Error, Result},
};

/// The pages of both ends as they arrive, without the items that came before. `start` is where the whole
/// listing stands.
pub(crate) fn both_ends<T, S>(
    start: Checkpoint,
    mut low: S,
    high: S,
    id: fn(&T) -> &str,
) -> impl Stream<Item = Result<Page<T>>>
where
    S: Stream<Item = Result<Page<T>>> + Unpin,
{
    stream! {
        let mut high = Some(high);
        let mut meeting = Meeting::new(start, id);
        while let (end, Some(page)) = next_of(&mut low, high.as_mut()).await {
            let page = match page {
                Ok(page) => meeting.accept(end, page).map(Ok),
                Err(error) => Some(Err(meeting.place(error))),
            };
            if meeting.is_alone {
                high = None;
            }
            let Some(page) = page else { continue };
            let is_end = match &page {
                // An end that reaches its last page has listed everything.
                Ok(page) => page.position.next.is_none(),
                Err(error) => !error.is_retryable(),
            };
            yield page;
            if is_end {
                return;
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Lists upwards.
    Low,
    /// Lists downwards.
    High,
}

/// The next page of the end that has one first. Both are polled, so that both make progress.
async fn next_of<S: Stream + Unpin>(
    low: &mut S,
    mut high: Option<&mut S>,
) -> (End, Option<S::Item>) {
    poll_fn(|cx| {
        // The high end first: otherwise a low end that is always ready would leave it without a poll.
        if let Some(Poll::Ready(page)) = high.as_mut().map(|high| Pin::new(high).poll_next(cx)) {
            return Poll::Ready((End::High, page));
        }
        Pin::new(&mut *low).poll_next(cx).map(|page| (End::Low, page))
    })
    .await
}

/// What both ends have listed.
struct Meeting<T> {
    /// Where the whole listing stands.
    here: Checkpoint,
    id: fn(&T) -> &str,
    low: Listed,
    high: Listed,
    has_met: bool,
    /// Nothing can be proven any more, so the high end is of no further use.
    is_alone: bool,
}

/// What one end has listed that the other had not.
#[derive(Default)]
struct Listed {
    ids: Seen,
    total: Option<u64>,
}

impl<T> Meeting<T> {
    fn new(here: Checkpoint, id: fn(&T) -> &str) -> Self {
        let (low, high) = (Listed::default(), Listed::default());
        Self { here, id, low, high, has_met: false, is_alone: false }
    }

    /// A page without what was listed before, in its place in the whole listing. It is the last one if it
    /// completes the proof.
    fn accept(&mut self, end: End, mut page: Page<T>) -> Option<Page<T>> {
        let is_readable = page.broken().next().is_none();
        if end == End::High && !is_readable {
            // The low end lists it again, with its unreadable items.
            self.is_alone = true;
            return None;
        }
        let (before, is_reversed) = (page.contents().len(), self.retain_new(end, &mut page));
        let is_all_known = before > 0 && page.contents().is_empty();
        self.is_alone |= !is_readable || !is_reversed || (is_all_known && !self.is_proven());
        if !self.is_alone && self.is_proven() {
            page.position.next = None;
        }
        page.position.start = self.here.clone();
        self.here.items = page.end().start.items;
        self.here.pages = self.here.pages.saturating_add(1);
        Some(page)
    }

    /// Adds to `error` where the whole listing stands.
    fn place(&self, error: Error) -> Error {
        error.with(|facts| facts.checkpoint = Some(self.here.clone()))
    }

    /// Returns false if a new item follows a known one: then the two ends do not list in reverse orders.
    fn retain_new(&mut self, end: End, page: &mut Page<T>) -> bool {
        let Self { low, high, has_met, id, .. } = self;
        let (own, other) = match end {
            End::Low => (low, high),
            End::High => (high, low),
        };
        own.total = page.total();
        let mut is_reversed = true;
        page.retain(|item| {
            let is_known = other.ids.contains(id(item));
            *has_met |= is_known;
            is_reversed &= is_known == *has_met;
            !is_known && own.ids.insert(id(item))
        });
        is_reversed
    }

    fn is_proven(&self) -> bool {
        let distinct = self.low.ids.len().saturating_add(self.high.ids.len());
        let is_all = |total: Option<u64>| total.and_then(|it| it.try_into().ok()) == Some(distinct);
        self.has_met && is_all(self.low.total) && is_all(self.high.total)
    }
}

#[cfg(test)]
mod tests;

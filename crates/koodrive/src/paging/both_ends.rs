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
use crate::{checkpoint::Checkpoint, error::Result};

/// The pages of both ends as they arrive, without the items that came before. `start` is where the whole
/// listing stands.
pub(crate) fn both_ends<T, S>(
    mut start: Checkpoint,
    mut low: Pin<Box<S>>,
    high: Pin<Box<S>>,
    id: fn(&T) -> &str,
) -> impl Stream<Item = Result<Page<T>>>
where
    S: Stream<Item = Result<Page<T>>>,
{
    stream! {
        let mut high = Some(high);
        let mut meeting = Meeting::default();
        while let (end, Some(page)) = next_of(&mut low, high.as_mut()).await {
            match page {
                Ok(mut page) => {
                    let verdict = meeting.take(end, &mut page, id);
                    if verdict == Verdict::Alone {
                        high = None;
                        // Drop this page: the low end lists it again, with its unreadable items.
                        if end == End::High && page.broken().next().is_some() {
                            continue;
                        }
                    }
                    // An end that reaches its last page has listed everything.
                    let is_last = page.position.next.is_none() || verdict == Verdict::Over;
                    if is_last {
                        page.position.next = None;
                    }
                    reposition(&mut page, &mut start);
                    yield Ok(page);
                    if is_last {
                        return;
                    }
                }
                Err(error) => {
                    let is_final = !error.is_retryable();
                    yield Err(error.with_checkpoint(start.clone()));
                    if is_final {
                        return;
                    }
                }
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
async fn next_of<S: Stream>(
    low: &mut Pin<Box<S>>,
    mut high: Option<&mut Pin<Box<S>>>,
) -> (End, Option<S::Item>) {
    poll_fn(|cx| {
        // The high end first: otherwise a low end that is always ready would leave it without a poll.
        if let Some(Poll::Ready(page)) = high.as_mut().map(|high| high.as_mut().poll_next(cx)) {
            return Poll::Ready((End::High, page));
        }
        low.as_mut().poll_next(cx).map(|page| (End::Low, page))
    })
    .await
}

/// Repositions a page from its own end to the whole listing.
fn reposition<T>(page: &mut Page<T>, start: &mut Checkpoint) {
    let items = u64::try_from(page.contents().len()).unwrap_or(u64::MAX);
    page.position.start = start.clone();
    start.items = start.items.saturating_add(items);
    start.pages = start.pages.saturating_add(1);
}

/// What a page means for the listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Both ends list on.
    Together,
    /// The high end is of no further use.
    Alone,
    /// Everything is listed.
    Over,
}

/// What both ends have listed.
#[derive(Default)]
struct Meeting {
    low: Listed,
    high: Listed,
    has_met: bool,
    /// Nothing can be proven any more.
    is_alone: bool,
}

/// What one end has listed that the other had not.
#[derive(Default)]
struct Listed {
    ids: Seen,
    total: Option<u64>,
}

impl Meeting {
    /// Takes out of `page` what was listed before.
    fn take<T>(&mut self, end: End, page: &mut Page<T>, id: fn(&T) -> &str) -> Verdict {
        let is_readable = page.broken().next().is_none();
        if end == End::High && !is_readable {
            self.is_alone = true;
            return Verdict::Alone;
        }
        let (before, is_reversed) = (page.contents().len(), self.retain_new(end, page, id));
        let is_all_known = before > 0 && page.contents().is_empty();
        self.is_alone |= !is_readable || !is_reversed || (is_all_known && !self.is_proven());
        match (self.is_alone, self.is_proven()) {
            (true, _) => Verdict::Alone,
            (false, true) => Verdict::Over,
            (false, false) => Verdict::Together,
        }
    }

    /// Returns false if a new item follows a known one: then the two ends do not list in reverse orders.
    fn retain_new<T>(&mut self, end: End, page: &mut Page<T>, id: fn(&T) -> &str) -> bool {
        let Self { low, high, has_met, .. } = self;
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

//! One page of a listing.

use std::{collections::VecDeque, mem::take};

use super::{
    page_items::{Gap, Gaps, PageItems},
    position::Position,
};
use crate::{
    cursor::Cursor,
    error::{Error, Result},
};

/// What one call of a listing operation returns.
#[derive(Debug)]
pub(crate) struct Batch<T> {
    pub(crate) items: Vec<T>,
    /// Entries that could not be read, by their index among all.
    pub(crate) unreadable: VecDeque<(usize, Error)>,
    pub(crate) next: Option<Cursor>,
    /// How many items there are, by the service's own count.
    pub(crate) total: Option<u64>,
}

/// One page of a listing, as [`send`](crate::ListAlbumContent::send) and
/// [`pages`](crate::ListAlbumContent::pages) return it.
///
/// It may hold fewer items than requested, even none, and still not be the last:
/// [`next_page_cursor`](Self::next_page_cursor) alone decides that.
#[derive(Debug)]
pub struct Page<T> {
    items: Vec<T>,
    gaps: Gaps,
    pub(super) position: Position,
    total: Option<u64>,
}

impl<T> Page<T> {
    /// Puts a batch in its place, without the entries before `position`'s start.
    pub(super) fn new(batch: Batch<T>, position: Position) -> Self {
        let Batch { mut items, unreadable, total, .. } = batch;
        let gap = |(index, error)| (index, Gap::Unreadable(error));
        let mut gaps: Gaps = unreadable.into_iter().map(gap).collect();
        let taken = position.start.taken;
        let gone = gaps.iter().take_while(|(index, _)| *index < taken).count();
        gaps.drain(..gone);
        items.drain(..taken.saturating_sub(gone).min(items.len()));
        Self { items, gaps, position, total }
    }

    /// The items (`contentList`) without those that could not be read; see [`broken`](Self::broken).
    pub fn contents(&self) -> &[T] {
        &self.items
    }

    /// The items, by value.
    pub fn into_contents(self) -> Vec<T> {
        self.items
    }

    /// A [skippable](Error::is_skippable) error for each item that could not be read.
    pub fn broken(&self) -> impl Iterator<Item = &Error> {
        self.gaps.iter().filter_map(|(_, gap)| match gap {
            Gap::Unreadable(error) => Some(error),
            Gap::Unwanted => None,
        })
    }

    /// The cursor of the next page (`nextPageCursor`), for
    /// [`page_cursor`](crate::ListAlbumContent::page_cursor). `None` on the last page, and on the page at
    /// which [`max_items`](crate::ListAlbumContent::max_items) or
    /// [`edited_since`](crate::ListAlbumContent::edited_since) ends the listing.
    pub fn next_page_cursor(&self) -> Option<&str> {
        self.position.next().map(Cursor::as_str)
    }

    /// How many items there are, by the service's own count. For display only: it may differ from what is
    /// listed.
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// Leaves out the items that `is_wanted` refuses.
    pub(super) fn retain(&mut self, mut is_wanted: impl FnMut(&T) -> bool) {
        let first = self.position.start.taken;
        let mut entries = PageItems::new(take(&mut self.items), take(&mut self.gaps), first);
        loop {
            let index = entries.index();
            match entries.next_entry() {
                Some(Ok(item)) if is_wanted(&item) => self.items.push(item),
                Some(Ok(_)) => self.gaps.push_back((index, Gap::Unwanted)),
                Some(Err(gap)) => self.gaps.push_back((index, gap)),
                None => return,
            }
        }
    }

    /// Keeps so many items, and the gaps between them. The listing ends with this page.
    pub(super) fn truncate(&mut self, items: usize) {
        let first = self.position.start.taken;
        let before = |(n, (index, _)): (usize, &(usize, Gap))| {
            index.saturating_sub(first).saturating_sub(n) < items
        };
        let kept = self.gaps.iter().enumerate().take_while(|entry| before(*entry)).count();
        self.gaps.truncate(kept);
        self.items.truncate(items);
    }
}

/// The items in the order of the page, with an error in the place of each that could not be read.
impl<T> IntoIterator for Page<T> {
    type Item = Result<T>;
    type IntoIter = PageItems<T>;

    fn into_iter(self) -> PageItems<T> {
        PageItems::new(self.items, self.gaps, self.position.start.taken)
    }
}

//! One page of a listing.

use std::{collections::VecDeque, mem::take};

use super::page_items::{Gaps, PageItems, Position};
use crate::{
    checkpoint::Checkpoint,
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
    /// Puts a batch in its place, without the entries before its start.
    pub(super) fn new(batch: Batch<T>, start: Checkpoint) -> Self {
        let Batch { mut items, unreadable, next, total } = batch;
        let mut gaps: Gaps =
            unreadable.into_iter().map(|(index, error)| (index, Some(error))).collect();
        let len = items.len().saturating_add(gaps.len());
        let start = Checkpoint { taken: start.taken.min(len), ..start };
        let gone = gaps.iter().take_while(|(index, _)| *index < start.taken).count();
        gaps.drain(..gone);
        items.drain(..start.taken.saturating_sub(gone));
        Self { items, gaps, position: Position { start, next }, total }
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
        self.gaps.iter().filter_map(|(_, error)| error.as_ref())
    }

    /// The cursor of the next page (`nextPageCursor`), for
    /// [`page_cursor`](crate::ListAlbumContent::page_cursor). `None` on the last page, and on the page at
    /// which [`max_items`](crate::ListAlbumContent::max_items) or
    /// [`edited_since`](crate::ListAlbumContent::edited_since) ends the listing.
    pub fn next_page_cursor(&self) -> Option<&str> {
        self.position.next.as_ref().map(Cursor::as_str)
    }

    /// How many items there are, by the service's own count. For display only: it may differ from what is
    /// listed.
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// Where a listing stands after this page, if the next page can be reached.
    pub(super) fn after(&self) -> Checkpoint {
        let Position { start: mut end, next } = self.position.clone();
        end.taken = end.taken.saturating_add(self.items.len()).saturating_add(self.gaps.len());
        let items = u64::try_from(self.items.len()).unwrap_or(u64::MAX);
        end.items = end.items.saturating_add(items);
        Position { start: end, next }.checkpoint(true)
    }

    /// Leaves out the items that `is_wanted` refuses.
    pub(super) fn retain(&mut self, mut is_wanted: impl FnMut(&T) -> bool) {
        let (items, gaps) = (take(&mut self.items), take(&mut self.gaps));
        let mut entries = PageItems::new(items, gaps, self.position.clone());
        loop {
            let index = entries.position.start.taken;
            match entries.next_entry() {
                Some(Ok(item)) if is_wanted(&item) => self.items.push(item),
                Some(Ok(_)) => self.gaps.push_back((index, None)),
                Some(Err(gap)) => self.gaps.push_back((index, gap)),
                None => return,
            }
        }
    }

    /// Keeps this many items, and the gaps between them.
    pub(super) fn truncate(&mut self, items: usize) {
        let first = self.position.start.taken;
        let gaps = self.gaps.iter().enumerate();
        let before = |n: usize, index: usize| index.saturating_sub(first).saturating_sub(n);
        let kept = gaps.take_while(|(n, (index, _))| before(*n, *index) < items).count();
        self.gaps.truncate(kept);
        self.items.truncate(items);
    }
}

/// The items in the order of the page, with an error in the place of each that could not be read.
impl<T> IntoIterator for Page<T> {
    type Item = Result<T>;
    type IntoIter = PageItems<T>;

    fn into_iter(self) -> PageItems<T> {
        PageItems::new(self.items, self.gaps, self.position)
    }
}

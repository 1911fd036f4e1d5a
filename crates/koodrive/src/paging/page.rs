//! One page of a listing, its entries in their order, and where they stand in the listing.

use std::{collections::VecDeque, iter::FusedIterator, mem::take, vec};

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

    /// Where this page ends.
    pub(super) fn end(&self) -> Position {
        let Position { mut start, next } = self.position.clone();
        start.taken = start.taken.saturating_add(self.items.len()).saturating_add(self.gaps.len());
        let items = u64::try_from(self.items.len()).unwrap_or(u64::MAX);
        start.items = start.items.saturating_add(items);
        Position { start, next }
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

/// Where a listing stands in a page.
#[derive(Clone, Debug)]
pub(super) struct Position {
    /// Where the rest of the page begins.
    pub(super) start: Checkpoint,
    /// Where the next page begins; `None` on the last one.
    pub(super) next: Option<Cursor>,
}

impl Position {
    /// Where a new listing continues. That is on this page until it is used up, and on the last page for
    /// good: no cursor would mean the first page.
    pub(super) fn checkpoint(&self, is_used_up: bool) -> Checkpoint {
        let start = self.start.clone();
        match &self.next {
            Some(next) if is_used_up => {
                let pages = start.pages.saturating_add(1);
                Checkpoint { cursor: Some(next.clone()), taken: 0, pages, ..start }
            }
            _ => start,
        }
    }
}

/// The entries that are not in the list of a page, each with its index among all, in ascending order: an
/// error if it could not be read, and nothing if the listing leaves it out.
pub(super) type Gaps = VecDeque<(usize, Option<Error>)>;

/// What is left of a page: its items, with an error in the place of each that could not be read.
#[derive(Debug)]
pub struct PageItems<T> {
    items: vec::IntoIter<T>,
    gaps: Gaps,
    /// How many of the gaps are errors.
    unreadable: usize,
    pub(super) position: Position,
}

impl<T> PageItems<T> {
    pub(super) fn new(items: Vec<T>, gaps: Gaps, position: Position) -> Self {
        let unreadable = gaps.iter().filter(|(_, error)| error.is_some()).count();
        Self { items: items.into_iter(), gaps, unreadable, position }
    }

    /// Of a page that is not there yet.
    pub(super) fn none(start: Checkpoint) -> Self {
        Self::new(Vec::new(), Gaps::new(), Position { start, next: None })
    }

    /// Where a new listing continues with the rest.
    pub(super) fn checkpoint(&self) -> Checkpoint {
        self.position.checkpoint(self.len() == 0)
    }

    /// The next entry, left out or not.
    pub(super) fn next_entry(&mut self) -> Option<Result<T, Option<Error>>> {
        let start = &mut self.position.start;
        let is_gap = self.gaps.front().is_some_and(|(index, _)| *index == start.taken);
        let gap = if is_gap { self.gaps.pop_front() } else { None };
        let entry = match gap {
            Some((_, gap)) => {
                self.unreadable = self.unreadable.saturating_sub(usize::from(gap.is_some()));
                Err(gap)
            }
            None => Ok(self.items.next()?),
        };
        start.items = start.items.saturating_add(u64::from(entry.is_ok()));
        start.taken = start.taken.saturating_add(1);
        Some(entry)
    }
}

impl<T> Iterator for PageItems<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.next_entry()? {
                Ok(item) => return Some(Ok(item)),
                Err(Some(error)) => return Some(Err(error)),
                Err(None) => {}
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.items.len().saturating_add(self.unreadable);
        (left, Some(left))
    }
}

impl<T> ExactSizeIterator for PageItems<T> {}
impl<T> FusedIterator for PageItems<T> {}

#[cfg(test)]
mod tests;

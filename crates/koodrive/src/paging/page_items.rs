//! The entries of a page in their order, and where they stand in their listing.

use std::{collections::VecDeque, iter::FusedIterator, vec};

use crate::{
    checkpoint::Checkpoint,
    cursor::Cursor,
    error::{Error, Result},
};

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

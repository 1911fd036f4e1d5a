//! The entries of a page in their order.

use std::{collections::VecDeque, iter::FusedIterator, vec};

use crate::error::{Error, Result};

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
    /// The index of the next entry.
    index: usize,
}

impl<T> PageItems<T> {
    pub(super) fn new(items: Vec<T>, gaps: Gaps, index: usize) -> Self {
        let unreadable = gaps.iter().filter(|(_, error)| error.is_some()).count();
        Self { items: items.into_iter(), gaps, unreadable, index }
    }

    pub(super) fn index(&self) -> usize {
        self.index
    }

    /// The next entry, left out or not.
    pub(super) fn next_entry(&mut self) -> Option<Result<T, Option<Error>>> {
        let is_gap = self.gaps.front().is_some_and(|(index, _)| *index == self.index);
        let gap = if is_gap { self.gaps.pop_front() } else { None };
        let entry = match gap {
            Some((_, gap)) => {
                self.unreadable = self.unreadable.saturating_sub(usize::from(gap.is_some()));
                Err(gap)
            }
            None => Ok(self.items.next()?),
        };
        self.index = self.index.saturating_add(1);
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

//! The entries of a page in their order.

use std::{collections::VecDeque, iter::FusedIterator, vec};

use crate::error::{Error, Result};

/// An entry that has no item in the list of a page.
#[derive(Debug)]
pub(super) enum Gap {
    Unreadable(Error),
    /// Left out, because the listing does not want it.
    Unwanted,
}

/// The gaps of a page, each with its index among all entries, in ascending order.
pub(super) type Gaps = VecDeque<(usize, Gap)>;

/// What is left of a page: its items, with an error in the place of each that could not be read.
#[derive(Debug)]
pub struct PageItems<T> {
    items: vec::IntoIter<T>,
    gaps: Gaps,
    /// The index of the next entry.
    index: usize,
}

impl<T> PageItems<T> {
    pub(super) fn new(items: Vec<T>, gaps: Gaps, index: usize) -> Self {
        Self { items: items.into_iter(), gaps, index }
    }

    pub(super) fn index(&self) -> usize {
        self.index
    }

    /// The next entry, wanted or not.
    pub(super) fn next_entry(&mut self) -> Option<std::result::Result<T, Gap>> {
        let is_gap = self.gaps.front().is_some_and(|(index, _)| *index == self.index);
        let gap = if is_gap { self.gaps.pop_front() } else { None };
        let entry = match gap {
            Some((_, gap)) => Err(gap),
            None => Ok(self.items.next()?),
        };
        self.index = self.index.saturating_add(1);
        Some(entry)
    }

    fn unreadable(&self) -> usize {
        self.gaps.iter().filter(|(_, gap)| matches!(gap, Gap::Unreadable(_))).count()
    }
}

impl<T> Iterator for PageItems<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.next_entry()? {
                Ok(item) => return Some(Ok(item)),
                Err(Gap::Unreadable(error)) => return Some(Err(error)),
                Err(Gap::Unwanted) => {}
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.items.len().saturating_add(self.unreadable());
        (left, Some(left))
    }
}

impl<T> ExactSizeIterator for PageItems<T> {}
impl<T> FusedIterator for PageItems<T> {}

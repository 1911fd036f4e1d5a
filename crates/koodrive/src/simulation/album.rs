//! What there is to list, and what of it a listing has to hand out.

use std::time::SystemTime;

use fastrand::Rng;

use super::{
    entries::{Entry, Sorting, instant},
    pages::{Pages, divide},
};
use crate::albums::order::{SortDirection, SortType};

#[derive(Debug)]
pub(super) struct Album {
    pub(super) id: String,
    pub(super) page_size: u32,
    pub(super) wanted: Wanted,
    /// In each order that its listing asks for.
    orders: Vec<Pages>,
    is_total_too_low: bool,
}

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Sorted(Option<SortType>, Option<SortDirection>),
    /// What was edited at this time or later.
    EditedSince(u64),
    Unordered,
}

/// Where an entry stands.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) page: u64,
    pub(super) index: usize,
    pub(super) entry: Entry,
}

/// A page of an order, by their indexes.
#[derive(Clone, Copy, Debug)]
pub(super) struct PageIndex {
    order: usize,
    page: usize,
}

/// The properties of an album, except the lengths of its pages.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) page_size: u32,
    /// The indexes of broken entries.
    pub(super) broken: Vec<usize>,
    pub(super) has_total: bool,
}

impl Wanted {
    pub(super) fn since(self) -> Option<SystemTime> {
        match self {
            Self::EditedSince(time) => Some(instant(time)),
            _ => None,
        }
    }

    /// Anything but an unordered listing.
    fn random_ordered(rng: &mut Rng, times: u64) -> Self {
        if rng.u8(..4) == 0 {
            return Self::EditedSince(rng.u64(..=times));
        }
        let sort_types = [None, Some(SortType::ShootingTime), Some(SortType::UpdateTime)];
        let directions = [None, Some(SortDirection::Ascending), Some(SortDirection::Descending)];
        Self::Sorted(sort_types[rng.usize(..3)], directions[rng.usize(..3)])
    }

    /// The orders that its requests ask for.
    fn orders(self) -> Vec<(Option<SortType>, Option<SortDirection>)> {
        let order = |by, direction| (Some(by), Some(direction));
        match self {
            Self::Sorted(by, direction) => vec![(by, direction)],
            Self::EditedSince(_) => vec![order(SortType::UpdateTime, SortDirection::Descending)],
            Self::Unordered => vec![
                order(SortType::CreationTime, SortDirection::Ascending),
                order(SortType::CreationTime, SortDirection::Descending),
            ],
        }
    }
}

impl Album {
    /// For an ordered listing.
    pub(super) fn random(rng: &mut Rng, pages: usize) -> Self {
        let times = rng.u64(1..100);
        let wanted = Wanted::random_ordered(rng, times);
        Self::random_for(rng, wanted, times, pages)
    }

    pub(super) fn unordered(rng: &mut Rng, pages: usize) -> Self {
        let times = rng.u64(1..100);
        Self::random_for(rng, Wanted::Unordered, times, pages)
    }

    /// With so many different times, sorted by the service in its own way.
    fn random_for(rng: &mut Rng, wanted: Wanted, times: u64, pages: usize) -> Self {
        let page_size = if rng.u8(..10) == 0 { rng.u32(1..=100) } else { rng.u32(1..=8) };
        let has_broken = rng.u8(..10) == 0;
        // Fractions of ten.
        let untimed = [0, 0, 1, 5, 10][rng.usize(..5)];
        let entry = |index| match has_broken && rng.u8(..10) == 0 {
            true => Entry::broken(index),
            false => {
                let time = (rng.u8(..10) >= untimed).then(|| rng.u64(..times));
                Entry::file(rng, index, time)
            }
        };
        let entries: Vec<Entry> = (0..pages * page_size as usize).map(entry).collect();
        let (sorting, is_total_too_low) = (Sorting::random(rng), rng.u8(..10) == 0);
        let order = |(sort_type, direction): (_, Option<SortDirection>)| {
            let way = direction.unwrap_or(SortDirection::Descending);
            let sorted = sorting.sort(rng, &entries, way);
            let total = match rng.u8(..4) {
                _ if is_total_too_low => Some(rng.usize(..=entries.len())),
                0 => None,
                1 => Some(entries.len() + rng.usize(1..100)),
                _ => Some(entries.len()),
            };
            let pages = divide(rng, sorted, page_size as usize);
            Pages::new(rng, pages, total).sorted_by(sort_type, direction)
        };
        let orders = wanted.orders().into_iter().map(order).collect();
        Self { id: id(rng), page_size, wanted, orders, is_total_too_low }
    }

    /// For an ordered listing without a given order.
    pub(super) fn new(rng: &mut Rng, lengths: &[usize], shape: &Shape) -> Self {
        let mut indexes = 0..;
        let mut entry = |_| {
            let index = indexes.next().unwrap();
            match shape.broken.contains(&index) {
                true => Entry::broken(index),
                false => Entry::file(rng, index, None),
            }
        };
        let pages = lengths.iter().map(|length| (0..*length).map(&mut entry).collect()).collect();
        let total = shape.has_total.then(|| lengths.iter().sum());
        Self {
            orders: vec![Pages::new(rng, pages, total)],
            id: id(rng),
            page_size: shape.page_size,
            wanted: Wanted::Sorted(None, None),
            is_total_too_low: false,
        }
    }

    /// The number of pages in its longest order.
    pub(super) fn pages(&self) -> usize {
        self.orders.iter().map(Pages::len).max().unwrap_or_default()
    }

    /// What an ordered listing hands out, in order.
    pub(super) fn expected(&self) -> Vec<Place> {
        let mut expected = Vec::new();
        for (entries, page) in self.orders[0].iter().zip(0..) {
            let is_wanted = |entry: &Entry| match (self.wanted, entry.time()) {
                (Wanted::EditedSince(since), Some(time)) => time >= since,
                _ => true,
            };
            let wanted = entries.iter().enumerate().filter(|(_, entry)| is_wanted(entry));
            let place = |(index, entry): (_, &Entry)| Place { page, index, entry: entry.clone() };
            expected.extend(wanted.map(place));
            let mut dated = entries.iter().filter(|entry| entry.time().is_some()).peekable();
            if dated.peek().is_some() && !dated.any(is_wanted) {
                break;
            }
        }
        expected
    }

    /// Whether an unordered listing may end early without all files.
    pub(super) fn is_total_too_low(&self) -> bool {
        self.is_total_too_low
    }

    /// The page that a cursor leads to in an order given by the vendor's numbers.
    pub(super) fn page_at(
        &self,
        sort_type: Option<&str>,
        direction: Option<&str>,
        cursor: Option<&str>,
    ) -> Option<PageIndex> {
        let is_it = |order: &Pages| {
            number(order.sort_type.map(|it| it as u8)).as_deref() == sort_type
                && number(order.direction.map(|it| it as u8)).as_deref() == direction
        };
        let order = self.orders.iter().position(is_it)?;
        Some(PageIndex { order, page: self.orders[order].at(cursor)? })
    }

    pub(super) fn body(&self, PageIndex { order, page }: PageIndex) -> String {
        self.orders[order].body(page)
    }

    /// A page whose list was lost, if a listing from the first page on can know that.
    pub(super) fn damaged_body(
        &self,
        PageIndex { order, page }: PageIndex,
        has_next: bool,
    ) -> Option<String> {
        self.orders[order].damaged_body(page, has_next)
    }
}

/// The vendor counts from 1.
fn number(index: Option<u8>) -> Option<String> {
    index.map(|index| (index + 1).to_string())
}

fn id(rng: &mut Rng) -> String {
    rng.u64(1..).to_string()
}

//! How much of a listing is wanted.

use super::page::Page;

/// What a bound says about an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Age {
    Recent,
    Old,
    Unknown,
}

/// Ends a listing before the service does.
pub(crate) struct Bounds<T> {
    /// How many items are still wanted.
    left: u64,
    /// In a listing of the newest first: how old an item is.
    age: Option<AgeOf<T>>,
}

type AgeOf<T> = Box<dyn Fn(&T) -> Age + Send>;

impl<T> Bounds<T> {
    pub(crate) fn new(max_items: Option<u64>) -> Self {
        Self { left: max_items.unwrap_or(u64::MAX), age: None }
    }

    pub(crate) fn by_age(mut self, age: impl Fn(&T) -> Age + Send + 'static) -> Self {
        self.age = Some(Box::new(age));
        self
    }

    /// Whether nothing is wanted at all.
    pub(super) fn is_used_up(&self) -> bool {
        self.left == 0
    }

    /// Whether the listing ends with a page of these items, those before a resume included.
    pub(super) fn end_with(&self, items: &[T]) -> bool {
        self.age.as_ref().is_some_and(|age| is_past_the_recent(items.iter().map(age)))
    }

    /// Takes out of `page`, the next of the listing, what is not wanted.
    pub(super) fn apply(&mut self, page: &mut Page<T>) {
        if let Some(age) = &self.age {
            page.retain(|item| age(item) != Age::Old);
        }
        let items = page.contents().len();
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(items);
        if wanted < items {
            page.truncate(wanted);
        }
        self.left = self.left.saturating_sub(u64::try_from(wanted).unwrap_or(u64::MAX));
        if self.is_used_up() {
            page.position.end();
        }
    }
}

/// Whether all items whose age is known are old, and there is at least one.
fn is_past_the_recent(ages: impl Iterator<Item = Age>) -> bool {
    let mut known = ages.filter(|age| *age != Age::Unknown).peekable();
    known.peek().is_some() && known.all(|age| age == Age::Old)
}

/// The page size for so many items: as few requests as with pages of `most`, and as few items in excess as
/// possible. All pages have one size, because it is not known whether a cursor is valid for another.
pub(crate) fn page_size(most: u32, max_items: Option<u64>) -> u32 {
    let size = max_items.filter(|items| *items > 0).and_then(|items| {
        let pages = items.div_ceil(u64::from(most.max(1)));
        u32::try_from(items.div_ceil(pages.max(1))).ok()
    });
    size.unwrap_or(most).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_as_small_as_the_number_of_requests_allows() {
        for (items, size) in [
            (None, 100),
            (Some(0), 100),
            (Some(1), 1),
            (Some(10), 10),
            (Some(100), 100),
            (Some(101), 51),
            (Some(150), 75),
            (Some(250), 84),
            (Some(1_000), 100),
            (Some(u64::MAX), 100),
        ] {
            assert_eq!(page_size(100, items), size, "{items:?}");
        }
        assert_eq!(page_size(0, Some(5)), 0);
    }

    #[test]
    fn a_page_ends_the_listing_if_all_its_dated_items_are_old() {
        use Age::{Old, Recent, Unknown};
        for (ages, is_past) in [
            (&[] as &[Age], false),
            (&[Unknown], false),
            (&[Old], true),
            (&[Unknown, Old, Unknown], true),
            (&[Old, Recent], false),
            (&[Recent], false),
        ] {
            assert_eq!(is_past_the_recent(ages.iter().copied()), is_past, "{ages:?}");
        }
    }
}

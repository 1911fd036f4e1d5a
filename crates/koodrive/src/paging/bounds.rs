//! How much of a listing is wanted.

use super::{page::Page, seen::Seen};

/// Ends a listing before the service does.
pub(crate) struct Bounds<T> {
    /// How many items are still wanted.
    left: u64,
    /// In a listing of the newest first: whether an item is too old, if that is known.
    is_old: Option<IsOld<T>>,
    /// The ids of the items so far, if each item is wanted once.
    distinct: Option<(Id<T>, Seen)>,
}

type IsOld<T> = Box<dyn Fn(&T) -> Option<bool> + Send>;
type Id<T> = fn(&T) -> &str;

impl<T> Bounds<T> {
    pub(crate) fn new(max_items: Option<u64>, is_old: Option<IsOld<T>>) -> Self {
        Self { left: max_items.unwrap_or(u64::MAX), is_old, distinct: None }
    }

    /// Hands out only the first of several items with the same id.
    pub(crate) fn distinct(self, id: Id<T>) -> Self {
        Self { distinct: Some((id, Seen::default())), ..self }
    }

    /// Whether nothing is wanted at all.
    pub(super) fn is_used_up(&self) -> bool {
        self.left == 0
    }

    /// Whether the listing ends with a page of these items, those before a resume included.
    pub(super) fn end_with(&self, items: &[T]) -> bool {
        let is_past = |is_old: &IsOld<T>| is_past_the_recent(items.iter().map(is_old));
        self.is_old.as_ref().is_some_and(is_past)
    }

    /// Takes out of `page`, the next of the listing, what is not wanted.
    pub(super) fn apply(&mut self, page: &mut Page<T>) {
        if let Some(is_old) = &self.is_old {
            page.retain(|item| is_old(item) != Some(true));
        }
        if let Some((id, seen)) = &mut self.distinct {
            page.retain(|item| seen.insert(id(item)));
        }
        let items = page.contents().len();
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(items);
        if wanted < items {
            page.truncate(wanted);
        }
        self.left = self.left.saturating_sub(u64::try_from(wanted).unwrap_or(u64::MAX));
        if self.is_used_up() {
            page.position.next = None;
        }
    }
}

/// Whether all items whose age is known are old, and there is at least one.
fn is_past_the_recent(ages: impl Iterator<Item = Option<bool>>) -> bool {
    let mut known = ages.flatten().peekable();
    known.peek().is_some() && known.all(|is_old| is_old)
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
    use super::super::page::Batch;
    use super::*;
    use crate::{
        checkpoint::Checkpoint,
        cursor::Cursor,
        error::{Error, ErrorKind},
    };

    /// A page of these items, with an unreadable one behind them, that is not the last.
    fn page(items: &[&'static str]) -> Page<&'static str> {
        let unreadable = [(items.len(), Error::new(ErrorKind::Decode, ""))].into();
        let next = Cursor::new(Some("next".to_owned()));
        let batch = Batch { items: items.to_vec(), unreadable, next, total: None };
        Page::new(batch, Checkpoint::start("key", None))
    }

    /// The items of each page, whether it is the last one, and how many unreadable items it has.
    fn apply(
        mut bounds: Bounds<&'static str>,
        pages: &[&[&'static str]],
    ) -> Vec<(String, bool, usize)> {
        let apply = |items: &&[&'static str]| {
            let mut page = page(items);
            bounds.apply(&mut page);
            (page.contents().concat(), page.position.next.is_none(), page.broken().count())
        };
        pages.iter().map(apply).collect()
    }

    fn shown(text: &str, is_last: bool, unreadable: usize) -> (String, bool, usize) {
        (text.to_owned(), is_last, unreadable)
    }

    #[test]
    fn the_listing_ends_with_the_page_that_has_the_last_item_wanted() {
        let pages = |most| apply(Bounds::new(Some(most), None), &[&["a", "b"], &["c", "d"]]);
        assert_eq!(pages(3), [shown("ab", false, 1), shown("c", true, 0)]);
        assert_eq!(pages(4), [shown("ab", false, 1), shown("cd", true, 1)]);
        assert_eq!(pages(5), [shown("ab", false, 1), shown("cd", false, 1)]);
        assert!(Bounds::<&str>::new(Some(0), None).is_used_up());
        assert!(!Bounds::<&str>::new(None, None).is_used_up());
    }

    #[test]
    fn old_items_are_left_out_and_undated_ones_are_not() {
        let is_old = |item: &&str| (*item != "undated").then(|| item.starts_with("old"));
        let bounds = || Bounds::new(None, Some(Box::new(is_old)));
        let pages: [&[_]; 2] = [&["old1", "new", "undated"], &["old2"]];
        assert_eq!(apply(bounds(), &pages), [shown("newundated", false, 1), shown("", false, 1)]);
        assert!(!bounds().end_with(pages[0]) && bounds().end_with(pages[1]));
        assert!(!Bounds::new(None, None).end_with(pages[1]));
    }

    #[test]
    fn an_item_that_came_before_is_left_out_if_items_are_distinct() {
        let pages: [&[_]; 2] = [&["a", "b"], &["b", "c"]];
        let distinct = Bounds::new(Some(3), None).distinct(|item| *item);
        assert_eq!(apply(distinct, &pages), [shown("ab", false, 1), shown("c", true, 1)]);
    }

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
        let (old, recent, undated) = (Some(true), Some(false), None);
        for (ages, is_past) in [
            (&[] as &[_], false),
            (&[undated], false),
            (&[old], true),
            (&[undated, old, undated], true),
            (&[old, recent], false),
            (&[recent], false),
        ] {
            assert_eq!(is_past_the_recent(ages.iter().copied()), is_past, "{ages:?}");
        }
    }
}

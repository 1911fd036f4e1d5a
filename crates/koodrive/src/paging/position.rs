//! Where a page stands in its listing.

use crate::{checkpoint::Checkpoint, cursor::Cursor};

#[derive(Clone, Debug)]
pub(super) struct Position {
    /// Where the page begins, or where it was resumed.
    pub(super) start: Checkpoint,
    /// Where the next page begins; `None` on the last one.
    pub(super) next: Option<Cursor>,
}

impl Position {
    /// Where a new listing continues after `taken` entries of the page and `items` items in all. That is on
    /// this page until it is used up, and on the last page for good: no cursor would mean the first page.
    pub(super) fn after(&self, taken: usize, items: u64, is_used_up: bool) -> Checkpoint {
        let Checkpoint { key, cursor, pages, .. } = self.start.clone();
        match &self.next {
            Some(next) if is_used_up => {
                let (cursor, pages) = (Some(next.clone()), pages.saturating_add(1));
                Checkpoint { key, cursor, taken: 0, items, pages }
            }
            _ => Checkpoint { key, cursor, taken, items, pages },
        }
    }
}

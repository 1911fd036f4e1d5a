//! Where a page stands in its listing.

use crate::{checkpoint::Checkpoint, cursor::Cursor};

#[derive(Clone, Debug)]
pub(super) struct Position {
    /// Where the page begins, or where it was resumed.
    pub(super) start: Checkpoint,
    /// How many entries the page has, including those before a resume.
    len: usize,
    /// Where the next page begins; `None` on the last one.
    next: Option<Cursor>,
}

impl Position {
    /// At a page that is still to come.
    pub(super) fn at(start: Checkpoint) -> Self {
        Self { len: start.taken, start, next: None }
    }

    pub(super) fn on_page(start: Checkpoint, len: usize, next: Option<Cursor>) -> Self {
        Self { start, len, next }
    }

    pub(super) fn next(&self) -> Option<&Cursor> {
        self.next.as_ref()
    }

    /// The listing ends here.
    pub(super) fn end(&mut self) {
        self.next = None;
    }

    /// The same page as the last of its listing.
    pub(super) fn without_next(&self) -> Self {
        Self { next: None, ..self.clone() }
    }

    /// Where a new listing continues after `taken` entries of the page and `items` items in all. That is on
    /// this page until its last entry is out, and on the last page for good: no cursor would mean the first
    /// page.
    pub(super) fn after(&self, taken: usize, items: u64) -> Checkpoint {
        let Checkpoint { key, cursor, pages, .. } = self.start.clone();
        match &self.next {
            Some(next) if taken >= self.len => {
                let (cursor, pages) = (Some(next.clone()), pages.saturating_add(1));
                Checkpoint { key, cursor, taken: 0, items, pages }
            }
            _ => Checkpoint { key, cursor, taken, items, pages },
        }
    }

    /// After the whole page, from which `items` were handed out.
    pub(super) fn after_page(&self, items: usize) -> Checkpoint {
        let items = u64::try_from(items).unwrap_or(u64::MAX);
        self.after(self.len, self.start.items.saturating_add(items))
    }
}

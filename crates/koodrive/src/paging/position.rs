//! How far a listing got: what was handed out of which page.

use std::sync::Arc;

use crate::{
    albums::listing::Listing, checkpoint::Checkpoint, cursor::Cursor,
    paging::page::AlbumContentPage,
};

/// How far a listing got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Files handed out, those before a [`resume`](crate::ListAlbumContent::resume) included.
    pub items: u64,
    /// Pages received, likewise.
    pub pages: u64,
    /// How many files the album has, by the service's own count on the latest page. For display only.
    pub total: Option<u64>,
}

/// The page in hand, and how much of it was handed out.
#[derive(Clone)]
pub(crate) struct Position {
    listing: Arc<Listing>,
    /// Of the page in hand, or of the one to come first.
    cursor: Option<Cursor>,
    /// How many of that page's entries were handed out.
    taken: usize,
    items: u64,
    /// How many pages were before that one.
    pages: u64,
    in_hand: Option<InHand>,
    total: Option<u64>,
}

#[derive(Clone)]
struct InHand {
    len: usize,
    next: Option<Cursor>,
    is_cut: bool,
}

impl Position {
    pub(crate) fn at(checkpoint: Checkpoint) -> Self {
        let Checkpoint { listing, cursor, taken, items, pages } = checkpoint;
        Self { listing, cursor, taken, items, pages, in_hand: None, total: None }
    }

    pub(crate) fn page_size(&self) -> usize {
        usize::try_from(self.listing.page_size.get()).unwrap_or(usize::MAX)
    }

    pub(crate) fn progress(&self) -> Progress {
        let in_hand = u64::from(self.in_hand.is_some());
        let pages = self.pages.saturating_add(in_hand);
        Progress { items: self.items, pages, total: self.total }
    }

    /// `page` is in hand now; of a page that was resumed a part was handed out before.
    pub(crate) fn turn_to(&mut self, page: &AlbumContentPage) {
        self.pages = self.progress().pages;
        self.cursor = page.cursor().cloned();
        self.taken = page.skipped();
        let next = page.next().cloned();
        self.in_hand = Some(InHand { len: page.len(), next, is_cut: page.is_cut() });
        self.total = page.total().or(self.total);
    }

    /// Entries of the page in hand were handed out, of them so many files.
    pub(crate) fn take(&mut self, entries: usize, files: u64) {
        self.taken = self.taken.saturating_add(entries);
        self.items = self.items.saturating_add(files);
    }

    pub(crate) fn has_page(&self) -> bool {
        self.in_hand.is_some()
    }

    pub(crate) fn is_on_last_page(&self) -> bool {
        self.in_hand.as_ref().is_some_and(|page| page.next.is_none())
    }

    /// The listing ends here because the caller wanted no more.
    pub(crate) fn is_cut(&self) -> bool {
        self.in_hand.as_ref().is_some_and(|page| page.is_cut)
    }

    /// Where a new listing goes on. It stays on a page until its last entry is out, and on the last
    /// page for good: no cursor would mean the first page.
    pub(crate) fn checkpoint(&self) -> Checkpoint {
        match &self.in_hand {
            Some(InHand { len, next: Some(next), .. }) if self.taken >= *len => Checkpoint {
                listing: Arc::clone(&self.listing),
                cursor: Some(next.clone()),
                taken: 0,
                items: self.items,
                pages: self.progress().pages,
            },
            _ => self.on_page(),
        }
    }

    /// Where the page in hand leads makes no sense: stays on it, even if it is used up.
    pub(crate) fn stay(&mut self) {
        if let Some(page) = &mut self.in_hand {
            page.next = None;
        }
    }

    fn on_page(&self) -> Checkpoint {
        Checkpoint {
            listing: Arc::clone(&self.listing),
            cursor: self.cursor.clone(),
            taken: self.taken,
            items: self.items,
            pages: self.pages,
        }
    }
}

//! How far a listing got, in numbers.

use super::page::Page;

/// How far a listing got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Items handed out, including those before a [`resume`](crate::ListAlbumContent::resume).
    pub items: u64,
    /// Pages received, including those before a resume.
    pub pages: u64,
    /// How many items there are, by the service's own count on the latest page. For display only.
    pub total: Option<u64>,
    /// Items that could not be read, not including those before a resume.
    pub unreadable: u64,
}

impl Progress {
    /// Takes over what a page says about the whole listing.
    pub(super) fn turn_to<T>(&mut self, page: &Page<T>) {
        self.pages = page.position.start.pages.saturating_add(1);
        self.total = page.total().or(self.total);
    }
}

//! How much of an album is wanted.

use std::{
    num::NonZeroU32,
    sync::atomic::{AtomicU64, Ordering},
    time::SystemTime,
};

use crate::{albums::content::AlbumContent, paging::page::AlbumContentPage};

/// Ends a listing before the album does.
pub(crate) struct Bounds {
    /// How many files are still wanted.
    left: AtomicU64,
    edited_since: Option<SystemTime>,
}

impl Bounds {
    pub(crate) fn new(max_items: Option<u64>, edited_since: Option<SystemTime>) -> Self {
        Self { left: AtomicU64::new(max_items.unwrap_or(u64::MAX)), edited_since }
    }

    /// What of `page`, the next of the listing, is wanted.
    pub(crate) fn apply(&self, page: AlbumContentPage) -> AlbumContentPage {
        let files = page.contents();
        let left = self.left.load(Ordering::Relaxed);
        let recent = files.iter().position(|file| self.is_older(file)).unwrap_or(files.len());
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(recent);
        let is_last = wanted < files.len() || u64::try_from(wanted) == Ok(left);
        let taken = u64::try_from(wanted).unwrap_or(u64::MAX);
        self.left.store(left.saturating_sub(taken), Ordering::Relaxed);
        if is_last { page.cut(wanted) } else { page }
    }

    /// A file that does not say when it was edited may be a recent one.
    fn is_older(&self, file: &AlbumContent) -> bool {
        let edited = || file.edited_time()?.to_system_time();
        self.edited_since.is_some_and(|since| edited().is_some_and(|edited| edited < since))
    }
}

/// The size of pages for so many files: as few requests as with pages of `most`, and as few files for
/// nothing as possible. All pages have one size: nobody knows whether a cursor holds good for pages of
/// another.
pub(crate) fn page_size(most: NonZeroU32, max_items: Option<u64>) -> NonZeroU32 {
    let size = max_items.and_then(|files| {
        let pages = files.div_ceil(most.get().into());
        u32::try_from(files.div_ceil(pages.max(1))).ok().and_then(NonZeroU32::new)
    });
    size.unwrap_or(most).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_as_small_as_so_many_files_in_so_few_requests_allow() {
        let hundred = NonZeroU32::new(100).unwrap();
        for (files, size) in [
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
            assert_eq!(page_size(hundred, files).get(), size, "{files:?}");
        }
    }
}

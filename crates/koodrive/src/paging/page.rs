//! One page of an album, and how it is made from what came over the wire.
//!
//! The generated types decode a page in one pass; only when that fails are the same bytes read again,
//! file by file, so that one odd file does not cost the others.

use std::{collections::VecDeque, iter::FusedIterator, mem::take, vec};

use crate::{
    albums::content::AlbumContent,
    cursor::Cursor,
    error::{Error, Result},
};

/// One page of an album's files, as [`send`](crate::ListAlbumContent::send) and
/// [`pages`](crate::ListAlbumContent::pages) return it.
///
/// It may hold fewer files than were asked for, even none, and still not be the last: that is told by
/// [`next_page_cursor`](Self::next_page_cursor) alone.
#[derive(Debug)]
pub struct AlbumContentPage {
    pub(crate) contents: Vec<AlbumContent>,
    /// Files that could not be read, by their place on the page.
    pub(crate) broken: VecDeque<(usize, Error)>,
    /// Where this page starts.
    pub(crate) cursor: Option<Cursor>,
    /// How many of its entries were taken off its start.
    pub(crate) skipped: usize,
    /// No more is wanted after what it holds.
    pub(crate) is_cut: bool,
    pub(crate) next: Option<Cursor>,
    pub(crate) total: Option<u64>,
    /// Which request brought it.
    pub(crate) trace_id: String,
    pub(crate) attempts: u32,
}

impl AlbumContentPage {
    /// The files (`contentList`), without those that could not be read: see [`broken`](Self::broken).
    pub fn contents(&self) -> &[AlbumContent] {
        &self.contents
    }

    /// The files, by value.
    pub fn into_contents(self) -> Vec<AlbumContent> {
        self.contents
    }

    /// A [skippable](Error::is_skippable) error for each file that could not be read.
    pub fn broken(&self) -> impl Iterator<Item = &Error> {
        self.broken.iter().map(|(_, error)| error)
    }

    /// The cursor of the next page (`nextPageCursor`), for
    /// [`page_cursor`](crate::ListAlbumContent::page_cursor); `None` on the last page, and on the one at
    /// which [`max_items`](crate::ListAlbumContent::max_items) or
    /// [`edited_since`](crate::ListAlbumContent::edited_since) ends the listing.
    pub fn next_page_cursor(&self) -> Option<&str> {
        self.next().map(Cursor::as_str)
    }

    /// How many files the album has, by the service's own count. For display only: it need not agree
    /// with what is listed.
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// Where the listing goes on, if it does.
    pub(crate) fn next(&self) -> Option<&Cursor> {
        self.next.as_ref().filter(|_| !self.is_cut)
    }

    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut
    }

    pub(crate) fn cursor(&self) -> Option<&Cursor> {
        self.cursor.as_ref()
    }

    pub(crate) fn skipped(&self) -> usize {
        self.skipped
    }

    /// How many entries it has, broken ones and those that were taken off included.
    pub(crate) fn len(&self) -> usize {
        self.skipped.saturating_add(self.contents.len()).saturating_add(self.broken.len())
    }

    /// This page starts at `cursor`, and of its entries so many were handed out before.
    pub(crate) fn resumed(mut self, cursor: Option<Cursor>, taken: usize) -> Self {
        self.cursor = cursor;
        self.skipped = taken.min(self.len());
        let broken = self.broken.iter().take_while(|(place, _)| *place < taken).count();
        self.broken.drain(..broken);
        let files = self.skipped.saturating_sub(broken);
        self.contents.drain(..files);
        self
    }

    pub(crate) fn of_attempt(mut self, trace_id: &str, attempts: u32) -> Self {
        self.trace_id = trace_id.to_owned();
        self.attempts = attempts;
        let broken = take(&mut self.broken);
        let blamed = broken.into_iter().map(|(place, error)| (place, self.blame(error)));
        self.broken = blamed.collect();
        self
    }

    /// Keeps so many files, and the broken ones between them; there is no going on if that is all that
    /// is wanted.
    pub(crate) fn cut(mut self, files: usize) -> Self {
        let before =
            |broken: usize, place: usize| place.saturating_sub(self.skipped).saturating_sub(broken);
        let broken = self.broken.iter().enumerate();
        let kept = broken.take_while(|(n, (place, _))| before(*n, *place) < files).count();
        self.broken.truncate(kept);
        self.contents.truncate(files);
        self.is_cut = true;
        self
    }

    /// The listing ends here, whatever comes after this page.
    pub(crate) fn ended(mut self) -> Self {
        self.next = None;
        self
    }

    /// Without the files that `keep` does not keep.
    pub(crate) fn retain(mut self, mut keep: impl FnMut(&AlbumContent) -> bool) -> Self {
        if self.broken.is_empty() {
            self.contents.retain(keep);
            return self;
        }
        let (contents, broken) = (take(&mut self.contents), take(&mut self.broken));
        for entry in (PageItems { contents: contents.into_iter(), broken, place: self.skipped }) {
            match entry {
                Ok(file) if keep(&file) => self.contents.push(file),
                Ok(_) => {}
                Err(error) => self.broken.push_back((self.len(), error)),
            }
        }
        self
    }

    /// `error` is about this page.
    pub(crate) fn blame(&self, error: Error) -> Error {
        error.with_trace_id(&self.trace_id).with_attempts(self.attempts)
    }
}

/// The files in the order of the page, with an error in the place of each that could not be read.
impl IntoIterator for AlbumContentPage {
    type Item = Result<AlbumContent>;
    type IntoIter = PageItems;

    fn into_iter(self) -> PageItems {
        PageItems { contents: self.contents.into_iter(), broken: self.broken, place: self.skipped }
    }
}

/// What is left of a page; see [`AlbumContentPage`].
#[derive(Debug, Default)]
pub struct PageItems {
    contents: vec::IntoIter<AlbumContent>,
    broken: VecDeque<(usize, Error)>,
    place: usize,
}

impl Iterator for PageItems {
    type Item = Result<AlbumContent>;

    fn next(&mut self) -> Option<Self::Item> {
        let place = self.place;
        self.place = place.saturating_add(1);
        match self.broken.front() {
            Some((broken, _)) if *broken == place => {
                self.broken.pop_front().map(|(_, error)| Err(error))
            }
            _ => self.contents.next().map(Ok),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.contents.len().saturating_add(self.broken.len());
        (left, Some(left))
    }
}

impl ExactSizeIterator for PageItems {}
impl FusedIterator for PageItems {}

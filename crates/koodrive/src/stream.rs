//! Pages → files. No HTTP, no retries and no cursors here: a page in hand, and how far it got.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::{FusedStream, Stream};

use crate::{
    checkpoint::Checkpoint,
    content::AlbumContent,
    error::{Error, ErrorKind, Result},
    page::{AlbumContentPage, PageItems},
    pages::AlbumContentPages,
    position::{Position, Progress},
    split::{AlbumContents, Outcome},
};

/// The files of an album, from [`ListAlbumContent::stream`](crate::ListAlbumContent::stream).
///
/// A page is fetched when the one before is used up; at most one is held. Dropping the stream cancels
/// the request in flight.
///
/// # Errors
///
/// The stream never ends early without saying so: it ends after the service said that there is no
/// further page, or after an error. An error is yielded once. If it is
/// [retryable](crate::Error::is_retryable), the next poll tries the same page again; a file that could
/// not be read (kind [`Decode`](crate::ErrorKind::Decode)) costs that file, and the next poll goes on
/// behind it; after any other error the stream has ended. Each carries a
/// [checkpoint](crate::Error::checkpoint), from which a new listing goes on.
#[must_use = "streams do nothing unless polled"]
pub struct AlbumContentStream {
    pages: AlbumContentPages,
    page: PageItems,
    position: Position,
    /// Whether a list that is shorter than its `total` is an error.
    is_strict: bool,
    /// An error came that no later page makes good.
    has_failed: bool,
}

impl AlbumContentStream {
    pub(crate) fn new(pages: AlbumContentPages, is_strict: bool) -> Self {
        let (page, position) = (PageItems::default(), Position::at(pages.checkpoint()));
        Self { pages, page, position, is_strict, has_failed: false }
    }

    /// Whether an error was yielded that no later page makes good.
    pub(crate) fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// How far it got.
    pub fn progress(&self) -> Progress {
        self.position.progress()
    }

    /// Where it stands: the next file of a new listing that [resumes](crate::ListAlbumContent::resume)
    /// from here is the next file of this one.
    pub fn checkpoint(&self) -> Checkpoint {
        self.position.checkpoint()
    }

    /// The infallible view: a stream of the files alone, for combinators that know no errors, and
    /// beside it the outcome, which hands over the error if there was one.
    ///
    /// ```
    /// use futures::StreamExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> koodrive::Result<()> {
    /// # let server = koodrive_testing::AlbumServer::builder().files(250).start().await;
    /// # let (client, album_id) = (server.client(), server.album_id());
    /// let (files, outcome) = client.list_album_content(album_id).stream().split();
    /// let names: Vec<_> = files.filter_map(async |file| file.file_name().map(str::to_owned)).collect().await;
    ///
    /// let summary = outcome.result()?;
    /// assert!(summary.complete());
    /// # Ok(())
    /// # }
    /// ```
    pub fn split(self) -> (AlbumContents, Outcome) {
        AlbumContents::new(self)
    }

    fn turn_to(&mut self, page: AlbumContentPage) {
        self.position.turn_to(&page);
        self.page = page.into_iter();
    }

    fn hand_out(&mut self, entry: Result<AlbumContent>) -> Result<AlbumContent> {
        self.position.take(1, entry.is_ok().into());
        entry.map_err(|error| {
            self.has_failed = true;
            error.with_checkpoint(self.checkpoint())
        })
    }

    /// The list has ended. Whether it was all of it.
    fn end(&mut self) -> Option<Error> {
        let Progress { items, total, .. } = self.progress();
        let total = total.filter(|total| *total > items && self.is_strict && !self.has_failed)?;
        self.has_failed = true;
        let message = format!("the list ended after {items} files, but the service counts {total}");
        Some(Error::new(ErrorKind::Paging, message).with_checkpoint(self.checkpoint()))
    }
}

impl Stream for AlbumContentStream {
    type Item = Result<AlbumContent>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(entry) = self.page.next() {
                return Poll::Ready(Some(self.hand_out(entry)));
            }
            match ready!(Pin::new(&mut self.pages).poll_next(cx)) {
                Some(Ok(page)) => self.turn_to(page),
                Some(Err(error)) => {
                    self.has_failed |= !error.is_retryable();
                    return Poll::Ready(Some(Err(error)));
                }
                None => return Poll::Ready(self.end().map(Err)),
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.page.len();
        let is_all = self.position.is_on_last_page() || self.pages.is_terminated();
        let may_fall_short = self.is_strict && !self.pages.is_terminated();
        let most = left.saturating_add(may_fall_short.into());
        (left, is_all.then_some(most))
    }
}

impl FusedStream for AlbumContentStream {
    fn is_terminated(&self) -> bool {
        self.page.len() == 0 && self.pages.is_terminated()
    }
}

impl fmt::Debug for AlbumContentStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AlbumContentStream")
            .field("progress", &self.progress())
            .finish_non_exhaustive()
    }
}

//! Pages → files. No HTTP, no retries and no cursors here: a page in hand, and how far it got.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::{FusedStream, Stream};

use crate::{
    content::AlbumContent,
    error::Result,
    page::{AlbumContentPage, PageItems},
    pages::AlbumContentPages,
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
/// behind it; after any other error the stream has ended.
#[must_use = "streams do nothing unless polled"]
pub struct AlbumContentStream {
    pages: AlbumContentPages,
    page: PageItems,
    /// The page in hand is the last: what is left of it is all that is left.
    is_last: bool,
    progress: Progress,
    /// An error came that no later page makes good.
    has_failed: bool,
}

/// How far a listing got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Files handed out.
    pub items: u64,
    /// Pages received.
    pub pages: u64,
    /// How many files the album has, by the service's own count on the latest page. For display only.
    pub total: Option<u64>,
}

impl AlbumContentStream {
    pub(crate) fn new(pages: AlbumContentPages) -> Self {
        Self {
            pages,
            page: PageItems::default(),
            is_last: false,
            progress: Progress::default(),
            has_failed: false,
        }
    }

    /// Whether an error was yielded that no later page makes good.
    pub(crate) fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// How far it got.
    pub fn progress(&self) -> Progress {
        self.progress
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
        self.progress.pages = self.progress.pages.saturating_add(1);
        self.progress.total = page.total().or(self.progress.total);
        self.is_last = page.next().is_none();
        self.page = page.into_iter();
    }
}

impl Stream for AlbumContentStream {
    type Item = Result<AlbumContent>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.page.next() {
                match &item {
                    Ok(_) => self.progress.items = self.progress.items.saturating_add(1),
                    Err(_) => self.has_failed = true,
                }
                return Poll::Ready(Some(item));
            }
            match ready!(Pin::new(&mut self.pages).poll_next(cx)) {
                Some(Ok(page)) => self.turn_to(page),
                Some(Err(error)) => {
                    self.has_failed |= !error.is_retryable();
                    return Poll::Ready(Some(Err(error)));
                }
                None => return Poll::Ready(None),
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.page.len();
        let is_all = self.is_last || self.pages.is_terminated();
        (left, is_all.then_some(left))
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
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}

//! Pages → files. No HTTP, no retries and no cursors here: a page in hand, how far it got, and the page
//! after it, which may be on its way.

use std::{
    fmt,
    mem::take,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::{FusedStream, Stream};

use crate::{
    albums::content::AlbumContent,
    checkpoint::Checkpoint,
    error::{Error, ErrorKind, Result},
    paging::page::{AlbumContentPage, PageItems},
    paging::pages::AlbumContentPages,
    paging::position::{Position, Progress},
    paging::split::{AlbumContents, Outcome},
};

/// The files of an album, from [`ListAlbumContent::stream`](crate::ListAlbumContent::stream).
///
/// The next page is fetched while the files of this one are handed out
/// ([`read_ahead`](crate::ListAlbumContent::read_ahead)); at most two are held, and three where it is
/// unordered. Dropping the stream cancels the request in flight.
///
/// # Errors
///
/// The stream never ends early without saying so: it ends after the service said that there is no
/// further page, or after an error. An error is yielded once. If it is
/// [retryable](crate::Error::is_retryable), the next poll tries the same page again; if it is
/// [skippable](crate::Error::is_skippable), it costs one file that could not be read, and the next poll
/// goes on behind that; after any other error the stream has ended. Each carries a
/// [checkpoint](crate::Error::checkpoint), from which a new listing goes on; but for arguments that
/// were refused.
///
/// Who polls past errors one after another waits between them: as long as the service asks
/// ([`retry_after`](crate::Error::retry_after)), and ever longer, but never for more than
/// [`Timeouts::page`](crate::Timeouts::page) before an attempt begins.
#[must_use = "streams do nothing unless polled"]
pub struct AlbumContentStream {
    pages: AlbumContentPages,
    page: PageItems,
    /// The next page, or the error in its place, if it came before it was asked for.
    ahead: Option<Result<AlbumContentPage>>,
    /// With so many files left, the next page is asked for.
    read_ahead: usize,
    /// The same on the pages after the first: who came that far does not want the first few files.
    later: usize,
    /// The next page was set going.
    is_asked: bool,
    position: Position,
    /// Whether there may be an error to add at the end: that the list is shorter than its `total`.
    may_fall_short: bool,
    /// An error came that no later page makes good.
    has_failed: bool,
}

impl AlbumContentStream {
    pub(crate) fn new(
        pages: AlbumContentPages,
        [read_ahead, later]: [usize; 2],
        strict: bool,
    ) -> Self {
        let (page, position) = (PageItems::default(), Position::at(pages.checkpoint()));
        Self {
            pages,
            page,
            ahead: None,
            read_ahead,
            later,
            is_asked: false,
            position,
            may_fall_short: strict,
            has_failed: false,
        }
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

    /// Sets the next page going, once. It goes on by itself until it is needed.
    fn look_ahead(&mut self, cx: &mut Context<'_>) {
        let is_time = (1..=self.read_ahead).contains(&self.page.len());
        if !is_time || self.is_asked {
            return;
        }
        self.is_asked = true;
        if let Poll::Ready(page) = Pin::new(&mut self.pages).poll_next(cx) {
            self.ahead = page;
        }
    }

    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<AlbumContentPage>>> {
        match self.ahead.take() {
            Some(page) => Poll::Ready(Some(page)),
            None => Pin::new(&mut self.pages).poll_next(cx),
        }
    }

    fn turn_to(&mut self, page: AlbumContentPage) {
        if self.position.has_page() {
            self.read_ahead = self.later;
        }
        self.is_asked = false;
        self.position.turn_to(&page);
        self.page = page.into_iter();
    }

    /// A file could not be read.
    fn skip(&mut self, error: Error) -> Error {
        self.position.take(1, 0);
        self.has_failed = true;
        error.with_checkpoint(self.checkpoint())
    }

    /// An error came in the place of a page.
    fn fail(&mut self, error: Error) -> Error {
        if !error.is_retryable() {
            self.has_failed = true;
            self.may_fall_short = false;
        }
        if error.kind() == ErrorKind::Paging {
            self.position.stay();
        }
        error
    }

    /// The list has ended. An error if it should not have.
    fn end(&mut self) -> Option<Error> {
        let is_strict =
            take(&mut self.may_fall_short) && !self.has_failed && !self.position.is_cut();
        let Progress { items, total, .. } = self.progress();
        let total = total.filter(|total| is_strict && *total > items)?;
        self.has_failed = true;
        let message = format!("the list ended after {items} files, but the service counts {total}");
        Some(Error::new(ErrorKind::Paging, message).with_checkpoint(self.checkpoint()))
    }
}

impl Stream for AlbumContentStream {
    type Item = Result<AlbumContent>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            self.look_ahead(cx);
            // A file is large to move, so it is not taken apart.
            match self.page.next() {
                Some(Err(error)) => return Poll::Ready(Some(Err(self.skip(error)))),
                None => {}
                file => {
                    self.position.take(1, 1);
                    return Poll::Ready(file);
                }
            }
            match ready!(self.poll_page(cx)) {
                Some(Ok(page)) => self.turn_to(page),
                Some(Err(error)) => return Poll::Ready(Some(Err(self.fail(error)))),
                None => return Poll::Ready(self.end().map(Err)),
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.page.len();
        let is_all =
            self.ahead.is_none() && (self.position.is_on_last_page() || self.pages.is_terminated());
        let most = left.saturating_add(self.may_fall_short.into());
        (left, is_all.then_some(most))
    }
}

impl FusedStream for AlbumContentStream {
    fn is_terminated(&self) -> bool {
        let is_used_up = self.page.len() == 0 && self.ahead.is_none();
        is_used_up && self.pages.is_terminated() && !self.may_fall_short
    }
}

impl fmt::Debug for AlbumContentStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AlbumContentStream")
            .field("progress", &self.progress())
            .finish_non_exhaustive()
    }
}

//! The infallible view of a listing: files here, the outcome there.

use std::{
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
};

use futures_core::{FusedStream, Stream};

use crate::{
    albums::content::AlbumContent,
    error::{Error, Result},
    paging::items::AlbumContentStream,
    paging::position::Progress,
};

/// What both halves share.
#[derive(Default)]
struct Report {
    progress: Progress,
    has_ended: bool,
    error: Option<Error>,
}

type SharedReport = Arc<Mutex<Report>>;

/// A panic elsewhere harms neither half: the report is written in one go.
fn lock(report: &SharedReport) -> MutexGuard<'_, Report> {
    report.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The files of an album, without errors; from [`AlbumContentStream::split`].
///
/// It ends with the list, or at the first error. Which of the two, the [`Outcome`] tells.
#[must_use = "streams do nothing unless polled"]
pub struct AlbumContents {
    /// `None` once it has ended.
    stream: Option<AlbumContentStream>,
    report: SharedReport,
}

/// How the listing went, to be asked when the [`AlbumContents`] beside it were consumed.
#[must_use = "the stream beside it ends at an error without a word; the error is in here"]
pub struct Outcome(SharedReport);

/// What a listing amounted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Files handed out.
    pub items: u64,
    /// Pages received.
    pub pages: u64,
    /// How many files the album has, by the service's own count.
    pub total: Option<u64>,
    has_ended: bool,
}

impl Summary {
    /// Whether that was the whole list: it was consumed to its end, and the service's own count, if it
    /// gave one, is not larger than what was handed out.
    ///
    /// `false` after a consumer that stopped early, and where the service counts files that it does
    /// not list, as in the vendor's own example.
    pub fn complete(&self) -> bool {
        self.has_ended && self.total.is_none_or(|total| total <= self.items)
    }
}

impl AlbumContents {
    pub(crate) fn new(stream: AlbumContentStream) -> (Self, Outcome) {
        let report = SharedReport::default();
        let outcome = Outcome(Arc::clone(&report));
        (Self { stream: Some(stream), report }, outcome)
    }

    fn end(&mut self, error: Option<Error>) {
        let had_failed = self.stream.take().is_some_and(|stream| stream.has_failed());
        let mut report = lock(&self.report);
        report.has_ended = error.is_none() && !had_failed;
        report.error = error;
    }
}

impl Stream for AlbumContents {
    type Item = AlbumContent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(stream) = &mut self.stream else {
            return Poll::Ready(None);
        };
        let item = ready!(Pin::new(&mut *stream).poll_next(cx));
        let progress = stream.progress();
        lock(&self.report).progress = progress;
        match item {
            Some(Ok(file)) => return Poll::Ready(Some(file)),
            Some(Err(error)) => self.end(Some(error)),
            None => self.end(None),
        }
        Poll::Ready(None)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // An error among what is left would end it there, so there is no lower bound.
        (0, self.stream.as_ref().map_or(Some(0), |stream| stream.size_hint().1))
    }
}

impl FusedStream for AlbumContents {
    fn is_terminated(&self) -> bool {
        self.stream.is_none()
    }
}

impl fmt::Debug for AlbumContents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AlbumContents").field("stream", &self.stream).finish_non_exhaustive()
    }
}

impl Outcome {
    /// What the listing amounted to so far; whether that is all, [`Summary::complete`] tells.
    ///
    /// # Errors
    ///
    /// The error at which the files ended.
    pub fn result(self) -> Result<Summary> {
        let mut report = lock(&self.0);
        match report.error.take() {
            Some(error) => Err(error),
            None => {
                let Progress { items, pages, total } = report.progress;
                Ok(Summary { items, pages, total, has_ended: report.has_ended })
            }
        }
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcome").finish_non_exhaustive()
    }
}

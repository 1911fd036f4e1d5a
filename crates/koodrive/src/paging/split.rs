//! The infallible view of a listing: items here, the outcome there.

use std::{
    mem::replace,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, ready},
};

use futures_core::{FusedStream, Stream};

use super::{items::ItemStream, pages::Progress};
use crate::{error::Result, wire::sync::lock};

/// The items of a listing without errors; from [`ItemStream::split`].
///
/// It ends with the list, or at the first error that is not about a single item. The [`Outcome`] says which.
#[must_use = "streams do nothing unless polled"]
pub struct UntilError<T> {
    /// `None` once it has ended.
    stream: Option<ItemStream<T>>,
    report: Report,
}

/// How a listing ended. Ask it after the [`UntilError`] beside it was consumed.
#[must_use = "the stream beside it ends silently at an error; this holds the error"]
pub struct Outcome(Report);

/// What both halves share.
type Report = Arc<Mutex<Result<Summary>>>;

/// The result of a listing, in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Items handed out.
    pub items: u64,
    /// Pages received.
    pub pages: u64,
    /// How many items there are, by the service's own count.
    pub total: Option<u64>,
    unreadable: u64,
    has_ended: bool,
}

impl Summary {
    fn new(progress: Progress, has_ended: bool) -> Self {
        let Progress { items, pages, total, unreadable } = progress;
        Self { items, pages, total, unreadable, has_ended }
    }

    /// Whether this was the whole list: it was consumed to its end, every item could be read, and the
    /// service's own count, if there is one, is not larger than the number of items.
    ///
    /// It is `false` after a consumer that stopped early, and if the service counts files that it does not
    /// list, as in the vendor's own example.
    pub fn complete(&self) -> bool {
        let has_all = self.total.is_none_or(|total| total <= self.items);
        self.has_ended && self.unreadable == 0 && has_all
    }

    /// How many items could not be read.
    pub fn unreadable(&self) -> u64 {
        self.unreadable
    }
}

impl<T> ItemStream<T> {
    /// Splits the stream into an infallible stream of items, for combinators that know no errors, and an
    /// [`Outcome`], which returns the error if there was one.
    ///
    /// Items that cannot be read do not end the stream; [`Summary::unreadable`](crate::Summary) counts them.
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
    pub fn split(self) -> (UntilError<T>, Outcome) {
        let report = Arc::new(Mutex::new(Ok(Summary::new(self.progress(), false))));
        let outcome = Outcome(Arc::clone(&report));
        (UntilError { stream: Some(self), report }, outcome)
    }
}

impl<T> Stream for UntilError<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let Some(stream) = &mut self.stream else {
                return Poll::Ready(None);
            };
            let item = ready!(Pin::new(&mut *stream).poll_next(cx));
            let has_ended = item.is_none() && !stream.has_failed;
            let summary = Summary::new(stream.progress(), has_ended);
            *lock(&self.report) = Ok(summary);
            match item {
                Some(Ok(item)) => return Poll::Ready(Some(item)),
                Some(Err(error)) if error.is_skippable() => {}
                Some(Err(error)) => {
                    *lock(&self.report) = Err(error);
                    self.stream = None;
                }
                None => self.stream = None,
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // An error among the items would end it, so there is no lower bound.
        (0, self.stream.as_ref().map_or(Some(0), |stream| stream.size_hint().1))
    }
}

impl<T> Unpin for UntilError<T> {}

impl<T> FusedStream for UntilError<T> {
    fn is_terminated(&self) -> bool {
        self.stream.is_none()
    }
}

debug_only!(UntilError<T>, |it| stream: it.stream);

impl Outcome {
    /// What the listing amounted to so far. [`Summary::complete`] says whether that is everything.
    ///
    /// # Errors
    ///
    /// The error that ended the items.
    pub fn result(self) -> Result<Summary> {
        let nothing = Ok(Summary::new(Progress::default(), false));
        replace(&mut *lock(&self.0), nothing)
    }
}

debug_only!(Outcome, |_|);

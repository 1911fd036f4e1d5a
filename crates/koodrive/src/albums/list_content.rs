//! The request builder: what to list, and in which form to have it.

use std::{fmt, sync::Arc, time::SystemTime};

use crate::{
    albums::plan::{self, Plan},
    albums::sort::{SortDirection, SortType},
    checkpoint::Checkpoint,
    client::Client,
    cursor::Cursor,
    error::Result,
    paging::both_ends::both_ends,
    paging::items::AlbumContentStream,
    paging::page::AlbumContentPage,
    paging::pages::AlbumContentPages,
};

/// A listing of an album that is being put together; from [`Client::list_album_content`].
///
/// Ends in [`stream`](Self::stream) (files), [`pages`](Self::pages) or [`send`](Self::send) (one
/// page). An argument that cannot be used is an error of kind
/// [`InvalidInput`](crate::ErrorKind::InvalidInput) from there, before anything is sent.
#[derive(Clone)]
#[must_use = "nothing is sent before `send`, or the first poll of `pages` or `stream`"]
pub struct ListAlbumContent {
    pub(crate) client: Client,
    pub(crate) album_id: String,
    pub(crate) page_size: Option<u32>,
    pub(crate) page_cursor: Option<Cursor>,
    pub(crate) sort_type: Option<SortType>,
    pub(crate) sort_direction: Option<SortDirection>,
    pub(crate) trace_id: Option<String>,
    pub(crate) resume: Option<Checkpoint>,
    pub(crate) read_ahead: Option<usize>,
    pub(crate) max_items: Option<u64>,
    pub(crate) edited_since: Option<SystemTime>,
    pub(crate) is_strict: bool,
    pub(crate) is_unordered: bool,
}

impl ListAlbumContent {
    pub(crate) fn new(client: Client, album_id: String) -> Self {
        Self {
            client,
            album_id,
            page_size: None,
            page_cursor: None,
            sort_type: None,
            sort_direction: None,
            trace_id: None,
            resume: None,
            read_ahead: None,
            max_items: None,
            edited_since: None,
            is_strict: false,
            is_unordered: false,
        }
    }

    /// The most files on a page (`pageSize`), 1 to 100; 100 unless set. The service may return fewer.
    pub fn page_size(mut self, files: u32) -> Self {
        self.page_size = Some(files);
        self
    }

    /// Starts at this cursor (`pageCursor`), from
    /// [`next_page_cursor`](AlbumContentPage::next_page_cursor) of a listing of the same album, order
    /// and page size. An empty one means the first page.
    pub fn page_cursor(mut self, cursor: impl Into<String>) -> Self {
        self.page_cursor = Cursor::new(Some(cursor.into()));
        self
    }

    /// What to sort by (`sortType`). Unless set, the service sorts a manual album by creation time and
    /// a collection album by shooting time.
    pub fn sort_type(mut self, sort: SortType) -> Self {
        self.sort_type = Some(sort);
        self
    }

    /// Which way to sort (`sortDirection`). Unless set, the service lists the newest first.
    pub fn sort_direction(mut self, direction: SortDirection) -> Self {
        self.sort_direction = Some(direction);
        self
    }

    /// Sends this trace id (`X-Traceid`) with every request of the listing, instead of a new one with
    /// each: 58 characters of `A-Z`, `a-z`, `0-9` and `_`.
    pub fn trace_id(mut self, id: impl Into<String>) -> Self {
        self.trace_id = Some(id.into());
        self
    }

    /// Goes on where an earlier listing stood, with exactly the rest: from
    /// [`AlbumContentStream::checkpoint`] or [`Error::checkpoint`](crate::Error::checkpoint).
    ///
    /// Order and page size are the checkpoint's; setting others, or taking that of another album, is an
    /// error of kind [`InvalidInput`](crate::ErrorKind::InvalidInput).
    pub fn resume(mut self, checkpoint: Checkpoint) -> Self {
        self.resume = Some(checkpoint);
        self
    }

    /// With how many files of a page left [`stream`](Self::stream) asks for the next one, which then
    /// comes while the files of this one are worked on. It needs no polls to get on: it is a task of the
    /// tokio runtime, aborted with the stream.
    ///
    /// Unless set, on the first page after a tenth of it, so that the first ten files of an album cost one
    /// request, and on later pages at once: who came that far wants more, and wait and work overlap whole. 0 asks only when
    /// the page is used up, and then as part of the poll. A page that is itself shorter than that, or
    /// what is left of one that was [resumed](Self::resume), has the next one asked for at once.
    pub fn read_ahead(mut self, files: usize) -> Self {
        self.read_ahead = Some(files);
        self
    }

    /// Lists so many files and no more, not counting those before a [`resume`](Self::resume).
    ///
    /// All pages are made as small as that allows without more requests; a listing that resumes from
    /// there keeps their size, because a cursor is not known to hold good for pages of another.
    pub fn max_items(mut self, files: u64) -> Self {
        self.max_items = Some(files);
        self
    }

    /// Lists the files that were changed at `time` or later, the last changed first, and asks for no page
    /// beyond: what is new since the last time, for a program that keeps a copy. A file that does not
    /// say when it was changed is listed, too.
    ///
    /// It sorts by [`UpdateTime`](SortType::UpdateTime), [`Descending`](SortDirection::Descending); setting
    /// another order beside it is an error of kind [`InvalidInput`](crate::ErrorKind::InvalidInput).
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use futures::TryStreamExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> koodrive::Result<()> {
    /// # let server = koodrive_testing::AlbumServer::builder().files(250).start().await;
    /// # let (client, album_id) = (server.client(), server.album_id());
    /// let last_time = SystemTime::now() - Duration::from_secs(24 * 60 * 60);
    /// let changed = client.list_album_content(album_id).edited_since(last_time).stream();
    /// let changed: Vec<_> = changed.try_collect().await?;
    /// # assert!(changed.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn edited_since(mut self, time: SystemTime) -> Self {
        self.edited_since = Some(time);
        self
    }

    /// Gives up the order for half the wait: the album is listed from its oldest and from its newest
    /// file at once, until the two meet. Each file comes once, also where the album changes meanwhile.
    ///
    /// It goes by creation time; where the service's answers do not let one tell that the ends have met,
    /// one of them lists the rest. Memory is about 16 bytes for each file, to know it again. Such a
    /// listing cannot be resumed, and no order, cursor or bound can be set beside it: those are errors of
    /// kind [`InvalidInput`](crate::ErrorKind::InvalidInput). A file that could not be read may be told by
    /// both ends. Both fetch in the background, whatever [`read_ahead`](Self::read_ahead) says;
    /// [`send`](Self::send) takes no notice of all this.
    pub fn unordered(mut self) -> Self {
        self.is_unordered = true;
        self
    }

    /// Makes it an error of kind [`Paging`](crate::ErrorKind::Paging) if [`stream`](Self::stream) ends
    /// after fewer files than the service counts (`total`). Off unless set: that count need not agree with
    /// what is listed. Without effect beside [`page_cursor`](Self::page_cursor), or after a file that could
    /// not be read and was told as such.
    pub fn strict(mut self, strict: bool) -> Self {
        self.is_strict = strict;
        self
    }

    /// Fetches one page: the first, or the one at [`page_cursor`](Self::page_cursor).
    ///
    /// # Errors
    ///
    /// Any [`ErrorKind`](crate::ErrorKind).
    pub async fn send(self) -> Result<AlbumContentPage> {
        let plan = Arc::new(Plan::new(&self)?);
        let page = Arc::clone(&plan).fetch(plan.start.cursor.clone()).await;
        page.map_err(|error| error.with_checkpoint(plan.start.clone()))
    }

    /// The pages, one after another, as a stream. Nothing is sent before the first poll, and no page
    /// ahead. Of a page that is [resumed](Self::resume), what is left.
    pub fn pages(self) -> AlbumContentPages {
        self.pages_from(false)
    }

    fn pages_from(self, background: bool) -> AlbumContentPages {
        if self.is_unordered {
            return self.pages_from_both_ends();
        }
        match Plan::new(&self) {
            Ok(plan) if self.max_items == Some(0) => AlbumContentPages::ended(plan.start),
            Ok(plan) => AlbumContentPages::new(plan.start.clone(), plan.pages(background)),
            Err(error) => AlbumContentPages::failed(plan::nowhere(&self), error),
        }
    }

    fn pages_from_both_ends(self) -> AlbumContentPages {
        let start = plan::nowhere(&self);
        match plan::both(&self) {
            Ok(ends) => {
                let [low, high] = ends.map(|plan| Box::pin(plan.pages(true)));
                AlbumContentPages::new(start, both_ends(low, high))
            }
            Err(error) => AlbumContentPages::failed(start, error),
        }
    }

    /// The files, one after another, as a stream. Nothing is sent before the first poll.
    ///
    /// ```
    /// use futures::TryStreamExt;
    /// use koodrive::SortType;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> koodrive::Result<()> {
    /// # let server = koodrive_testing::AlbumServer::builder().files(250).start().await;
    /// # let (client, album_id) = (server.client(), server.album_id());
    /// let mut files = client.list_album_content(album_id).sort_type(SortType::CreationTime).stream();
    /// while let Some(file) = files.try_next().await? {
    ///     println!("{}", file.id());
    /// }
    /// assert_eq!(files.progress().items, 250);
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(self) -> AlbumContentStream {
        let (read_ahead, is_strict) =
            (self.read_ahead, self.is_strict && self.page_cursor.is_none());
        let pages = self.pages_from(read_ahead != Some(0));
        let size = pages.page_size();
        let read_ahead = read_ahead.map_or([nine_tenths(size), size], |files| [files, files]);
        AlbumContentStream::new(pages, read_ahead, is_strict)
    }
}

fn nine_tenths(files: usize) -> usize {
    files.saturating_sub(files.div_ceil(10))
}

impl fmt::Debug for ListAlbumContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListAlbumContent")
            .field("album_id", &self.album_id)
            .field("page_size", &self.page_size)
            .field("page_cursor", &self.page_cursor)
            .field("sort_type", &self.sort_type)
            .field("sort_direction", &self.sort_direction)
            .finish_non_exhaustive()
    }
}

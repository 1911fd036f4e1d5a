//! The request builder: what to list, and in which form to have it.

use std::{fmt, num::NonZeroU32, sync::Arc};

use crate::{
    attempt::fetch_page,
    background::in_background,
    checkpoint::Checkpoint,
    client::Client,
    cursor::Cursor,
    error::{Error, Result},
    input::{self, LARGEST_PAGE},
    listing::Listing,
    page::AlbumContentPage,
    pages::AlbumContentPages,
    pagination,
    sort::{SortDirection, SortType},
    stream::AlbumContentStream,
};

/// A listing of an album that is being put together; from [`Client::list_album_content`].
///
/// Ends in [`stream`](Self::stream) (files), [`pages`](Self::pages) or [`send`](Self::send) (one
/// page). An argument that cannot be used is an error of kind
/// [`InvalidInput`](crate::ErrorKind::InvalidInput) from there, before anything is sent.
#[derive(Clone)]
#[must_use = "nothing is sent before `send`, or the first poll of `pages` or `stream`"]
pub struct ListAlbumContent {
    client: Client,
    album_id: String,
    page_size: Option<u32>,
    page_cursor: Option<Cursor>,
    sort_type: Option<SortType>,
    sort_direction: Option<SortDirection>,
    trace_id: Option<String>,
    resume: Option<Checkpoint>,
    read_ahead: Option<usize>,
    is_strict: bool,
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
            is_strict: false,
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
    /// [`AlbumContentStream::checkpoint`] or [`Error::checkpoint`].
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
    /// Unless set, after a tenth of a page: early enough for the wait and the work to overlap nearly
    /// whole, and late enough for the first ten files of an album to cost one request. 0 asks only when
    /// the page is used up, and then as part of the poll.
    pub fn read_ahead(mut self, files: usize) -> Self {
        self.read_ahead = Some(files);
        self
    }

    /// Makes it an error of kind [`Paging`](crate::ErrorKind::Paging) if [`stream`](Self::stream) ends
    /// after fewer files than the service counts (`total`). Off unless set: that count need not agree with what is
    /// listed.
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
        let plan = Arc::new(self.plan()?);
        let page = Arc::clone(&plan).fetch(plan.start.cursor.clone()).await;
        page.map_err(|error| error.with_checkpoint(plan.start.clone()))
    }

    /// The pages, one after another, as a stream. Nothing is sent before the first poll, and no page
    /// ahead. Of a page that is [resumed](Self::resume), what is left.
    pub fn pages(self) -> AlbumContentPages {
        self.pages_from(false)
    }

    fn pages_from(self, background: bool) -> AlbumContentPages {
        let plan = match self.plan() {
            Ok(plan) => Arc::new(plan),
            Err(error) => return AlbumContentPages::failed(self.nowhere(), error),
        };
        let start = plan.start.clone();
        let pages = pagination::pages(start.cursor.clone(), move |cursor| {
            let plan = Arc::clone(&plan);
            let fetch = move || Arc::clone(&plan).fetch(cursor.clone());
            async move { if background { in_background(fetch).await } else { fetch().await } }
        });
        AlbumContentPages::new(start, pages)
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
        let (read_ahead, is_strict) = (self.read_ahead, self.is_strict);
        let pages = self.pages_from(read_ahead != Some(0));
        let read_ahead = read_ahead.unwrap_or_else(|| nine_tenths(pages.page_size()));
        AlbumContentStream::new(pages, read_ahead, is_strict)
    }

    fn plan(&self) -> Result<Plan> {
        let (client, start) = (self.client.clone(), self.start()?);
        Ok(Plan { client, start, trace_id: self.trace_id.clone() })
    }

    /// Where it starts, if all that was set makes sense.
    fn start(&self) -> Result<Checkpoint> {
        input::album_id(&self.album_id)?;
        self.trace_id.as_deref().map_or(Ok(()), input::trace_id)?;
        let page_size = self.page_size.map(input::page_size).transpose()?;
        if self.page_cursor.as_ref().is_some_and(Cursor::is_too_long) {
            return Err(Error::invalid("the page cursor has more than 8192 bytes"));
        }
        match &self.resume {
            Some(checkpoint) if self.continues(&checkpoint.listing) => Ok(checkpoint.clone()),
            Some(_) => Err(Error::invalid(
                "the checkpoint is of another listing; expected the same album, and no other order, \
                 page size or page cursor than its own",
            )),
            None => {
                let listing = self.listing(page_size.unwrap_or(LARGEST_PAGE));
                Ok(Checkpoint::start(Arc::new(listing), self.page_cursor.clone()))
            }
        }
    }

    /// Where a listing stands that cannot start.
    fn nowhere(&self) -> Checkpoint {
        let start = || Checkpoint::start(Arc::new(self.listing(LARGEST_PAGE)), None);
        self.resume.clone().unwrap_or_else(start)
    }

    /// Whether nothing was set that is otherwise in `earlier`.
    fn continues(&self, earlier: &Listing) -> bool {
        self.album_id == earlier.album_id
            && self.page_cursor.is_none()
            && self.page_size.is_none_or(|size| size == earlier.page_size.get())
            && (self.sort_type.is_none() || self.sort_type == earlier.sort_type)
            && (self.sort_direction.is_none() || self.sort_direction == earlier.sort_direction)
    }

    fn listing(&self, page_size: NonZeroU32) -> Listing {
        Listing {
            page_size,
            album_id: self.album_id.clone(),
            sort_type: self.sort_type,
            sort_direction: self.sort_direction,
        }
    }
}

fn nine_tenths(files: usize) -> usize {
    files.saturating_sub(files.div_ceil(10))
}

/// A listing that was checked.
struct Plan {
    client: Client,
    start: Checkpoint,
    trace_id: Option<String>,
}

impl Plan {
    /// The page at `cursor`; of the one that the listing starts at, what is left.
    async fn fetch(self: Arc<Self>, cursor: Option<Cursor>) -> Result<AlbumContentPage> {
        let Self { client, start, trace_id } = &*self;
        let trace_id = trace_id.as_deref();
        let page = fetch_page(&client.0, &start.listing, trace_id, cursor.as_ref()).await?;
        // No later page has this cursor: that would be a circle.
        let taken = if cursor == start.cursor { start.taken } else { 0 };
        Ok(page.resumed(cursor, taken))
    }
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

//! `list_album_content`: the request builder of an album listing, and what it becomes.

use std::{fmt, sync::Arc, time::SystemTime};

use tracing::Span;

use super::{
    content::AlbumContent,
    content_query::{ListContent, ListContentQuery, PageSize},
    order::{Order, SortDirection, SortType},
    timestamp::Timestamp,
};
use crate::{
    calls::context::Client,
    checkpoint::Checkpoint,
    cursor::Cursor,
    error::{Error, Result},
    paging::{
        both_ends::both_ends,
        bounds::{Age, Bounds},
        items::{ItemStream, OnUnreadable, ReadAhead},
        listing::ListQuery,
        page::Page,
        pages::{Pages, outside_tokio},
    },
    wire::trace_id,
};

/// Builds a listing of an album; from [`Client::list_album_content`].
///
/// Finish with [`stream`](Self::stream) for the files, [`pages`](Self::pages) for the pages, or
/// [`send`](Self::send) for a single page. An invalid argument is then an error of kind
/// [`InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent.
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
    max_items: Option<u64>,
    edited_since: Option<SystemTime>,
    on_unreadable: Option<OnUnreadable>,
    is_unordered: bool,
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
            on_unreadable: None,
            is_unordered: false,
        }
    }

    /// The maximum number of files on a page (`pageSize`), from 1 to 100. Default: 100. The service may
    /// return fewer.
    pub fn page_size(mut self, files: u32) -> Self {
        self.page_size = Some(files);
        self
    }

    /// Starts at this cursor (`pageCursor`), taken from
    /// [`next_page_cursor`](crate::AlbumContentPage::next_page_cursor) in a listing of the same album, order
    /// and page size. An empty cursor means the first page.
    pub fn page_cursor(mut self, cursor: impl Into<String>) -> Self {
        self.page_cursor = Cursor::new(Some(cursor.into()));
        self
    }

    /// What to sort by (`sortType`). By default, the service sorts a manual album by creation time and a
    /// collection album by shooting time.
    pub fn sort_type(mut self, sort: SortType) -> Self {
        self.sort_type = Some(sort);
        self
    }

    /// The direction to sort in (`sortDirection`). By default, the service lists the newest first.
    pub fn sort_direction(mut self, direction: SortDirection) -> Self {
        self.sort_direction = Some(direction);
        self
    }

    /// Sends this trace id (`X-Traceid`) with every request of the listing: 58 characters of `A-Z`, `a-z`,
    /// `0-9` and `_`. By default, each request has a new one.
    pub fn trace_id(mut self, id: impl Into<String>) -> Self {
        self.trace_id = Some(id.into());
        self
    }

    /// Continues from where an earlier listing stood, with exactly the rest. Take the checkpoint from
    /// [`AlbumContentStream::checkpoint`](crate::AlbumContentStream::checkpoint) or
    /// [`Error::checkpoint`](crate::Error::checkpoint).
    ///
    /// Order and page size are those of the checkpoint. To set others, or to resume the listing of another
    /// album, is an error of kind [`InvalidInput`](crate::ErrorKind::InvalidInput).
    pub fn resume(mut self, checkpoint: Checkpoint) -> Self {
        self.resume = Some(checkpoint);
        self
    }

    /// Prefetches the next page once this many files of a page remain in [`stream`](Self::stream). The page
    /// then arrives while its predecessor is worked on, without polls: a task of the Tokio runtime fetches
    /// it, and is aborted with the stream.
    ///
    /// By default, the first page prefetches after a tenth of its files, so that the first ten files of an
    /// album cost one request, and later pages prefetch at once. With 0, the next page is requested only
    /// when the current one is used up, as part of the poll. A page with fewer files, or with fewer left
    /// after a [resume](Self::resume), prefetches at once.
    pub fn read_ahead(mut self, files: usize) -> Self {
        self.read_ahead = Some(files);
        self
    }

    /// Stops after this many files, not counting those before a [`resume`](Self::resume).
    ///
    /// All pages are made as small as possible without more requests. A listing that resumes from there
    /// keeps their size, because it is not known whether a cursor is valid for another.
    pub fn max_items(mut self, files: u64) -> Self {
        self.max_items = Some(files);
        self
    }

    /// Lists the files that were changed at `time` or later, the last changed first: what is new since the
    /// last time, for a program that keeps a copy. It ends after the first page with dated files that are all
    /// older. A file without an update time is listed, too.
    ///
    /// It sorts by [`UpdateTime`](SortType::UpdateTime), [`Descending`](SortDirection::Descending). To set
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

    /// Gives up the order for half the wait: the album is listed from its oldest and from its newest file at
    /// once, until the two meet. Each file is listed once, even if the album changes in the meantime.
    ///
    /// Both ends list by creation time. The listing ends early only if one end lists a file of the other, all
    /// files can be read, and the number of files is the total that the service told both ends; otherwise one
    /// end lists the rest. It needs a few dozen bytes of memory per file, to recognise it. Such a listing
    /// cannot be resumed, and an order, a cursor or a bound beside it is an error of kind
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput). Both ends fetch in the background, whatever
    /// [`read_ahead`](Self::read_ahead) says; [`send`](Self::send) ignores this setting.
    pub fn unordered(mut self) -> Self {
        self.is_unordered = true;
        self
    }

    /// Calls `report` for each file that cannot be read, instead of yielding an error: the stream continues.
    ///
    /// It is called when the file would have been handed out, with a
    /// [skippable](crate::Error::is_skippable) error. Clones of this builder share it.
    /// [`pages`](Self::pages) and [`send`](Self::send) ignore it: a page has its
    /// [`broken`](crate::AlbumContentPage::broken) files.
    ///
    /// ```
    /// use futures::TryStreamExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> koodrive::Result<()> {
    /// # let server = koodrive_testing::AlbumServer::builder().files(250).start().await;
    /// # let (client, album_id) = (server.client(), server.album_id());
    /// let files = client
    ///     .list_album_content(album_id)
    ///     .on_unreadable(|error| eprintln!("skipped: {error}"))
    ///     .stream();
    /// let size = files.try_fold(0, async |sum, file| Ok(sum + file.size().unwrap_or(0))).await?;
    /// # assert!(size > 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_unreadable(mut self, report: impl Fn(&Error) + Send + Sync + 'static) -> Self {
        self.on_unreadable = Some(Arc::new(report));
        self
    }

    /// Fetches one page: the first, or the one at [`page_cursor`](Self::page_cursor).
    ///
    /// # Errors
    ///
    /// Any [`ErrorKind`](crate::ErrorKind).
    pub async fn send(self) -> Result<Page<AlbumContent>> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(outside_tokio());
        }
        Self { is_unordered: false, ..self }.list_query(None)?.send().await
    }

    /// The pages as a stream. Nothing is sent before the first poll, and no page is prefetched. After a
    /// [`resume`](Self::resume), the first page holds what is left of it.
    pub fn pages(self) -> Pages<AlbumContent> {
        self.pages_from(false)
    }

    fn pages_from(self, in_the_background: bool) -> Pages<AlbumContent> {
        let start = self.start();
        let pages = if self.is_unordered {
            self.pages_from_both_ends()
        } else if self.max_items == Some(0) {
            self.list_query(None).map(|_| Pages::ended(start.clone()))
        } else {
            let query = self.list_query(None);
            query.map(|query| Pages::new(start.clone(), query.pages(in_the_background)))
        };
        pages.unwrap_or_else(|error| Pages::failed(start, error))
    }

    fn pages_from_both_ends(&self) -> Result<Pages<AlbumContent>> {
        let start = self.start();
        let [low, high] = self.both_ends()?.map(|end| Box::pin(end.pages(true)));
        Ok(Pages::new(start.clone(), both_ends(start, low, high, AlbumContent::id)))
    }

    /// The files as a stream. Nothing is sent before the first poll.
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
    pub fn stream(self) -> ItemStream<AlbumContent> {
        let (read_ahead, on_unreadable) = (self.threshold(), self.on_unreadable.clone());
        let in_the_background = self.read_ahead != Some(0);
        ItemStream::new(self.pages_from(in_the_background), read_ahead, on_unreadable)
    }

    fn threshold(&self) -> ReadAhead {
        let size = usize::try_from(self.query().page_size.size).unwrap_or(usize::MAX);
        let nine_tenths = size.saturating_sub(size.div_ceil(10));
        match self.read_ahead {
            Some(files) => ReadAhead { first_page: files, later_pages: files },
            None => ReadAhead { first_page: nine_tenths, later_pages: size },
        }
    }

    /// What is asked for; not checked.
    fn asked(&self) -> ListContentQuery {
        let order = match (self.is_unordered, self.edited_since) {
            (true, _) => Order::BothEnds,
            (false, Some(_)) => {
                let by = self.sort_type.or(Some(SortType::UpdateTime));
                let direction = self.sort_direction.or(Some(SortDirection::Descending));
                Order::Sorted { by, direction }
            }
            (false, None) => Order::Sorted { by: self.sort_type, direction: self.sort_direction },
        };
        let page_size = PageSize::new(self.page_size, self.max_items);
        ListContentQuery { album_id: self.album_id.clone(), page_size, order }
    }

    /// What is listed: after a resume, what the checkpoint says.
    fn query(&self) -> ListContentQuery {
        let resumed = self.resume.as_ref().and_then(|it| ListContentQuery::parse(&it.key));
        resumed.unwrap_or_else(|| self.asked())
    }

    fn start(&self) -> Checkpoint {
        let start = || Checkpoint::start(&self.asked().to_string(), self.page_cursor.clone());
        self.resume.clone().unwrap_or_else(start)
    }

    fn list_query(&self, span: Option<Span>) -> Result<ListQuery<ListContent>> {
        self.check()?;
        let query = self.query();
        Ok(ListQuery {
            start: self.start(),
            bounds: self.bounds(),
            trace_id: self.trace_id.clone(),
            span: span.unwrap_or_else(|| query.span()),
            end: None,
            client: self.client.clone(),
            listing: ListContent { client: self.client.clone(), query },
        })
    }

    fn bounds(&self) -> Bounds<AlbumContent> {
        let bounds = Bounds::new(self.max_items);
        match self.edited_since {
            Some(since) => bounds.by_age(move |file| age(file, since)),
            None => bounds,
        }
    }

    /// A listing from each end, within one span.
    fn both_ends(&self) -> Result<[ListQuery<ListContent>; 2]> {
        let is_ordered = self.sort_type.is_some() || self.sort_direction.is_some();
        let is_bounded = self.max_items.is_some() || self.edited_since.is_some();
        if is_ordered || is_bounded || self.page_cursor.is_some() || self.resume.is_some() {
            return Err(Error::invalid(
                "an unordered listing covers the whole album from both ends: set no order, cursor or \
                 bound beside it; to resume a listing, list in an order",
            ));
        }
        let span = self.asked().span();
        let end = |direction, name| {
            let (by, direction) = (Some(SortType::CreationTime), Some(direction));
            let one = self.clone();
            let one = Self { is_unordered: false, sort_type: by, sort_direction: direction, ..one };
            Ok(ListQuery { end: Some(name), ..one.list_query(Some(span.clone()))? })
        };
        Ok([end(SortDirection::Ascending, "oldest")?, end(SortDirection::Descending, "newest")?])
    }

    fn check(&self) -> Result<()> {
        let asked = self.asked();
        asked.check()?;
        self.trace_id.as_deref().map_or(Ok(()), trace_id::check)?;
        if self.page_cursor.as_ref().is_some_and(Cursor::is_too_long) {
            return Err(Error::invalid("the page cursor has more than 8192 bytes"));
        }
        let newest_first = Order::Sorted {
            by: Some(SortType::UpdateTime),
            direction: Some(SortDirection::Descending),
        };
        if self.edited_since.is_some() && asked.order != newest_first {
            return Err(Error::invalid(
                "`edited_since` lists by update time, the last first; set no other order beside it",
            ));
        }
        match &self.resume {
            Some(checkpoint) => self.check_resume(&asked, checkpoint),
            None => Ok(()),
        }
    }

    /// Only what was set has to agree with the checkpoint.
    fn check_resume(&self, asked: &ListContentQuery, checkpoint: &Checkpoint) -> Result<()> {
        let resumed = ListContentQuery::parse(&checkpoint.key);
        let agrees = resumed.is_some_and(|earlier| {
            let setting = self.page_size.unwrap_or(earlier.page_size.setting);
            asked.album_id == earlier.album_id
                && earlier.order != Order::BothEnds
                && setting == earlier.page_size.setting
                && (asked.order.by().is_none() || asked.order.by() == earlier.order.by())
                && (asked.order.direction().is_none()
                    || asked.order.direction() == earlier.order.direction())
        });
        if agrees && self.page_cursor.is_none() {
            return Ok(());
        }
        Err(Error::invalid(
            "the checkpoint belongs to another listing; expected the same album, and no order, page \
             size or page cursor other than its own",
        ))
    }
}

/// A file without an update time may be a recent one.
fn age(file: &AlbumContent, since: SystemTime) -> Age {
    match file.edited_time().and_then(Timestamp::to_system_time) {
        Some(edited) if edited < since => Age::Old,
        Some(_) => Age::Recent,
        None => Age::Unknown,
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

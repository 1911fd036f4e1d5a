//! `list_album_content`: the request builder of an album listing.

use std::{sync::Arc, time::SystemTime};

use tracing::Span;

use super::{
    content::AlbumContent,
    content_query::ListContentQuery,
    content_settings::ContentSettings,
    order::{SortDirection, SortType},
};
use crate::{
    calls::context::Client,
    checkpoint::Checkpoint,
    cursor::Cursor,
    error::{Error, Result},
    input,
    paging::{
        both_ends::both_ends, items::ItemStream, listing::ListQuery, page::Page, pages::Pages,
    },
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
    settings: ContentSettings,
}

impl ListAlbumContent {
    pub(crate) fn new(client: Client, album_id: String) -> Self {
        Self { client, settings: ContentSettings { album_id, ..ContentSettings::default() } }
    }

    /// The maximum number of files on a page (`pageSize`), from 1 to 100. Default: 100. The service may
    /// return fewer.
    pub fn page_size(mut self, files: u32) -> Self {
        self.settings.page_size = Some(files);
        self
    }

    /// Starts at this cursor (`pageCursor`), taken from
    /// [`next_page_cursor`](crate::AlbumContentPage::next_page_cursor) in a listing of the same album, order
    /// and page size. An empty cursor means the first page.
    pub fn page_cursor(mut self, cursor: impl Into<String>) -> Self {
        self.settings.page_cursor = Cursor::new(Some(cursor.into()));
        self
    }

    /// What to sort by (`sortType`). By default, the service sorts a manual album by creation time and a
    /// collection album by shooting time.
    pub fn sort_type(mut self, sort: SortType) -> Self {
        self.settings.order.by = Some(sort);
        self
    }

    /// The direction to sort in (`sortDirection`). By default, the service lists the newest first.
    pub fn sort_direction(mut self, direction: SortDirection) -> Self {
        self.settings.order.direction = Some(direction);
        self
    }

    /// Sends this trace id (`X-Traceid`) with every request of the listing: 58 characters of `A-Z`, `a-z`,
    /// `0-9` and `_`. By default, each request has a new one.
    pub fn trace_id(mut self, id: impl Into<String>) -> Self {
        self.settings.trace_id = Some(id.into());
        self
    }

    /// Continues from where an earlier listing stood, with exactly the rest. Take the checkpoint from
    /// [`AlbumContentStream::checkpoint`](crate::AlbumContentStream::checkpoint),
    /// [`AlbumContentPages::checkpoint`](crate::AlbumContentPages::checkpoint) or
    /// [`Error::checkpoint`](crate::Error::checkpoint).
    ///
    /// Order and page size are those of the checkpoint. Setting others, or resuming the listing of
    /// another album, is an error of kind [`InvalidInput`](crate::ErrorKind::InvalidInput).
    pub fn resume(mut self, checkpoint: Checkpoint) -> Self {
        self.settings.resume = Some(checkpoint);
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
        self.settings.read_ahead = Some(files);
        self
    }

    /// Stops after this many files, not counting those before a [`resume`](Self::resume).
    ///
    /// All pages are made as small as possible without more requests. A listing that resumes from there
    /// keeps their size, because it is not known whether a cursor is valid for another.
    pub fn max_items(mut self, files: u64) -> Self {
        self.settings.max_items = Some(files);
        self
    }

    /// Lists the files that were changed at `time` or later, newest change first. Use it to keep a copy up to
    /// date. It stops after the first page on which every dated file is older. A file without an update time
    /// is listed, too.
    ///
    /// It sorts by [`UpdateTime`](SortType::UpdateTime), [`Descending`](SortDirection::Descending). Setting
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
        self.settings.edited_since = Some(time);
        self
    }

    /// Lists in no particular order, in half the time: from the oldest and from the newest file at once, until
    /// the two meet. Each file is listed once, even if the album changes in the meantime.
    ///
    /// Both ends list by creation time. The listing ends early only if one end lists a file of the other, all
    /// files can be read, and the number of files is the total that the service told both ends; otherwise one
    /// end lists the rest. It needs a few dozen bytes of memory per file, to recognise it. Such a listing
    /// cannot be resumed, and an order, a cursor or a bound beside it is an error of kind
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput). Both ends fetch in the background, whatever
    /// [`read_ahead`](Self::read_ahead) says; [`send`](Self::send) ignores this setting.
    pub fn unordered(mut self) -> Self {
        self.settings.order.is_from_both_ends = true;
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
        self.settings.on_unreadable = Some(Arc::new(report));
        self
    }

    /// Fetches one page: the first, or the one at [`page_cursor`](Self::page_cursor).
    ///
    /// # Errors
    ///
    /// Any [`ErrorKind`](crate::ErrorKind).
    pub async fn send(mut self) -> Result<Page<AlbumContent>> {
        input::inside_tokio()?;
        self.settings.order.is_from_both_ends = false;
        self.query(&self.settings, None)?.send(self.settings.bounds()).await
    }

    /// The pages as a stream. Nothing is sent before the first poll, and no page is prefetched. After a
    /// [`resume`](Self::resume), the first page holds what is left of it.
    pub fn pages(self) -> Pages<AlbumContent> {
        self.pages_from(false)
    }

    fn pages_from(self, is_in_background: bool) -> Pages<AlbumContent> {
        let Self { settings, .. } = &self;
        let pages = if settings.order.is_from_both_ends {
            self.pages_from_both_ends()
        } else {
            let query = self.query(settings, None);
            query.map(|query| query.pages(settings.bounds(), is_in_background))
        };
        pages.unwrap_or_else(|error| Pages::failed(settings.unchecked_start(), error))
    }

    /// Both ends share one span.
    fn pages_from_both_ends(&self) -> Result<Pages<AlbumContent>> {
        let (whole, start) = self.settings.resolve()?;
        let span = whole.span();
        let end = |direction, name| {
            let settings = self.settings.of_one_end(direction);
            let query = self.query(&settings, Some((name, span.clone())))?;
            Ok(query.pages(settings.bounds(), true))
        };
        let low = end(SortDirection::Ascending, "oldest")?;
        let high = end(SortDirection::Descending, "newest")?;
        Ok(Pages::new(start.clone(), both_ends(start, low, high, AlbumContent::id)))
    }

    /// `end` is one of two, with the span that both share.
    fn query(
        &self,
        settings: &ContentSettings,
        end: Option<(&'static str, Span)>,
    ) -> Result<ListQuery<ListContentQuery>> {
        let (listing, start) = settings.resolve()?;
        let (end, shared_span) = end.unzip();
        let span = shared_span.unwrap_or_else(|| listing.span());
        let (client, trace_id) = (self.client.clone(), settings.trace_id.clone());
        Ok(ListQuery { client, listing, start, trace_id, span, end })
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
        let read_ahead = self.settings.thresholds();
        let on_unreadable = self.settings.on_unreadable.clone();
        let is_in_background = self.settings.read_ahead != Some(0);
        ItemStream::new(self.pages_from(is_in_background), read_ahead, on_unreadable)
    }
}

debug_only!(ListAlbumContent, |it|
    album_id: it.settings.album_id,
    page_size: it.settings.page_size,
    page_cursor: it.settings.page_cursor,
    sort_type: it.settings.order.by,
    sort_direction: it.settings.order.direction
);

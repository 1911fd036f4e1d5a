//! The request builder: what to list, and in which form to have it.

use std::{fmt, sync::Arc};

use crate::{
    attempt::{Listing, fetch_page},
    client::{Client, Shared},
    cursor::Cursor,
    error::{Error, Result},
    input,
    page::AlbumContentPage,
    pages::AlbumContentPages,
    pagination,
    sort::{SortDirection, SortType},
    stream::AlbumContentStream,
};

const LARGEST_PAGE: u32 = 100;

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
    page_size: u32,
    page_cursor: Option<Cursor>,
    sort_type: Option<SortType>,
    sort_direction: Option<SortDirection>,
    trace_id: Option<String>,
}

impl ListAlbumContent {
    pub(crate) fn new(client: Client, album_id: String) -> Self {
        Self {
            client,
            album_id,
            page_size: LARGEST_PAGE,
            page_cursor: None,
            sort_type: None,
            sort_direction: None,
            trace_id: None,
        }
    }

    /// The most files on a page (`pageSize`), 1 to 100; 100 unless set. The service may return fewer.
    pub fn page_size(mut self, files: u32) -> Self {
        self.page_size = files;
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

    /// Fetches one page: the first, or the one at [`page_cursor`](Self::page_cursor).
    ///
    /// # Errors
    ///
    /// Any [`ErrorKind`](crate::ErrorKind).
    pub async fn send(self) -> Result<AlbumContentPage> {
        let (shared, listing, start) = self.checked()?;
        fetch_page(&shared, &listing, start.as_ref()).await
    }

    /// The pages, one after another, as a stream. Nothing is sent before the first poll.
    pub fn pages(self) -> AlbumContentPages {
        match self.checked() {
            Ok((shared, listing, start)) => {
                let listing = Arc::new(listing);
                AlbumContentPages::new(pagination::pages(start, move |cursor| {
                    let (shared, listing) = (Arc::clone(&shared), Arc::clone(&listing));
                    async move { fetch_page(&shared, &listing, cursor.as_ref()).await }
                }))
            }
            Err(error) => AlbumContentPages::failed(error),
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
        AlbumContentStream::new(self.pages())
    }

    fn checked(self) -> Result<(Arc<Shared>, Listing, Option<Cursor>)> {
        input::album_id(&self.album_id)?;
        self.trace_id.as_deref().map_or(Ok(()), input::trace_id)?;
        if self.page_cursor.as_ref().is_some_and(Cursor::is_too_long) {
            return Err(Error::invalid("the page cursor has more than 8192 bytes"));
        }
        let listing = Listing {
            page_size: input::page_size(self.page_size)?,
            album_id: self.album_id,
            sort_type: self.sort_type,
            sort_direction: self.sort_direction,
            trace_id: self.trace_id,
        };
        Ok((self.client.0, listing, self.page_cursor))
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

//! `list_albums`: the request builder of a listing of albums.

use tracing::{Span, debug_span, field};

use super::{
    album::{Album, AlbumKind, AlbumType},
    albums_query::{ListAlbumsQuery, Section},
};
use crate::{
    calls::context::Client,
    checkpoint::Checkpoint,
    error::Result,
    input::{self, ensure},
    paging::{
        bounds::Bounds,
        items::{ItemStream, ReadAhead},
        listing::ListQuery,
        page::Page,
        pages::Pages,
    },
    telemetry,
};

/// Builds a listing of the user's albums; from [`Client::list_albums`].
///
/// Finish with [`stream`](Self::stream) for the albums, [`pages`](Self::pages) for the pages, or
/// [`send`](Self::send) for a single page. An invalid argument is then an error of kind
/// [`InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent.
///
/// The service lists albums of one kind and one type at a time. What is not set is listed in turn, as one
/// stream. An album is handed out once, even if the list shifts while it is read.
#[derive(Clone)]
#[must_use = "nothing is sent before `send`, or the first poll of `pages` or `stream`"]
pub struct ListAlbums {
    client: Client,
    kind: Option<AlbumKind>,
    album_type: Option<AlbumType>,
    group_id: Option<String>,
    page_size: u32,
    resume: Option<Checkpoint>,
}

impl ListAlbums {
    pub(crate) fn new(client: Client) -> Self {
        let page_size = input::LARGEST_PAGE;
        Self { client, kind: None, album_type: None, group_id: None, page_size, resume: None }
    }

    /// Lists only albums of this kind (`albumKind`). Default: both, personal albums first.
    pub fn kind(mut self, kind: AlbumKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Lists only albums of this type (`albumType`). Default: both, collection albums first.
    pub fn album_type(mut self, album_type: AlbumType) -> Self {
        self.album_type = Some(album_type);
        self
    }

    /// Lists the albums of this family (`groupId`).
    pub fn group_id(mut self, id: impl Into<String>) -> Self {
        self.group_id = Some(id.into());
        self
    }

    /// The maximum number of albums on a page (`pageSize`), from 1 to 100. Default: 100. The service may
    /// return fewer.
    pub fn page_size(mut self, albums: u32) -> Self {
        self.page_size = albums;
        self
    }

    /// Continues from where an earlier listing stood, with exactly the rest.
    ///
    /// All other settings must be those of the earlier listing. Otherwise it is an error of kind
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput).
    pub fn resume(mut self, checkpoint: Checkpoint) -> Self {
        self.resume = Some(checkpoint);
        self
    }

    /// Fetches one page: the first, or the one of the checkpoint.
    ///
    /// # Errors
    ///
    /// Any [`ErrorKind`](crate::ErrorKind).
    pub async fn send(self) -> Result<Page<Album>> {
        input::inside_tokio()?;
        self.resolve()?.send(bounds()).await
    }

    /// The pages as a stream. Nothing is sent before the first poll.
    ///
    /// An empty page ends the list of one kind and type, not the stream.
    pub fn pages(self) -> Pages<Album> {
        let start = self.start();
        match self.resolve() {
            Ok(query) => query.pages(bounds(), false),
            Err(error) => Pages::failed(start, error),
        }
    }

    /// The albums as a stream. Nothing is sent before the first poll.
    ///
    /// ```
    /// use futures::TryStreamExt;
    /// use koodrive::AlbumKind;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> koodrive::Result<()> {
    /// # let server = koodrive_testing::AlbumServer::builder().start().await;
    /// # let client = server.client();
    /// let mut albums = client.list_albums().kind(AlbumKind::Personal).stream();
    /// while let Some(album) = albums.try_next().await? {
    ///     println!("{} {}", album.id(), album.name().unwrap_or("(no name)"));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(self) -> ItemStream<Album> {
        ItemStream::new(self.pages(), ReadAhead { first_page: 0, later_pages: 0 }, None)
    }

    fn resolve(self) -> Result<ListQuery<ListAlbumsQuery>> {
        input::page_size(self.page_size)?;
        self.group_id.as_deref().map_or(Ok(()), |id| input::word("group id", id))?;
        let (start, listing, span) = (self.start(), self.query(), self.span());
        ensure(
            *start.key == listing.to_string() && listing.place(start.cursor.as_ref()).is_some(),
            "the checkpoint belongs to another listing; use the same kind, type, group and page size",
        )?;
        Ok(ListQuery { client: self.client, listing, start, trace_id: None, span, end: None })
    }

    fn start(&self) -> Checkpoint {
        let start = || Checkpoint::start(&self.query().to_string(), None);
        self.resume.clone().unwrap_or_else(start)
    }

    /// The span of the whole listing.
    fn span(&self) -> Span {
        debug_span!(
            target: telemetry::TARGET,
            "list_albums",
            page_size = self.page_size,
            kind = self.kind.map(field::debug),
            album_type = self.album_type.map(field::debug),
        )
    }

    fn query(&self) -> ListAlbumsQuery {
        let all =
            AlbumKind::ALL.into_iter().flat_map(|kind| AlbumType::ALL.map(|it| Section(kind, it)));
        let sections = all.filter(|Section(kind, album_type)| {
            self.kind.is_none_or(|it| it == *kind)
                && self.album_type.is_none_or(|it| it == *album_type)
        });
        let (sections, group_id) = (sections.collect(), self.group_id.clone());
        ListAlbumsQuery { sections, group_id, page_size: self.page_size }
    }
}

/// Each album once: one that is created in the meantime shifts the pages.
fn bounds() -> Bounds<Album> {
    Bounds::new(None, None).distinct(Album::id)
}

debug_only!(ListAlbums, |it| kind: it.kind, album_type: it.album_type, page_size: it.page_size);

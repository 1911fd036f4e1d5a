//! An album as the list of albums describes it.

use std::fmt;

use serde_json::{Map, Value};

use crate::albums::order::{Order, SortKey};

/// How an album came to be (`albumType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AlbumType {
    Collection = 1,
    Manual = 2,
}

/// Whose album it is (`albumKind`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AlbumKind {
    Personal = 1,
    Shared = 2,
}

impl AlbumType {
    pub(crate) fn from_code(code: u8) -> Option<Self> {
        [Self::Collection, Self::Manual].into_iter().find(|known| *known as u8 == code)
    }
}

impl AlbumKind {
    pub(crate) fn from_code(code: u8) -> Option<Self> {
        [Self::Personal, Self::Shared].into_iter().find(|known| *known as u8 == code)
    }
}

/// An album's id, name, kind and type, for
/// [`AlbumServerBuilder::album`](crate::AlbumServerBuilder::album) and
/// [`generated_album`](crate::AlbumServerBuilder::generated_album).
///
/// Every album is personal unless it is made [`shared`](Self::shared). A text becomes a manual album with
/// this id, so `album("holidays", files)` needs no `AlbumInfo`.
///
/// ```
/// use koodrive_testing::{AlbumFile, AlbumInfo, AlbumServer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let server = AlbumServer::builder()
///     .album(AlbumInfo::manual("A1").name("Holidays").shared(), [AlbumFile::new("F1")])
///     .generated_album(AlbumInfo::collection("A2"), 1_000)
///     .start()
///     .await;
/// # }
/// ```
#[derive(Clone)]
#[must_use = "an album is described to a method such as `AlbumServerBuilder::album`"]
pub struct AlbumInfo {
    pub(crate) id: String,
    pub(crate) kind: AlbumKind,
    pub(crate) album_type: AlbumType,
    pub(crate) group: Option<String>,
    pub(crate) has_cover: bool,
    fields: Map<String, Value>,
}

impl AlbumInfo {
    /// An album that the service fills by itself (`albumType` 1). Its files say when they were taken, and
    /// are listed in that order by default. Like the service's, it is listed without name and cover,
    /// unless it is given them.
    pub fn collection(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            kind: AlbumKind::Personal,
            album_type: AlbumType::Collection,
            group: None,
            has_cover: false,
            fields: Map::new(),
        }
    }

    /// An album that people fill (`albumType` 2). Its files say when they were added, and by whom, and are
    /// listed in the order of their creation by default. Its name is its id, unless it is given another.
    pub fn manual(id: impl Into<String>) -> Self {
        let id = id.into();
        let album = Self::collection(id.clone()).name(id).cover(true);
        Self { album_type: AlbumType::Manual, ..album }
    }

    /// Sets the name.
    pub fn name(self, name: impl Into<String>) -> Self {
        self.field("name", name.into())
    }

    /// Makes the album a shared one (`albumKind` 2).
    pub fn shared(mut self) -> Self {
        self.kind = AlbumKind::Shared;
        self
    }

    /// Makes the album one of a family. A request that names a family (`groupId`) gets only the albums of that
    /// family; any other gets them too.
    pub fn group(mut self, id: impl Into<String>) -> Self {
        self.group = Some(id.into());
        self
    }

    /// Whether the album is listed with a cover (`coverImg`): the thumbnail of its first file. An empty
    /// album has none.
    pub fn cover(mut self, has_cover: bool) -> Self {
        self.has_cover = has_cover;
        self
    }

    /// Sets any field of the list of albums, by the vendor's name, to any value: no `name`
    /// (`None::<String>`, which is sent as `null`), or one that the vendor does not document.
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// The order of its files if a request names none: by shooting time in a collection album, by
    /// creation time in a manual one.
    pub(crate) fn default_order(&self) -> Order {
        match self.album_type {
            AlbumType::Collection => Order { key: SortKey::Shooting, ..Order::NEWEST },
            AlbumType::Manual => Order::NEWEST,
        }
    }

    /// The album as the list of albums shows it.
    pub(crate) fn to_json(&self, cover: Option<String>) -> Value {
        let mut album = Map::from_iter([
            ("id".to_owned(), Value::from(&*self.id)),
            ("albumType".to_owned(), (self.album_type as u8).into()),
            ("albumKind".to_owned(), (self.kind as u8).into()),
            ("scopeDir".to_owned(), Value::Array(Vec::new())),
        ]);
        album.extend(cover.map(|cover| ("coverImg".to_owned(), cover.into())));
        album.extend(self.fields.clone());
        Value::Object(album)
    }
}

impl<T: Into<String>> From<T> for AlbumInfo {
    fn from(id: T) -> Self {
        Self::manual(id)
    }
}

/// Without the fields, which may hold links.
impl fmt::Debug for AlbumInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AlbumInfo")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("album_type", &self.album_type)
            .field("name", &self.fields.get("name"))
            .finish_non_exhaustive()
    }
}

//! A file of a custom album, described by the vendor's fields.
//!
//! It knows nothing of pages or sockets.

use std::fmt;
use std::time::SystemTime;

use koodrive::{FileType, Timestamp};
use serde_json::{Map, Value};

use crate::albums::info::{AlbumInfo, AlbumType};
use crate::albums::object;
use crate::albums::order::SortKey;
use crate::albums::presign::Presigner;
use crate::albums::stored::{OwnContent, Stored};
use crate::hash;

/// The time of a file whose test sets none.
const SOME_DAY: &str = "2025-01-01T00:00:00.000Z";

/// A file for [`AlbumServerBuilder::album`](crate::AlbumServerBuilder::album) and
/// [`AlbumServer::put_file`](crate::AlbumServer::put_file).
///
/// By default the file is a picture `<id>.jpg` of 40,000 bytes, created and edited at the start of 2025. In
/// a collection album it was taken then; in a manual album it was added then, by the owner.
///
/// # Content
///
/// Every file can be downloaded. Its content depends on its id, media type (`mimeType`) and size alone, so
/// it is the same in every run:
///
/// - A JPEG or PNG (`image/jpeg`, `image/png`) of at least 8 KiB is a picture that viewers open.
/// - Anything else has the first bytes of its kind (`video/mp4` the box `ftyp`), and then noise. It is
///   generated while it is sent, so that a size of 200 GB costs nothing.
///
/// [`content`](Self::content) sets content of your own. [`field`](Self::field) changes the size that is
/// listed, and not what is stored: `field("size", 5)` lies, and `field("size", None::<u64>)` says nothing.
///
/// ```
/// use koodrive_testing::AlbumFile;
///
/// let own = AlbumFile::new("F1").file_name("sea.txt").content("the sea");
/// let edited = AlbumFile::new("F2").edited_time("2025-09-16T01:31:20.654Z");
/// let video = AlbumFile::new("F3").file_name("sea.mp4").media_type("video/mp4").size(10 << 30);
/// let broken = AlbumFile::new("F4").field("size", -1).field("favorite", true);
/// ```
#[derive(Clone)]
#[must_use = "a file does nothing until it is added to an album"]
pub struct AlbumFile {
    /// The id given to [`new`](Self::new), even if the field `id` was changed.
    pub(crate) id: String,
    fields: Map<String, Value>,
    length: u64,
    own: Option<OwnContent>,
}

impl AlbumFile {
    /// A file with this id.
    pub fn new(id: impl Into<String>) -> Self {
        let id = id.into();
        Self { id: id.clone(), fields: Map::new(), length: 0, own: None }
            .file_name(format!("{id}.jpg"))
            .field("id", id)
            .media_type("image/jpeg")
            .file_type(FileType::Image)
            .size(40_000)
            .created_time(SOME_DAY)
            .edited_time(SOME_DAY)
            .field("recycled", false)
    }

    /// Sets the name (`fileName`) and the suffix that it ends in (`fileSuffix`).
    pub fn file_name(self, name: impl Into<String>) -> Self {
        let name = name.into();
        let suffix = name.rsplit_once('.').map(|(_, suffix)| suffix.to_owned());
        self.field("fileSuffix", suffix).field("fileName", name)
    }

    /// Sets the media type (`mimeType`), which the storage sends as `Content-Type`.
    pub fn media_type(self, media_type: impl Into<String>) -> Self {
        self.field("mimeType", media_type.into())
    }

    /// Sets the kind of file (`fileType`).
    pub fn file_type(self, kind: FileType) -> Self {
        self.field("fileType", kind.code())
    }

    /// Sets the size in bytes (`size`), and so the length of generated content. [`content`](Self::content)
    /// of your own keeps its length.
    pub fn size(mut self, bytes: u64) -> Self {
        self.length = bytes;
        self.field("size", bytes)
    }

    /// Sets when the picture was taken (`takeTime`), in the service's format:
    /// `2025-09-16T01:31:20.654Z`.
    pub fn take_time(self, time: impl Into<String>) -> Self {
        self.field("takeTime", time.into())
    }

    /// Sets when the file was created (`createdTime`), in the same format.
    pub fn created_time(self, time: impl Into<String>) -> Self {
        self.field("createdTime", time.into())
    }

    /// Sets when the file was last edited (`editedTime`), in the same format.
    pub fn edited_time(self, time: impl Into<String>) -> Self {
        self.field("editedTime", time.into())
    }

    /// Sets the content and the size.
    pub fn content(mut self, content: impl Into<Vec<u8>>) -> Self {
        let content = content.into();
        let size = content.len();
        self.own = Some(OwnContent::new(content));
        self.field("size", size)
    }

    /// Sets any field, by the vendor's name, to any value: a list of `containers`, another `contentUrl`,
    /// a negative size, or no `id` (`None::<String>`, which is sent as `null`).
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// The ascending sort key. A file without the time comes first.
    pub(crate) fn sort_key(&self, key: SortKey) -> (Option<SystemTime>, &str) {
        let name = match key {
            SortKey::Shooting => "takeTime",
            SortKey::Creation => "createdTime",
            SortKey::Update => "editedTime",
        };
        let text =
            self.text(name).unwrap_or(if self.fields.contains_key(name) { "" } else { SOME_DAY });
        (Timestamp::from(text).to_system_time(), &self.id)
    }

    /// The stored object that holds its content.
    pub(crate) fn object(&self, album_id: &str) -> u128 {
        fastrand::Rng::with_seed(self.seed(album_id)).u128(..)
    }

    pub(crate) fn stored(&self, album_id: &str) -> Stored {
        let times = ["editedTime", "createdTime"].map(|name| self.text(name));
        let mut times = times.into_iter().flatten().filter_map(|text| text.parse().ok());
        Stored {
            file_id: self.id.clone(),
            media_type: self.text("mimeType").unwrap_or("application/octet-stream").to_owned(),
            length: self.length,
            seed: self.seed(album_id),
            own: self.own.clone(),
            modified: times.next().unwrap_or_default(),
        }
    }

    /// The file as it stands on a page of an album. Whatever the test has set stays as it is.
    pub(crate) fn to_json(&self, album: &AlbumInfo, links: &Presigner<'_>) -> Value {
        let object = object::name(self.object(&album.id));
        let mut fields = self.fields.clone();
        let mut add = |name: &str, value: String| {
            fields.entry(name).or_insert_with(|| value.into());
        };
        add("ownerId", links.user_id.to_owned());
        add("contentUrl", links.content(&object, self.name()));
        if self.is_visual() {
            add("thumbnailUrl", links.thumbnail(&object, self.name()));
        }
        match album.album_type {
            AlbumType::Collection => add("takeTime", SOME_DAY.to_owned()),
            AlbumType::Manual => {
                add("addTime", SOME_DAY.to_owned());
                add("adderUserId", links.user_id.to_owned());
            }
        }
        Value::Object(fields)
    }

    fn is_visual(&self) -> bool {
        let media_type = self.text("mimeType").unwrap_or_default();
        media_type.starts_with("image/") || media_type.starts_with("video/")
    }

    fn name(&self) -> &str {
        self.text("fileName").unwrap_or_default()
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name)?.as_str()
    }

    fn seed(&self, album_id: &str) -> u64 {
        let parts = [album_id, "/", &self.id];
        hash::fnv1a(parts.map(str::as_bytes).into_iter().flatten())
    }
}

/// The content may be anything, so only its length is shown.
impl fmt::Debug for AlbumFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let content = self.own.as_ref().map(|own| format!("[{} bytes]", own.bytes.len()));
        f.debug_struct("AlbumFile")
            .field("id", &self.id)
            .field("content", &content)
            .finish_non_exhaustive()
    }
}

//! A file of a custom album, described by the vendor's fields.
//!
//! It knows nothing of pages or sockets.

use std::fmt;
use std::time::SystemTime;

use koodrive::{FileType, Timestamp};
use serde_json::{Map, Value};

use crate::albums::order::SortKey;
use crate::albums::presign::Presigner;
use crate::hash;

/// The time of a file whose test sets none.
const SOME_DAY: &str = "2025-01-01T00:00:00.000Z";

/// A file for [`AlbumServerBuilder::album`](crate::AlbumServerBuilder::album) and
/// [`AlbumServer::put_file`](crate::AlbumServer::put_file).
///
/// By default the file is a picture `<id>.jpg` of 1 byte, taken, created and edited at the start of
/// 2025. Its download link leads nowhere unless the file has [`content`](Self::content).
///
/// ```
/// use koodrive_testing::AlbumFile;
///
/// let picture = AlbumFile::new("F1").file_name("sea.jpg").content("not really a picture");
/// let edited = AlbumFile::new("F2").edited_time("2025-09-16T01:31:20.654Z");
/// let broken = AlbumFile::new("F3").field("size", -1).field("favorite", true);
/// ```
#[derive(Clone)]
#[must_use = "a file does nothing until it is added to an album"]
pub struct AlbumFile {
    id: String,
    fields: Map<String, Value>,
    content: Option<Vec<u8>>,
}

impl AlbumFile {
    /// A file with this id.
    pub fn new(id: impl Into<String>) -> Self {
        let id = id.into();
        Self { id: id.clone(), fields: Map::new(), content: None }
            .file_name(format!("{id}.jpg"))
            .field("id", id)
            .field("mimeType", "image/jpeg")
            .file_type(FileType::Image)
            .size(1)
            .take_time(SOME_DAY)
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

    /// Sets the kind of file (`fileType`).
    pub fn file_type(self, kind: FileType) -> Self {
        self.field("fileType", kind.code())
    }

    /// Sets the size in bytes (`size`).
    pub fn size(self, bytes: u64) -> Self {
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

    /// Sets the content and the size. The file's link then leads to this server.
    ///
    /// The server answers as the service's storage does: the link works for an hour by the server's
    /// clock, only if it is unchanged, and only for requests without `Authorization`.
    pub fn content(mut self, content: impl Into<Vec<u8>>) -> Self {
        let content = content.into();
        let size = content.len();
        self.content = Some(content);
        self.field("size", size)
    }

    /// Sets any field, by the vendor's name, to any value: a list of `containers`, another `contentUrl`,
    /// a negative size, or no `id` (`None::<String>`, which is sent as `null`).
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// The id given to [`new`](Self::new), even if the field `id` was changed.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn media_type(&self) -> Option<&str> {
        self.fields.get("mimeType")?.as_str()
    }

    pub(crate) fn stored_content(&self) -> Option<&[u8]> {
        self.content.as_deref()
    }

    /// The ascending sort key. A file without the time comes first.
    pub(crate) fn sort_key(&self, key: SortKey) -> (Option<SystemTime>, &str) {
        let name = match key {
            SortKey::Shooting => "takeTime",
            SortKey::Creation => "createdTime",
            SortKey::Update => "editedTime",
        };
        let text = self.fields.get(name).and_then(Value::as_str).unwrap_or_default();
        (Timestamp::from(text).to_system_time(), &self.id)
    }

    /// The name of the stored object that holds its content.
    pub(crate) fn object(&self, album_id: &str) -> String {
        let mut rng = fastrand::Rng::with_seed(self.seed(album_id));
        format!("{:032x}086", rng.u128(..))
    }

    /// The link to its content.
    pub(crate) fn link(&self, album_id: &str, presigner: &Presigner) -> String {
        let name = self.fields.get("fileName").and_then(Value::as_str).unwrap_or_default();
        presigner.content(&self.object(album_id), name, self.seed(album_id))
    }

    /// The file as it stands on a page. The test may have set another owner or link.
    pub(crate) fn to_json(&self, owner_id: &str, link: String) -> Value {
        let mut fields = self.fields.clone();
        fields.entry("ownerId").or_insert_with(|| owner_id.into());
        fields.entry("contentUrl").or_insert_with(|| link.into());
        Value::Object(fields)
    }

    fn seed(&self, album_id: &str) -> u64 {
        hash::fnv1a(format!("{album_id}/{}", self.id).as_bytes())
    }
}

/// The content may be anything, so only its length is shown.
impl fmt::Debug for AlbumFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let content = self.content.as_ref().map(|content| format!("[{} bytes]", content.len()));
        f.debug_struct("AlbumFile")
            .field("id", &self.id)
            .field("content", &content)
            .finish_non_exhaustive()
    }
}

//! A file of an album of the test's own, described in the service's words.
//!
//! It knows the vendor's names of the fields, and nothing of order, pages or sockets.

use std::fmt;
use std::time::SystemTime;

use koodrive::{FileType, Timestamp};
use serde_json::{Map, Value};

use crate::albums::order::SortKey;
use crate::albums::presign::Presigner;
use crate::hash;

/// The time of a file whose test did not care.
const SOME_DAY: &str = "2025-01-01T00:00:00.000Z";

/// A file for [`AlbumServerBuilder::album`](crate::AlbumServerBuilder::album) and
/// [`AlbumServer::put_file`](crate::AlbumServer::put_file).
///
/// Unless set otherwise it is a picture `<id>.jpg` of 1 byte, taken, created and edited at the start of
/// 2025, with a download link that leads nowhere; with [`content`](Self::content) the link works.
///
/// ```
/// use koodrive_testing::AlbumFile;
///
/// let picture = AlbumFile::new("F1").file_name("sea.jpg").content("not really a picture");
/// let edited = AlbumFile::new("F2").edited_time("2025-09-16T01:31:20.654Z");
/// let broken = AlbumFile::new("F3").field("size", -1).field("favorite", true);
/// ```
#[derive(Clone)]
#[must_use = "a file is nowhere until it is given to an album"]
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

    /// The name (`fileName`), and the suffix that it ends in (`fileSuffix`).
    pub fn file_name(self, name: impl Into<String>) -> Self {
        let name = name.into();
        let suffix = name.rsplit_once('.').map(|(_, suffix)| suffix.to_owned());
        self.field("fileSuffix", suffix).field("fileName", name)
    }

    /// What kind of file it is (`fileType`).
    pub fn file_type(self, kind: FileType) -> Self {
        self.field("fileType", kind.code())
    }

    /// The size in bytes (`size`).
    pub fn size(self, bytes: u64) -> Self {
        self.field("size", bytes)
    }

    /// When the picture was taken (`takeTime`), as the service writes it: `2025-09-16T01:31:20.654Z`.
    pub fn take_time(self, time: impl Into<String>) -> Self {
        self.field("takeTime", time.into())
    }

    /// When the file was created (`createdTime`), likewise.
    pub fn created_time(self, time: impl Into<String>) -> Self {
        self.field("createdTime", time.into())
    }

    /// When the file was last changed (`editedTime`), likewise.
    pub fn edited_time(self, time: impl Into<String>) -> Self {
        self.field("editedTime", time.into())
    }

    /// What is in the file. Its link then leads to this server, which hands the content out as the
    /// service's storage does: for an hour by the server's clock, only if the link was left as it is,
    /// and not to a request with an `Authorization`. Sets the size, too.
    pub fn content(mut self, content: impl Into<Vec<u8>>) -> Self {
        let content = content.into();
        let size = content.len();
        self.content = Some(content);
        self.field("size", size)
    }

    /// Any field, by the vendor's name, whether or not the value makes sense: a list of `containers`, a
    /// `contentUrl` of your own, a negative size, no `id` (`None::<String>`, which is sent as `null`).
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// The id that it was made with, whatever became of that field.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn media_type(&self) -> Option<&str> {
        self.fields.get("mimeType")?.as_str()
    }

    pub(crate) fn stored(&self) -> Option<&[u8]> {
        self.content.as_deref()
    }

    /// What the file is sorted by, ascending; one without the time comes first.
    pub(crate) fn sort_key(&self, key: SortKey) -> (Option<SystemTime>, &str) {
        let name = match key {
            SortKey::Shooting => "takeTime",
            SortKey::Creation => "createdTime",
            SortKey::Update => "editedTime",
        };
        let text = self.fields.get(name).and_then(Value::as_str).unwrap_or_default();
        (Timestamp::from(text.to_owned()).to_system_time(), &self.id)
    }

    /// The name under which its content is stored.
    pub(crate) fn object(&self, album_id: &str) -> String {
        let mut rng = fastrand::Rng::with_seed(self.seed(album_id));
        format!("{:032x}086", rng.u128(..))
    }

    /// The link to its content.
    pub(crate) fn link(&self, album_id: &str, presigner: &Presigner) -> String {
        let name = self.fields.get("fileName").and_then(Value::as_str).unwrap_or_default();
        presigner.content(&self.object(album_id), name, self.seed(album_id))
    }

    /// The file as a page shows it, with the owner and the link unless the test set others.
    pub(crate) fn describe(&self, owner_id: &str, link: String) -> Value {
        let mut fields = self.fields.clone();
        fields.entry("ownerId").or_insert_with(|| owner_id.into());
        fields.entry("contentUrl").or_insert_with(|| link.into());
        Value::Object(fields)
    }

    fn seed(&self, album_id: &str) -> u64 {
        hash::fnv1a(format!("{album_id}/{}", self.id).as_bytes())
    }
}

/// The content may be anything, so that only its length is shown.
impl fmt::Debug for AlbumFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let content = self.content.as_ref().map(|content| format!("[{} bytes]", content.len()));
        f.debug_struct("AlbumFile")
            .field("id", &self.id)
            .field("content", &content)
            .finish_non_exhaustive()
    }
}

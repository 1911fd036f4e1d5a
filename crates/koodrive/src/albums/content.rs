//! A file of an album, as the service describes it.

use koodrive_api::{IdList, types};
use serde::{Deserialize, Serialize};

use super::{file_type::FileType, lenient, presigned_url::PresignedUrl, timestamp::Timestamp};

/// A file in an album: the vendor's `AlbumContent`.
///
/// Only the id is always present; the vendor promises none of the other fields. It serialises to the
/// vendor's JSON, and deserialises from it, with ids and sizes as numbers or strings. **Its JSON holds the
/// pre-signed URLs**, which give access to the file.
///
/// ```
/// # fn main() -> Result<(), serde_json::Error> {
/// use koodrive::{AlbumContent, FileType};
///
/// let file: AlbumContent = serde_json::from_str(
///     r#"{"id": "FsZe6OnbZbVM", "fileName": "sea.jpg", "fileType": "15", "size": 64492}"#,
/// )?;
/// assert_eq!(file.file_name(), Some("sea.jpg"));
/// assert_eq!(file.file_type(), Some(FileType::Image));
/// assert_eq!(file.size(), Some(64_492));
/// assert_eq!(file.take_time(), None);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlbumContent {
    #[serde(deserialize_with = "lenient::id")]
    id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    take_time: Option<Timestamp>,
    #[serde(
        default,
        deserialize_with = "lenient::optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    owner_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mime_type: Option<String>,
    #[serde(
        default,
        deserialize_with = "lenient::optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    file_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file_suffix: Option<String>,
    #[serde(
        default,
        deserialize_with = "lenient::optional_texts",
        skip_serializing_if = "Option::is_none"
    )]
    parent_folder: Option<Vec<String>>,
    #[serde(
        default,
        deserialize_with = "lenient::optional_texts",
        skip_serializing_if = "Option::is_none"
    )]
    containers: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created_time: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    edited_time: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recycled: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content_url: Option<PresignedUrl>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    thumbnail_url: Option<PresignedUrl>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    favorite: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    add_time: Option<Timestamp>,
    #[serde(
        default,
        deserialize_with = "lenient::optional_size",
        skip_serializing_if = "Option::is_none"
    )]
    size: Option<u64>,
    #[serde(
        default,
        deserialize_with = "lenient::optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    creating_user: Option<String>,
    #[serde(
        default,
        deserialize_with = "lenient::optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    adder_user_id: Option<String>,
}

impl AlbumContent {
    /// The file's id. Opaque text, even where it looks like a number.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name, with its suffix. **Not a safe path**: the service forbids `< > | : " * ? / \`, but do not
    /// rely on it.
    pub fn file_name(&self) -> Option<&str> {
        self.file_name.as_deref()
    }

    /// What kind of file it is.
    pub fn file_type(&self) -> Option<FileType> {
        self.file_type.as_deref().map(FileType::from_code)
    }

    /// The suffix alone, without its dot: `jpg`.
    pub fn file_suffix(&self) -> Option<&str> {
        self.file_suffix.as_deref()
    }

    /// The media type: `image/jpeg`.
    pub fn mime_type(&self) -> Option<&str> {
        self.mime_type.as_deref()
    }

    /// The size in bytes.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// When the picture was taken. Present in collection albums.
    pub fn take_time(&self) -> Option<&Timestamp> {
        self.take_time.as_ref()
    }

    /// When the file was created.
    pub fn created_time(&self) -> Option<&Timestamp> {
        self.created_time.as_ref()
    }

    /// When the file was last changed: the vendor's "update time".
    pub fn edited_time(&self) -> Option<&Timestamp> {
        self.edited_time.as_ref()
    }

    /// When the file was added to the album. Present in manual albums.
    pub fn add_time(&self) -> Option<&Timestamp> {
        self.add_time.as_ref()
    }

    /// Where to fetch the file, within an hour of the listing. The URL gives access to the file.
    pub fn content_url(&self) -> Option<&PresignedUrl> {
        self.content_url.as_ref()
    }

    /// Where to fetch a thumbnail, likewise.
    pub fn thumbnail_url(&self) -> Option<&PresignedUrl> {
        self.thumbnail_url.as_ref()
    }

    /// The id of the user who owns the file.
    pub fn owner_id(&self) -> Option<&str> {
        self.owner_id.as_deref()
    }

    /// The id of the user who created the file. In a family album, another user may have created the album.
    pub fn creating_user(&self) -> Option<&str> {
        self.creating_user.as_deref()
    }

    /// The id of the user who added the file. Present in manual albums.
    pub fn adder_user_id(&self) -> Option<&str> {
        self.adder_user_id.as_deref()
    }

    /// The ids of the folders that hold the file, at most 100; empty if the service returned none.
    pub fn parent_folder(&self) -> &[String] {
        self.parent_folder.as_deref().unwrap_or_default()
    }

    /// The ids of the containers that hold the file, at most 100; empty if the service returned none.
    pub fn containers(&self) -> &[String] {
        self.containers.as_deref().unwrap_or_default()
    }

    /// Whether the file is in the recycle bin.
    pub fn recycled(&self) -> Option<bool> {
        self.recycled
    }

    /// Whether the file is marked as a favourite.
    pub fn favorite(&self) -> Option<bool> {
        self.favorite
    }

    /// Whether [`from_wire`](Self::from_wire) loses nothing: there is an id, and the size is not negative.
    pub(crate) fn is_sound(wire: &types::AlbumContent) -> bool {
        wire.id.as_ref().is_some_and(|id| !id.is_empty()) && wire.size.is_none_or(|size| size >= 0)
    }

    /// Converts the generated type. No `Result`: that would cost another copy of each file.
    pub(crate) fn from_wire(wire: types::AlbumContent) -> Self {
        Self {
            id: wire.id.unwrap_or_default(),
            take_time: wire.take_time.map(Timestamp::from),
            owner_id: wire.owner_id,
            file_name: wire.file_name,
            mime_type: wire.mime_type,
            file_type: wire.file_type,
            file_suffix: wire.file_suffix,
            parent_folder: wire.parent_folder.map(IdList::into_vec),
            containers: wire.containers.map(IdList::into_vec),
            created_time: wire.created_time.map(Timestamp::from),
            edited_time: wire.edited_time.map(Timestamp::from),
            recycled: wire.recycled,
            content_url: wire.content_url.map(PresignedUrl::from),
            thumbnail_url: wire.thumbnail_url.map(PresignedUrl::from),
            favorite: wire.favorite,
            add_time: wire.add_time.map(Timestamp::from),
            size: wire.size.map(i64::unsigned_abs),
            creating_user: wire.creating_user,
            adder_user_id: wire.adder_user_id,
        }
    }
}

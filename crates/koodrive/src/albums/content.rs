//! A file of an album, as the service describes it.

use std::{fmt, sync::Arc};

use koodrive_api::Field;
use serde::{Deserialize, Serialize};

use super::{file_type::FileType, presigned_url::PresignedUrl, timestamp::Timestamp};
use crate::checkpoint::Checkpoint;

/// A file in an album: the vendor's `AlbumContent`.
///
/// Only the id is always present; the vendor promises none of the other fields. It serialises to the
/// vendor's JSON, and deserialises from it, with numbers, strings and booleans in each other's place. **Its JSON
/// holds the pre-signed URLs**, which give access to the file.
///
/// A file that was listed knows its page, so that [`Client::download`](crate::Client::download) can renew its
/// link. The page is no part of its JSON, and `==` ignores it.
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
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlbumContent {
    record: koodrive_api::AlbumContent,
    /// Where its page begins. Shared by the files of the page, which it does not hold.
    #[serde(skip)]
    page: Option<Arc<Checkpoint>>,
}

impl AlbumContent {
    /// The file's id. Opaque text, even where it looks like a number.
    pub fn id(&self) -> &str {
        self.text(Field::Id).unwrap_or_default()
    }

    /// The name, with its suffix. **Not a safe path**: the service forbids `< > | : " * ? / \`, but do not
    /// rely on it.
    pub fn file_name(&self) -> Option<&str> {
        self.text(Field::FileName)
    }

    /// What kind of file it is.
    pub fn file_type(&self) -> Option<FileType> {
        self.text(Field::FileType).map(FileType::from_code)
    }

    /// The suffix alone, without its dot: `jpg`.
    pub fn file_suffix(&self) -> Option<&str> {
        self.text(Field::FileSuffix)
    }

    /// The media type: `image/jpeg`.
    pub fn mime_type(&self) -> Option<&str> {
        self.text(Field::MimeType)
    }

    /// The size in bytes.
    pub fn size(&self) -> Option<u64> {
        self.record.number(Field::Size)
    }

    /// When the picture was taken. Present in collection albums.
    pub fn take_time(&self) -> Option<Timestamp<'_>> {
        self.text(Field::TakeTime).map(Timestamp::from)
    }

    /// When the file was created.
    pub fn created_time(&self) -> Option<Timestamp<'_>> {
        self.text(Field::CreatedTime).map(Timestamp::from)
    }

    /// When the file was last changed: the vendor's "update time".
    pub fn edited_time(&self) -> Option<Timestamp<'_>> {
        self.text(Field::EditedTime).map(Timestamp::from)
    }

    /// When the file was added to the album. Present in manual albums.
    pub fn add_time(&self) -> Option<Timestamp<'_>> {
        self.text(Field::AddTime).map(Timestamp::from)
    }

    /// Where to fetch the file, within an hour of the listing. The URL gives access to the file.
    pub fn content_url(&self) -> Option<PresignedUrl<'_>> {
        self.text(Field::ContentUrl).map(PresignedUrl::from)
    }

    /// Where to fetch a thumbnail, likewise.
    pub fn thumbnail_url(&self) -> Option<PresignedUrl<'_>> {
        self.text(Field::ThumbnailUrl).map(PresignedUrl::from)
    }

    /// The id of the user who owns the file.
    pub fn owner_id(&self) -> Option<&str> {
        self.text(Field::OwnerId)
    }

    /// The id of the user who created the file. In a family album, another user may have created the album.
    pub fn creating_user(&self) -> Option<&str> {
        self.text(Field::CreatingUser)
    }

    /// The id of the user who added the file. Present in manual albums.
    pub fn adder_user_id(&self) -> Option<&str> {
        self.text(Field::AdderUserId)
    }

    /// The ids of the folders that hold the file, at most 100; none if the service returned none.
    pub fn parent_folder(&self) -> impl Iterator<Item = &str> {
        self.record.ids(Field::ParentFolder)
    }

    /// The ids of the containers that hold the file, at most 100; none if the service returned none.
    pub fn containers(&self) -> impl Iterator<Item = &str> {
        self.record.ids(Field::Containers)
    }

    /// Whether the file is in the recycle bin.
    pub fn recycled(&self) -> Option<bool> {
        self.record.flag(Field::Recycled)
    }

    /// Whether the file is marked as a favourite.
    pub fn favorite(&self) -> Option<bool> {
        self.record.flag(Field::Favorite)
    }

    /// Whether `other` is the same version of the same file: id, size and edited time are equal. The URLs
    /// change with each listing.
    pub fn same_version(&self, other: &Self) -> bool {
        self.id() == other.id()
            && self.size() == other.size()
            && self.edited_time() == other.edited_time()
    }

    /// A copy without [`content_url`](Self::content_url) and [`thumbnail_url`](Self::thumbnail_url), which are
    /// secrets: to be stored or passed on. It can still be downloaded, as it keeps its page.
    pub fn without_urls(&self) -> Self {
        let record = self.record.without(&[Field::ContentUrl, Field::ThumbnailUrl]);
        Self { record, page: self.page.clone() }
    }

    pub(super) fn new(record: koodrive_api::AlbumContent) -> Self {
        Self { record, page: None }
    }

    pub(super) fn set_page(&mut self, page: &Arc<Checkpoint>) {
        self.page = Some(Arc::clone(page));
    }

    /// The page that it was listed on. One that was deserialised knows none.
    pub(crate) fn page(&self) -> Option<&Checkpoint> {
        self.page.as_deref()
    }

    fn text(&self, field: Field) -> Option<&str> {
        self.record.text(field)
    }
}

impl PartialEq for AlbumContent {
    fn eq(&self, other: &Self) -> bool {
        self.record == other.record
    }
}

impl Eq for AlbumContent {}

/// Shows only the hosts of the URLs.
impl fmt::Debug for AlbumContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.record.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cursor::Cursor;

    const FILE: &str =
        r#"{"id":"1","editedTime":"x","contentUrl":"https://a.example/?k","size":5}"#;

    fn file(json: &str) -> AlbumContent {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn every_property_of_the_document_has_an_accessor() {
        let accessors = include_str!("content.rs").split("#[cfg(test)]").next().unwrap();
        for field in Field::ALL {
            assert!(accessors.contains(&format!("(Field::{field:?})")), "{field:?} has none");
        }
    }

    #[test]
    fn a_version_is_the_id_the_size_and_the_edited_time() {
        let same = r#"{"id":"1","editedTime":"x","contentUrl":"https://a.example/?l","size":5,"fileName":"n"}"#;
        assert!(file(FILE).same_version(&file(same)));
        for (from, to) in [("\"1\"", "\"2\""), ("\"x\"", "null"), ("5", "6")] {
            assert!(!file(FILE).same_version(&file(&same.replace(from, to))), "{to}");
        }
    }

    #[test]
    fn a_copy_without_urls_is_the_same_version_of_the_file() {
        let copy = file(FILE).without_urls();
        assert_eq!((copy.content_url(), copy.thumbnail_url()), (None, None));
        assert!(copy.same_version(&file(FILE)) && copy != file(FILE));
        assert_eq!(
            serde_json::to_string(&copy).unwrap(),
            r#"{"id":"1","editedTime":"x","size":5}"#
        );
    }

    #[test]
    fn a_page_is_kept_by_copies_and_neither_compared_nor_shown_nor_serialised() {
        let page = Arc::new(Checkpoint::start("17:100::", Cursor::new(Some("canary".to_owned()))));
        let mut listed = file(FILE);
        listed.set_page(&page);

        assert_eq!(listed.clone().page(), Some(&*page));
        assert_eq!(listed.without_urls().page(), Some(&*page));
        assert_eq!(listed, file(FILE));
        let json = serde_json::to_string(&listed).unwrap();
        assert!(!format!("{json} {listed:?}").contains("canary"));
        assert_eq!(file(&json).page(), None);
    }
}

//! A line of the manifest. It holds no link and no token.

use koodrive::{AlbumContent, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::disk::folder::milliseconds;

/// What is known about a file of the album. Lines of earlier versions lack what was added later.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Entry {
    pub(crate) id: String,
    /// Relative to the target, with `/` between its parts.
    pub(crate) path: String,
    /// The file as it was left. `None` until it was there.
    #[serde(rename = "file", skip_serializing_if = "Option::is_none")]
    pub(crate) local: Option<Local>,
    /// The version that is being fetched, by which it is recognised if the line about it gets lost.
    #[serde(rename = "fetching", skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<Version>,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) about: About,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) thumbnail: Option<Local>,
    /// Whether the file beside it, with what the album says about it, belongs to the copy.
    #[serde(rename = "sidecar", skip_serializing_if = "is_default")]
    pub(crate) has_sidecar: bool,
    /// Whether the copy has it no longer.
    #[serde(rename = "removed", skip_serializing_if = "is_default")]
    pub(crate) is_removed: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Local {
    pub(crate) size: u64,
    /// The modification time on the disk, in milliseconds since 1970.
    pub(crate) modified: i64,
    /// When the version that it is was edited, in the service's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) edited: Option<String>,
    /// The storage's name for the version that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) etag: Option<String>,
    /// In hexadecimal digits. `None` if the file was only recognised by its name and size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sha256: Option<String>,
}

/// What the album says about a version of a file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Version {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) edited: Option<String>,
    /// The modification time that it gets, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) time: Option<i64>,
}

/// What the album says about a file, for those who look at the copy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct About {
    /// In milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) taken: Option<i64>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) favorite: Option<bool>,
    /// The SHA-256 of what its sidecar says, or was to say when it could not be written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sidecar: Option<String>,
}

impl Entry {
    pub(crate) fn new(id: &str, path: &str) -> Self {
        Self { id: id.to_owned(), path: path.to_owned(), ..Self::default() }
    }

    /// The path of the file beside it.
    pub(crate) fn sidecar(&self) -> String {
        sidecar(&self.path)
    }

    /// The path of the thumbnail: of the id alone, so that it stays.
    pub(crate) fn thumbnail_path(&self) -> String {
        let digest = hex::encode(Sha256::digest(&self.id));
        let (folder, name) = digest.split_at_checked(2).unwrap_or_default();
        format!(".koodrive/thumbnails/{folder}/{}.jpg", name.get(..30).unwrap_or_default())
    }
}

/// The path of the file beside the one at `path`.
pub(crate) fn sidecar(path: &str) -> String {
    format!("{path}.json")
}

impl Version {
    pub(crate) fn of(file: &AlbumContent) -> Self {
        let edited = file.edited_time().map(|time| time.as_str().to_owned());
        Self { size: file.size(), edited, time: taken(file) }
    }
}

impl About {
    pub(crate) fn of(file: &AlbumContent, sidecar: Option<String>) -> Self {
        let kind = file.file_type().map(|kind| kind.to_string());
        Self { taken: taken(file), kind, favorite: file.favorite(), sidecar }
    }
}

fn taken(file: &AlbumContent) -> Option<i64> {
    taken_time(file).and_then(Timestamp::to_system_time).map(milliseconds)
}

/// When a file was taken, or else created: the modification time that a download sets.
pub(crate) fn taken_time(file: &AlbumContent) -> Option<Timestamp<'_>> {
    let is_known = |time: &Timestamp<'_>| time.to_system_time().is_some();
    file.take_time().filter(is_known).or_else(|| file.created_time())
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

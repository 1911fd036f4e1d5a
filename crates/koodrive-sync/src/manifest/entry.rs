//! A line of the manifest. It holds no link and no token.

use serde::{Deserialize, Serialize};

/// What is known about a file of the album.
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
    /// Whether the file beside it, with what the album says about it, belongs to the copy.
    #[serde(rename = "sidecar", skip_serializing_if = "is_false")]
    pub(crate) has_sidecar: bool,
    /// Whether the copy has it no longer.
    #[serde(rename = "removed", skip_serializing_if = "is_false")]
    pub(crate) is_removed: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Local {
    pub(crate) size: u64,
    /// The modification time on the disk, in milliseconds since 1970.
    pub(crate) modified: i64,
    /// When the version that it is was edited, in the service's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) edited: Option<String>,
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

impl Entry {
    pub(crate) fn new(id: &str, path: &str) -> Self {
        Self { id: id.to_owned(), path: path.to_owned(), ..Self::default() }
    }

    /// The path of the file beside it.
    pub(crate) fn sidecar(&self) -> String {
        sidecar(&self.path)
    }
}

/// The path of the file beside the one at `path`.
pub(crate) fn sidecar(path: &str) -> String {
    format!("{path}.json")
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

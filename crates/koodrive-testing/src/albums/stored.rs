//! What the storage holds of a file. How its bytes are made is not known here.

use bytes::Bytes;
use jiff::Timestamp;

use crate::hash::sha256_hex;

/// A stored object.
pub(crate) struct Stored {
    pub(crate) file_id: String,
    pub(crate) media_type: String,
    /// The length of content that is generated.
    pub(crate) length: u64,
    /// Determines generated content.
    pub(crate) seed: u64,
    pub(crate) own: Option<OwnContent>,
    pub(crate) modified: Timestamp,
}

/// Bytes that a test set.
#[derive(Clone)]
pub(crate) struct OwnContent {
    pub(crate) bytes: Bytes,
    pub(crate) digest: String,
}

impl OwnContent {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        let digest = sha256_hex(&bytes);
        Self { bytes: bytes.into(), digest }
    }
}

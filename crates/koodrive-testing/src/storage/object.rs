//! An object, or its thumbnail, with what the storage says about it.

use jiff::Timestamp;

use crate::albums::stored::Stored;
use crate::storage::content::Content;
use crate::storage::picture::Format;

/// The length of the parts in which files are uploaded.
const PART: u64 = 8 << 20;

/// What a link leads to.
pub(crate) struct Object {
    pub(crate) content: Content,
    pub(crate) media_type: String,
    /// Quoted.
    pub(crate) etag: String,
    pub(crate) modified: Timestamp,
}

impl Object {
    pub(crate) fn of(stored: &Stored) -> Self {
        let content = Content::of(stored);
        let digest = match &stored.own {
            Some(own) => own.digest.chars().take(32).collect(),
            None => digest(stored.seed ^ stored.length),
        };
        Self {
            etag: etag(&digest, content.length()),
            content,
            media_type: stored.media_type.clone(),
            modified: stored.modified,
        }
    }

    pub(crate) fn thumbnail_of(stored: &Stored) -> Self {
        let content = Content::thumbnail_of(stored);
        Self {
            etag: etag(&digest(!stored.seed), content.length()),
            content,
            media_type: Format::of_thumbnail(&stored.media_type).media_type().to_owned(),
            modified: stored.modified,
        }
    }
}

/// The form of an ETag after an upload in parts. It is no MD5 of the content.
fn etag(digest: &str, length: u64) -> String {
    format!("\"{digest}-{}\"", length.div_ceil(PART).max(1))
}

fn digest(seed: u64) -> String {
    format!("{:032x}", fastrand::Rng::with_seed(seed).u128(..))
}

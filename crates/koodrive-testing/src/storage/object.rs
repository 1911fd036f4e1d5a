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
        let digest = match &stored.own {
            Some(own) => own.digest.chars().take(32).collect(),
            None => digest(stored.seed ^ stored.length),
        };
        Self::new(stored, Content::of(stored), &digest, &stored.media_type)
    }

    pub(crate) fn thumbnail_of(stored: &Stored) -> Self {
        let media_type = Format::of_thumbnail(&stored.media_type).media_type();
        Self::new(stored, Content::thumbnail_of(stored), &digest(!stored.seed), media_type)
    }

    /// Its ETag has the form of that of an upload in parts. It is no MD5 of the content.
    fn new(stored: &Stored, content: Content, digest: &str, media_type: &str) -> Self {
        Self {
            etag: format!("\"{digest}-{}\"", content.length().div_ceil(PART).max(1)),
            content,
            media_type: media_type.to_owned(),
            modified: stored.modified,
        }
    }
}

fn digest(seed: u64) -> String {
    format!("{:032x}", fastrand::Rng::with_seed(seed).u128(..))
}

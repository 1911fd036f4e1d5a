//! Where a listing stands: plain data, so that an error can carry it. What the key means is known to the
//! operation alone, which is why the text is parsed there.

use std::{fmt, sync::Arc};

use koodrive_api::RESERVED;
use percent_encoding::utf8_percent_encode;
use serde::{Serialize, Serializer};

use crate::cursor::Cursor;

/// Where a listing stands: what is listed, in which order and page size, and the next item.
///
/// It comes from [`AlbumContentStream::checkpoint`](crate::AlbumContentStream::checkpoint),
/// [`AlbumContentPages::checkpoint`](crate::AlbumContentPages::checkpoint) or
/// [`Error::checkpoint`](crate::Error::checkpoint), and
/// [`ListAlbumContent::resume`](crate::ListAlbumContent::resume) or
/// [`ListAlbums::resume`](crate::ListAlbums::resume) continues from it. To keep it, use serde,
/// or its text: one line, written by `to_string` and read by `parse`. That text holds the page cursor,
/// which `Debug` does not show.
///
/// A checkpoint is valid for as long as the service knows its cursor. If the album changes in the
/// meantime, so does what its pages hold.
///
/// ```
/// use futures::TryStreamExt;
/// use koodrive::Checkpoint;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> koodrive::Result<()> {
/// # let server = koodrive_testing::AlbumServer::builder().files(250).start().await;
/// # let (client, album_id) = (server.client(), server.album_id());
/// let mut files = client.list_album_content(album_id).stream();
/// for _ in 0..130 {
///     files.try_next().await?;
/// }
/// let saved: String = files.checkpoint().to_string();
///
/// let checkpoint: Checkpoint = saved.parse()?;
/// let rest = client.list_album_content(album_id).resume(checkpoint).stream();
/// assert_eq!(rest.try_collect::<Vec<_>>().await?.len(), 120);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// What is listed and how, in the operation's own words.
    pub(crate) key: Arc<str>,
    /// The cursor of the page in hand; `None` on the first page.
    pub(crate) cursor: Option<Cursor>,
    /// How many entries of that page were handed out.
    pub(crate) taken: usize,
    /// Items handed out in all.
    pub(crate) items: u64,
    /// Pages before the one in hand.
    pub(crate) pages: u64,
}

impl Checkpoint {
    /// The first field of a checkpoint's text. Another one would mean another format.
    pub(crate) const VERSION: &str = "1";

    /// Before the first item, or at the page that `cursor` leads to.
    pub(crate) fn start(key: &str, cursor: Option<Cursor>) -> Self {
        Self { key: key.into(), cursor, taken: 0, items: 0, pages: 0 }
    }

    /// The id of the album; empty in a listing of albums.
    pub fn album_id(&self) -> &str {
        self.key.split(':').next().unwrap_or_default()
    }

    /// How many files or albums were handed out before this point.
    pub fn items(&self) -> u64 {
        self.items
    }
}

debug_only!(Checkpoint, |it| album_id: it.album_id(), items: it.items);

/// `1:<key>:<taken>:<items>:<pages>:<cursor>`, with the cursor encoded as in a URL.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, taken, items, pages, .. } = self;
        let cursor = self.cursor.as_ref().map_or("", Cursor::as_str);
        let cursor = utf8_percent_encode(cursor, RESERVED);
        write!(f, "{}:{key}:{taken}:{items}:{pages}:{cursor}", Self::VERSION)
    }
}

impl Serialize for Checkpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

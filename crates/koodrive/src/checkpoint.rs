//! Where a listing stands, in a form that outlives the program.

use std::{fmt, num::ParseIntError, str::FromStr, sync::Arc};

use koodrive_api::RESERVED;
use percent_encoding::{percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{
    albums::listing::Listing,
    albums::sort::{SortDirection, SortType},
    cursor::Cursor,
    error::{Error, Result},
    input,
};

/// Where a listing stands: which album, in which order and page size, and the next file.
///
/// From [`AlbumContentStream::checkpoint`](crate::AlbumContentStream::checkpoint) or
/// [`Error::checkpoint`]; [`ListAlbumContent::resume`](crate::ListAlbumContent::resume) goes on from
/// there. To keep it, use serde, or its text: one line, made by `to_string` and read by `parse`. That
/// text holds the page cursor, which `Debug` does not show.
///
/// It holds good for as long as the service knows its cursor, and if the album changes meanwhile, so
/// does what is on the pages.
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
/// let kept: String = files.checkpoint().to_string();
///
/// let checkpoint: Checkpoint = kept.parse()?;
/// let rest = client.list_album_content(album_id).resume(checkpoint).stream();
/// assert_eq!(rest.try_collect::<Vec<_>>().await?.len(), 120);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Checkpoint {
    pub(crate) listing: Arc<Listing>,
    /// Of the page in hand.
    pub(crate) cursor: Option<Cursor>,
    /// How many of that page's entries were handed out.
    pub(crate) taken: usize,
    /// Files handed out in all.
    pub(crate) items: u64,
    /// Pages handed out in all, the one in hand not counted.
    pub(crate) pages: u64,
}

impl Checkpoint {
    /// Before the first file, or at the page that `cursor` leads to.
    pub(crate) fn start(listing: Arc<Listing>, cursor: Option<Cursor>) -> Self {
        Self { listing, cursor, taken: 0, items: 0, pages: 0 }
    }

    /// The album.
    pub fn album_id(&self) -> &str {
        &self.listing.album_id
    }

    /// How many files were handed out before.
    pub fn items(&self) -> u64 {
        self.items
    }
}

impl fmt::Debug for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checkpoint")
            .field("album_id", &self.listing.album_id)
            .field("items", &self.items)
            .finish_non_exhaustive()
    }
}

/// The direction of a listing from both ends, which can be told but not resumed.
const BOTH: &str = "+";

/// The first field; another one would mean another form.
const VERSION: &str = "1";

/// `1:<album>:<page size>:<sort type>:<sort direction>:<taken>:<items>:<pages>:<cursor>`, with the
/// vendor's numbers for the order, nothing for what is not set, and the cursor spelt as in a URL.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Listing { album_id, page_size, sort_type, sort_direction, is_unordered } =
            &*self.listing;
        let sort_type = sort_type.map_or_else(String::new, SortType::number);
        let direction = match sort_direction {
            _ if *is_unordered => BOTH.to_owned(),
            Some(direction) => direction.number(),
            None => String::new(),
        };
        let (taken, items, pages) = (self.taken, self.items, self.pages);
        let cursor = self.cursor.as_ref().map_or("", Cursor::as_str);
        let cursor = utf8_percent_encode(cursor, RESERVED);
        let album_id = utf8_percent_encode(album_id, RESERVED); // one that was refused may hold anything
        write!(
            f,
            "{VERSION}:{album_id}:{page_size}:{sort_type}:{direction}:{taken}:{items}:{pages}:{cursor}"
        )
    }
}

impl FromStr for Checkpoint {
    type Err = Error;

    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for anything but the text of a checkpoint.
    fn from_str(text: &str) -> Result<Self> {
        let fields: Vec<&str> = text.trim().split(':').collect();
        let [VERSION, album_id, page_size, sort_type, direction, taken, items, pages, cursor] =
            fields[..]
        else {
            return Err(not_one());
        };
        let listing = Listing {
            album_id: input::album_id(album_id)
                .map(|()| album_id.to_owned())
                .map_err(|_| not_one())?,
            page_size: number(page_size).and_then(input::page_size).map_err(|_| not_one())?,
            sort_type: optional(sort_type, SortType::from_number)?,
            sort_direction: match direction {
                BOTH => None,
                direction => optional(direction, SortDirection::from_number)?,
            },
            is_unordered: direction == BOTH,
        };
        Ok(Self {
            listing: Arc::new(listing),
            cursor: cursor_of(cursor)?,
            taken: number(taken)?,
            items: number(items)?,
            pages: number(pages)?,
        })
    }
}

fn number<T: FromStr<Err = ParseIntError>>(digits: &str) -> Result<T> {
    // `parse` takes a plus sign, too.
    let digits = Some(digits).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    digits.and_then(|digits| digits.parse().ok()).ok_or_else(not_one)
}

fn optional<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>> {
    match text {
        "" => Ok(None),
        text => read(text).map(Some).ok_or_else(not_one),
    }
}

fn cursor_of(text: &str) -> Result<Option<Cursor>> {
    let cursor = percent_decode_str(text).decode_utf8().map_err(|_| not_one())?;
    match Cursor::new(Some(cursor.into_owned())) {
        Some(cursor) if cursor.is_too_long() => Err(not_one()),
        cursor => Ok(cursor),
    }
}

/// The text itself is not repeated: it may hold a cursor, or be something else that is secret.
fn not_one() -> Error {
    Error::invalid("that is no checkpoint; expected the whole text of one, unchanged")
}

impl Serialize for Checkpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Checkpoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn checkpoint(cursor: &str) -> Checkpoint {
        let listing = Listing {
            album_id: "1795607640592646273".to_owned(),
            page_size: NonZeroU32::new(10).unwrap(),
            sort_type: Some(SortType::ShootingTime),
            sort_direction: None,
            is_unordered: false,
        };
        let cursor = Cursor::new(Some(cursor.to_owned()));
        Checkpoint { listing: Arc::new(listing), cursor, taken: 7, items: 1_007, pages: 100 }
    }

    #[test]
    fn the_text_is_one_line_and_leads_back() {
        let text = checkpoint("a:b c\n%é").to_string();
        assert_eq!(text, "1:1795607640592646273:10:1::7:1007:100:a%3Ab%20c%0A%25%C3%A9");
        assert_eq!(text.parse::<Checkpoint>().unwrap(), checkpoint("a:b c\n%é"));
        assert_eq!(format!("{text}\n").parse::<Checkpoint>().unwrap(), checkpoint("a:b c\n%é"));

        let json = serde_json::to_string(&checkpoint("")).unwrap();
        assert_eq!(serde_json::from_str::<Checkpoint>(&json).unwrap(), checkpoint(""));
    }

    #[test]
    fn what_is_no_checkpoint_is_refused_and_not_repeated() {
        let long = format!("1:17:10:1:2:0:0:0:{}", "c".repeat(8 * 1024 + 1));
        for text in [
            "",
            "secret",
            "2:17:10:1:2:0:0:0:secret",
            "1:17:10:1:2:0:0:0",
            "1:17:10:1:2:0:0:0:secret:",
            "1::10:1:2:0:0:0:secret",
            "1:..:10:1:2:0:0:0:secret",
            "1:17:0:1:2:0:0:0:secret",
            "1:17:101:1:2:0:0:0:secret",
            "1:17:10:4:2:0:0:0:secret",
            "1:17:10:1:0:0:0:0:secret",
            "1:17:10:1:2:+1:0:0:secret",
            "1:17:10:1:2:-1:0:0:secret",
            "1:17:10:1:2:0:99999999999999999999:0:secret",
            "1:17:10:1:2:0:0::secret",
            "1:17:10:1:2:0:0:0:%ffsecret",
            &long,
        ] {
            let error = text.parse::<Checkpoint>().unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::InvalidInput, "{text}");
            assert!(!format!("{error} {error:?}").contains("secret"), "{text}");
        }
    }

    #[test]
    fn an_unordered_listing_is_told_from_others() {
        let checkpoint: Checkpoint = "1:17:100::+:0:250:4:".parse().unwrap();
        assert!(checkpoint.listing.is_unordered);
        assert_eq!(checkpoint.to_string(), "1:17:100::+:0:250:4:");
    }

    #[test]
    fn debug_does_not_show_the_cursor() {
        let shown = format!("{:?}", checkpoint("a-cursor"));
        assert!(!shown.contains("a-cursor"), "{shown}");
    }
}

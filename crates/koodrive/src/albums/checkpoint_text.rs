//! Text → [`Checkpoint`]. Only here is it known which keys are valid.

use std::str::FromStr;

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Deserializer, de};

use super::{albums_query::ListAlbumsQuery, content_query::ListContentQuery};
use crate::{
    checkpoint::Checkpoint,
    cursor::Cursor,
    error::{Error, Result},
    input::number,
};

impl FromStr for Checkpoint {
    type Err = Error;

    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for anything but the text of a checkpoint.
    fn from_str(text: &str) -> Result<Self> {
        parse(text.trim()).ok_or_else(invalid)
    }
}

fn parse(text: &str) -> Option<Checkpoint> {
    let rest = text.strip_prefix(Checkpoint::VERSION)?.strip_prefix(':')?;
    let mut fields = rest.rsplitn(5, ':'); // from the end, because the key has colons, too
    let checkpoint = Checkpoint {
        cursor: cursor_of(fields.next()?)?,
        pages: number(fields.next()?)?,
        items: number(fields.next()?)?,
        taken: number(fields.next()?)?,
        key: fields.next()?.into(),
    };
    // The key of a list of albums is compared when it is used.
    if !checkpoint.key.starts_with(ListAlbumsQuery::KEY) {
        ListContentQuery::parse(&checkpoint.key)?;
    }
    Some(checkpoint)
}

fn cursor_of(text: &str) -> Option<Option<Cursor>> {
    let text = percent_decode_str(text).decode_utf8().ok()?;
    let cursor = Cursor::new(Some(text.into_owned()));
    let is_too_long = cursor.as_ref().is_some_and(Cursor::is_too_long);
    if is_too_long { None } else { Some(cursor) }
}

/// The message does not repeat the text: it may hold a cursor, or be another secret.
fn invalid() -> Error {
    Error::invalid("not a valid checkpoint: expected the complete, unmodified text")
}

impl<'de> Deserialize<'de> for Checkpoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint(cursor: &str) -> Checkpoint {
        let cursor = Cursor::new(Some(cursor.to_owned()));
        let key = "1795607640592646273:10:1:".into();
        Checkpoint { key, cursor, taken: 7, items: 1_007, pages: 100 }
    }

    #[test]
    fn the_text_is_one_line_and_can_be_parsed() {
        let text = checkpoint("a:b c\n%é").to_string();
        assert_eq!(text, "1:1795607640592646273:10:1::7:1007:100:a%3Ab%20c%0A%25%C3%A9");
        assert_eq!(text.parse::<Checkpoint>().unwrap(), checkpoint("a:b c\n%é"));
        assert_eq!(format!("{text}\n").parse::<Checkpoint>().unwrap(), checkpoint("a:b c\n%é"));

        let json = serde_json::to_string(&checkpoint("")).unwrap();
        assert_eq!(serde_json::from_str::<Checkpoint>(&json).unwrap(), checkpoint(""));
    }

    #[test]
    fn text_that_is_not_a_checkpoint_is_refused_and_not_repeated() {
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
            "1:17:10/101:1:2:0:0:0:secret",
            "1:17:10/:1:2:0:0:0:secret",
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
    fn the_checkpoint_of_an_unordered_listing_can_be_parsed() {
        let checkpoint: Checkpoint = "1:17:100::+:0:250:4:".parse().unwrap();
        assert_eq!((checkpoint.album_id(), checkpoint.items()), ("17", 250));
        assert_eq!(checkpoint.to_string(), "1:17:100::+:0:250:4:");
    }

    #[test]
    fn debug_does_not_show_the_cursor() {
        let shown = format!("{:?}", checkpoint("a-cursor"));
        assert!(!shown.contains("a-cursor"), "{shown}");
    }
}

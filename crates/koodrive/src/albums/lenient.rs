//! Fields that are numbers on some of the vendor's pages and text on others.

use std::fmt;

use koodrive_api::{IdList, List};
use serde::{
    Deserialize, Deserializer,
    de::{self, Visitor},
};

/// Text, or the digits of a whole number.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    deserializer.deserialize_any(TextVisitor)
}

/// [`text`], or null.
pub(crate) fn optional_text<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    Ok(Option::<Text>::deserialize(deserializer)?.map(|Text(text)| text))
}

/// A list of [`text`]s, as long as an [`IdList`], or null.
pub(crate) fn optional_texts<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<String>>, D::Error> {
    let texts = Option::<List<Text, { IdList::MOST }>>::deserialize(deserializer)?;
    Ok(texts.map(|texts| texts.into_vec().into_iter().map(|Text(text)| text).collect()))
}

/// [`text`] that is not empty.
pub(crate) fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let id = text(deserializer)?;
    if id.is_empty() { Err(de::Error::custom("an empty id")) } else { Ok(id) }
}

/// A size as a number or as its digits. An empty text means no size.
pub(crate) fn optional_size<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<u64>, D::Error> {
    match optional_text(deserializer)?.as_deref() {
        None | Some("") => Ok(None),
        // The error does not repeat the value: it came from outside.
        Some(digits) => digits.parse().map(Some).map_err(|_| de::Error::custom("not a size")),
    }
}

struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer).map(Self)
    }
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text or a whole number")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<String, E> {
        Ok(text)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<String, E> {
        Ok(number.to_string())
    }
}

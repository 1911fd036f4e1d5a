//! The entries of a page one by one, each read leniently, so that one unreadable entry does not cost the others,
//! and so that a page of millions of empty objects is not held in memory.

use std::{collections::VecDeque, fmt, marker::PhantomData};

use koodrive_api::AlbumContentList;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IgnoredAny, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::error::json;

/// The items of a page, and why others cannot be read, by their index among all.
pub(super) type Sorted<T, E> = (Vec<T>, VecDeque<(usize, E)>);

/// The list of a page; `None` if it is longer than any page can be.
pub(crate) struct Entries<T>(pub(super) Option<Sorted<T, String>>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(EntriesVisitor(PhantomData))
    }
}

struct EntriesVisitor<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for EntriesVisitor<T> {
    type Value = Entries<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Entries<T>, A::Error> {
        let (mut items, mut unreadable) = (Vec::new(), VecDeque::new());
        while let Some(text) = list.next_element::<&RawValue>()? {
            let index = items.len().saturating_add(unreadable.len());
            if index >= AlbumContentList::MOST {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(Entries(None));
            }
            match read(text.get()) {
                Ok(item) => items.push(item),
                Err(why) => unreadable.push_back((index, why)),
            }
        }
        Ok(Entries(Some((items, unreadable))))
    }
}

/// An item, or why it cannot be read.
fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    json::object(text.as_bytes()).ok_or("it is not a JSON object")?;
    let mut json = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        // Without a known field, it is the id: no other field is mandatory.
        let field = if matches!(&*path, "." | "?") { "id" } else { &path };
        format!("its `{field}` is missing or has the wrong form")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::albums::content::AlbumContent;

    #[test]
    fn an_unreadable_file_is_described_by_its_field() {
        for (text, why) in [
            ("1", "it is not a JSON object"),
            ("{}", "its `id` is missing or has the wrong form"),
            (r#"{"fileName":"a"}"#, "its `id` is missing or has the wrong form"),
            (r#"{"fileName":"a","new":{"a":[1]}}"#, "its `id` is missing or has the wrong form"),
            (r#"{"id":[]}"#, "its `id` is missing or has the wrong form"),
            (r#"{"new":{},"id":"1","size":-1}"#, "its `size` is missing or has the wrong form"),
            (
                r#"{"id":"1","containers":["a",{}]}"#,
                "its `containers[1]` is missing or has the wrong form",
            ),
        ] {
            assert_eq!(read::<AlbumContent>(text).unwrap_err(), why, "{text}");
        }
    }
}

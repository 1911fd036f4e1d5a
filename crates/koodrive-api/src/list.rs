//! Lists with a maximum length. A page of 16 MiB has room for millions of empty objects, which would
//! take gigabytes as files.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, DeserializeSeed, SeqAccess, Visitor},
};

use crate::{
    generated::types::Album,
    record::{AlbumContent, MOST_IDS},
};

/// The files of a page. The limit is a hundred times the largest page size.
pub type AlbumContentList = List<AlbumContent, 10_000>;

/// The albums of a page, with the same limit.
pub type AlbumList = List<Album, 10_000>;

/// Ids outside of a packed file.
pub type IdList = List<String, MOST_IDS>;

/// A list of at most `MOST` items. A longer one fails to deserialise.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct List<T, const MOST: usize>(Vec<T>);

impl<T, const MOST: usize> List<T, MOST> {
    /// The maximum length.
    pub const MOST: usize = MOST;

    /// Returns the items.
    pub fn as_slice(&self) -> &[T] {
        &self.0
    }

    /// Converts the list into its items.
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

/// How an item of a list is read.
pub trait ListItem<'de>: Deserialize<'de> {
    /// What the items of a list use one after another.
    type Scratch: Default;

    /// Reads an item.
    fn read<D: Deserializer<'de>>(
        deserializer: D,
        _scratch: &mut Self::Scratch,
    ) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

impl ListItem<'_> for Album {
    type Scratch = ();
}

impl ListItem<'_> for String {
    type Scratch = ();
}

struct Item<'a, T, Scratch>(&'a mut Scratch, PhantomData<T>);

impl<'de, T: ListItem<'de>> DeserializeSeed<'de> for Item<'_, T, T::Scratch> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::read(deserializer, self.0)
    }
}

impl<'de, T: ListItem<'de>, const MOST: usize> Deserialize<'de> for List<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ListVisitor(PhantomData))
    }
}

struct ListVisitor<T, const MOST: usize>(PhantomData<T>);

impl<'de, T: ListItem<'de>, const MOST: usize> Visitor<'de> for ListVisitor<T, MOST> {
    type Value = List<T, MOST>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MOST}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let (mut items, mut scratch) = (Vec::new(), T::Scratch::default());
        while let Some(item) = list.next_element_seed(Item(&mut scratch, PhantomData))? {
            if items.len() >= MOST {
                return Err(de::Error::invalid_length(MOST.saturating_add(1), &self));
            }
            items.push(item);
        }
        Ok(List(items))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_too_long_fails_to_deserialise() {
        let of = |length| serde_json::from_value::<List<String, 3>>(vec!["1"; length].into());
        assert_eq!(of(0).unwrap().into_vec(), Vec::<String>::new());
        assert_eq!(of(3).unwrap().as_slice(), ["1", "1", "1"]);
        let error = of(4).unwrap_err();
        assert_eq!(error.to_string(), "invalid length 4, expected a list of at most 3");
    }
}

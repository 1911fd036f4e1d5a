//! Lists that end: in the 16 MiB that a page may have there is room for millions of objects with nothing
//! in them, which as files would take gigabytes.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, SeqAccess, Visitor},
};

use crate::types::AlbumContent;

/// The files of a page: a hundred times as many as can be asked for.
pub type AlbumContentList = List<AlbumContent, 10_000>;

/// The ids of the folders or containers that a file is in. Nobody's file is in more.
pub type IdList = List<String, 100>;

/// A list of at most so many. A longer one does not deserialise.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct List<T, const MOST: usize>(Vec<T>);

impl<T, const MOST: usize> List<T, MOST> {
    /// The most that it can hold.
    pub const MOST: usize = MOST;

    /// What is in it.
    pub fn as_slice(&self) -> &[T] {
        &self.0
    }

    /// What is in it, by value.
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for List<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ListVisitor(PhantomData))
    }
}

struct ListVisitor<T, const MOST: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for ListVisitor<T, MOST> {
    type Value = List<T, MOST>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MOST}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
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
    fn a_list_that_is_too_long_is_no_list() {
        let of = |length| serde_json::from_value::<List<u8, 3>>(vec![1; length].into());
        assert_eq!(of(0).unwrap().into_vec(), Vec::<u8>::new());
        assert_eq!(of(3).unwrap().as_slice(), [1, 1, 1]);
        let error = of(4).unwrap_err();
        assert_eq!(error.to_string(), "invalid length 4, expected a list of at most 3");
    }
}

//! JSON → a packed file. Lenient where the meaning is plain: the vendor's pages differ on which numbers are
//! text.
//!
//! | field | accepted | absent |
//! |---|---|---|
//! | text, URL | string, number below 2^53 or whole, boolean | null |
//! | `id` | string that is not empty, whole number | never |
//! | number | whole number from 0, also as a string | null, empty string |
//! | boolean | `true`, `1`, `"true"`, `"1"` and their opposites | null, empty string |
//! | list of ids | at most 100 strings and whole numbers | null |
//!
//! Anything else in a known field is an error of the file, as is a list in its place. Unknown fields are
//! ignored. Of a repeated field, the last value counts.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use crate::{
    fields::{Field, Kind},
    list::ListItem,
    record::{AlbumContent, MOST_IDS, Packer, push_id},
};

impl<'de> Deserialize<'de> for AlbumContent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (packer, is_of_page) = (&mut Packer::default(), false);
        deserializer.deserialize_map(FileVisitor { packer, is_of_page })
    }
}

/// The files of a page are packed one after another in the same place, and only URLs that are strings without
/// control characters are read. A page with another one is read file by file.
impl<'de> ListItem<'de> for AlbumContent {
    type Scratch = Packer;

    fn read<D: Deserializer<'de>>(deserializer: D, packer: &mut Packer) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FileVisitor { packer, is_of_page: true })
    }
}

struct FileVisitor<'a> {
    packer: &'a mut Packer,
    is_of_page: bool,
}

impl<'de> Visitor<'de> for FileVisitor<'_> {
    type Value = AlbumContent;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a file of an album")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<AlbumContent, A::Error> {
        let Self { packer, is_of_page } = self;
        while let Some(Key(field)) = map.next_key()? {
            match field {
                Some(field) => map.next_value_seed(FieldValue { field, packer, is_of_page })?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let file = packer.pack();
        file.text(Field::Id).ok_or_else(|| A::Error::missing_field(Field::Id.name()))?;
        Ok(file)
    }
}

/// `None` if it is not known.
struct Key(Option<Field>);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_identifier(KeyVisitor)
    }
}

struct KeyVisitor;

impl Visitor<'_> for KeyVisitor {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Key, E> {
        Ok(Key(Field::from_name(name)))
    }
}

/// Reads the value of `field`.
struct FieldValue<'a> {
    field: Field,
    packer: &'a mut Packer,
    is_of_page: bool,
}

impl FieldValue<'_> {
    fn put<E: Error>(self, write: impl FnOnce(&mut String)) -> Result<(), E> {
        let start = self.packer.text.len();
        write(&mut self.packer.text);
        let is_list = self.field.kind() == Kind::Ids;
        if !is_list && self.packer.keep(self.field, start) { Ok(()) } else { Err(unexpected()) }
    }

    /// For an id, a value whose text is not certain would be a wrong one.
    fn unless_id<E: Error>(self) -> Result<Self, E> {
        if self.field == Field::Id { Err(unexpected()) } else { Ok(self) }
    }
}

/// Does not show the value: it came from outside.
fn unexpected<E: Error>() -> E {
    E::custom("a value of the wrong form")
}

impl<'de> DeserializeSeed<'de> for FieldValue<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.field.kind() {
            Kind::Url if self.is_of_page => deserializer.deserialize_option(self),
            _ => deserializer.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for FieldValue<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value of a field")
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.put(|text| text.push_str(value))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.visit_str(itoa::Buffer::new().format(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.visit_str(itoa::Buffer::new().format(number))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        // From 2^53 on, digits are lost.
        let is_exact = number.abs() < 9_007_199_254_740_992.0;
        if is_exact { self.unless_id()?.visit_str(&number.to_string()) } else { Err(unexpected()) }
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<(), E> {
        self.unless_id()?.visit_str(if flag { "true" } else { "false" })
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.packer.remove(self.field);
        Ok(())
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    /// Most of a page is URLs. `serde_json` finds the end of bytes several times as fast as that of a string,
    /// in which it also looks for control characters.
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_bytes(self)
    }

    fn visit_bytes<E: Error>(self, value: &[u8]) -> Result<(), E> {
        let url = str::from_utf8(value).map_err(|_| unexpected())?;
        if has_control(url) { Err(unexpected()) } else { self.visit_str(url) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        if self.field.kind() != Kind::Ids {
            return Err(unexpected());
        }
        let start = self.packer.text.len();
        let mut count = 0_usize;
        while let Some(()) = list.next_element_seed(Id(&mut self.packer.text))? {
            count = count.saturating_add(1);
            if count > MOST_IDS {
                return Err(unexpected());
            }
        }
        if self.packer.keep(self.field, start) { Ok(()) } else { Err(unexpected()) }
    }
}

/// Not with `any`, which stops at the first and so looks at one byte at a time.
fn has_control(text: &str) -> bool {
    text.bytes().fold(u8::MAX, u8::min) < b' '
}

/// Appends one id to the text of a list.
struct Id<'a>(&'a mut String);

impl<'de> DeserializeSeed<'de> for Id<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for Id<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id")
    }

    fn visit_str<E: Error>(self, id: &str) -> Result<(), E> {
        push_id(self.0, id);
        Ok(())
    }

    fn visit_u64<E: Error>(self, id: u64) -> Result<(), E> {
        self.visit_str(itoa::Buffer::new().format(id))
    }

    fn visit_i64<E: Error>(self, id: i64) -> Result<(), E> {
        self.visit_str(itoa::Buffer::new().format(id))
    }
}

#[cfg(test)]
mod tests;

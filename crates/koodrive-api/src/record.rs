//! A file of an album as one piece of text. Albums have hundreds of thousands of files, and one allocation
//! for each field would cost more than parsing.
//!
//! The text holds the values one after another: a number as its digits, a boolean as its word, a list of ids
//! as netstrings. Each field has a span of it. So comparing, printing and writing are one loop over
//! [`Field::ALL`], and a new property of the schema needs no line here. How a file is read from JSON is in
//! `reading.rs`.

use std::{fmt, mem};

use serde::{Serialize, Serializer};

use crate::{
    fields::{Field, Kind},
    url::RedactedUrl,
};

/// A file in an album: the document's schema of this name. It always has an id. It serialises to the
/// vendor's JSON, without absent fields. Its `Debug` shows only the hosts of its URLs.
#[derive(Clone)]
pub struct AlbumContent {
    text: Box<str>,
    spans: Spans,
}

/// The longest list of ids, of folders or containers, that a file can have.
pub(crate) const MOST_IDS: usize = 100;

type Spans = [Span; Field::ALL.len()];

/// A range of the text.
#[derive(Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// A range that no text has.
    const ABSENT: Self = Self { start: 1, end: 0 };
}

impl AlbumContent {
    /// The value of a text field or URL.
    pub fn text(&self, field: Field) -> Option<&str> {
        let Span { start, end } = *self.spans.get(field as usize)?;
        self.text.get(start as usize..end as usize)
    }

    /// The value of a list of ids; empty if it is absent.
    pub fn ids(&self, field: Field) -> impl Iterator<Item = &str> {
        Ids(self.text(field).unwrap_or_default())
    }

    /// The value of a number.
    pub fn number(&self, field: Field) -> Option<u64> {
        self.text(field)?.parse().ok()
    }

    /// The value of a boolean.
    pub fn flag(&self, field: Field) -> Option<bool> {
        read_flag(self.text(field)?)
    }

    /// A copy that lacks `fields`, also in memory. The id stays.
    pub fn without(&self, fields: &[Field]) -> Self {
        let mut copy = Packer::default();
        for field in Field::ALL.into_iter().filter(|field| !fields.contains(field)) {
            if let Some(value) = self.text(field) {
                let start = copy.text.len();
                copy.text.push_str(value);
                copy.keep(field, start);
            }
        }
        copy.pack()
    }

    fn values(&self) -> impl Iterator<Item = (&'static str, Value<'_>)> {
        let value = |field: Field| Value::read(field.kind(), self.text(field)?);
        Field::ALL.into_iter().filter_map(move |field| Some((field.name(), value(field)?)))
    }
}

impl PartialEq for AlbumContent {
    fn eq(&self, other: &Self) -> bool {
        self.values().eq(other.values())
    }
}

impl Eq for AlbumContent {}

impl Serialize for AlbumContent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.values())
    }
}

impl fmt::Debug for AlbumContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("AlbumContent");
        for (name, value) in self.values() {
            shown.field(name, &value);
        }
        shown.finish()
    }
}

/// What the text of a field means.
#[derive(PartialEq, Serialize)]
#[serde(untagged)]
enum Value<'a> {
    Text(&'a str),
    Url(&'a str),
    Ids(Ids<'a>),
    Number(u64),
    Flag(bool),
}

impl<'a> Value<'a> {
    fn read(kind: Kind, text: &'a str) -> Option<Self> {
        match kind {
            Kind::Text => Some(Self::Text(text)),
            Kind::Url => Some(Self::Url(text)),
            Kind::Ids => Some(Self::Ids(Ids(text))),
            Kind::Number => text.parse().ok().map(Self::Number),
            Kind::Flag => read_flag(text).map(Self::Flag),
        }
    }
}

fn read_flag(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => text.fmt(f),
            Self::Url(url) => RedactedUrl(url).fmt(f),
            Self::Ids(ids) => f.debug_list().entries(ids.clone()).finish(),
            Self::Number(number) => number.fmt(f),
            Self::Flag(flag) => flag.fmt(f),
        }
    }
}

/// Ids as netstrings, each after its length in bytes: `3:abc0:`. So an id can hold any character.
#[derive(Clone, PartialEq)]
struct Ids<'a>(&'a str);

impl<'a> Iterator for Ids<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let (length, rest) = self.0.split_once(':')?;
        let (id, rest) = rest.split_at_checked(length.parse().ok()?)?;
        self.0 = rest;
        Some(id)
    }
}

impl Serialize for Ids<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.clone())
    }
}

/// Files in the making, one after another.
pub struct Packer {
    /// Values are appended to it.
    pub(crate) text: String,
    spans: Spans,
}

impl Default for Packer {
    fn default() -> Self {
        // A usual file fits.
        Self { text: String::with_capacity(2_048), spans: [Span::ABSENT; Field::ALL.len()] }
    }
}

impl Packer {
    /// Gives `field` the text from `start` on, instead of any earlier value. Returns whether that is a value
    /// of the field, or empty, which means absent where it is no text. An id must not be empty.
    #[inline]
    pub(crate) fn keep(&mut self, field: Field, start: usize) -> bool {
        let end = self.text.len();
        let value = || self.text.get(start..).unwrap_or_default();
        let is_sound = match field.kind() {
            _ if start == end => field != Field::Id,
            Kind::Text | Kind::Url | Kind::Ids => true,
            kind => Value::read(kind, value()).is_some(),
        };
        match (u32::try_from(start), u32::try_from(end)) {
            (Ok(start), Ok(end)) if is_sound => self.set(field, Span { start, end }),
            _ => false,
        }
    }

    pub(crate) fn remove(&mut self, field: Field) {
        self.set(field, Span::ABSENT);
    }

    fn set(&mut self, field: Field, span: Span) -> bool {
        self.spans.get_mut(field as usize).map(|found| *found = span).is_some()
    }

    /// The file. Leaves room for the next one.
    pub(crate) fn pack(&mut self) -> AlbumContent {
        let spans = mem::replace(&mut self.spans, [Span::ABSENT; Field::ALL.len()]);
        let file = AlbumContent { text: self.text.as_str().into(), spans };
        self.text.clear();
        file
    }
}

/// Appends an id to the text of a list.
pub(crate) fn push_id(text: &mut String, id: &str) {
    text.push_str(itoa::Buffer::new().format(id.len()));
    text.push(':');
    text.push_str(id);
}

//! What an option may be where it is one of a few words, and what the library calls it.

use clap::ValueEnum;
use koodrive::{AlbumKind, AlbumType, SortType};
use serde::{Deserialize, Serialize};

/// The word for a value, as on the command line.
pub(crate) fn word(value: &impl ValueEnum) -> String {
    value.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

/// The word for a value of the library. Empty if there is none.
pub(crate) fn word_for<W: ValueEnum + Into<T>, T: PartialEq>(value: T) -> String {
    let is_it = |word: &&W| (*word).clone().into() == value;
    W::value_variants().iter().find(is_it).map_or_else(String::new, word)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Format {
    /// Aligned columns for reading
    Table,
    /// One array of the service's objects
    Json,
    /// One of the service's objects per line
    Ndjson,
    /// With a header; types are words, all other values are unchanged
    Csv,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SummaryFormat {
    /// A page for reading
    Text,
    /// One object
    Json,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Kind {
    /// The user's own
    Personal,
    /// Of several users, such as a family
    Shared,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum TypeOfAlbum {
    /// Filled by the service, from folders
    Collection,
    /// Filled by its users, file by file
    Manual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Sort {
    /// When the picture was taken (the vendor's shooting time)
    Taken,
    /// When the file was created
    Created,
    /// When the file was last changed (the vendor's update time)
    Edited,
}

impl From<Kind> for AlbumKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Personal => Self::Personal,
            Kind::Shared => Self::Shared,
        }
    }
}

impl From<TypeOfAlbum> for AlbumType {
    fn from(album_type: TypeOfAlbum) -> Self {
        match album_type {
            TypeOfAlbum::Collection => Self::Collection,
            TypeOfAlbum::Manual => Self::Manual,
        }
    }
}

impl From<Sort> for SortType {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Taken => Self::ShootingTime,
            Sort::Created => Self::CreationTime,
            Sort::Edited => Self::UpdateTime,
        }
    }
}

//! The fields of an album.

use clap::ValueEnum;
use koodrive::Album;

use super::{
    Column, Field,
    Value::{Link, Text, Words},
    field,
};
use crate::choices::{Kind, TypeOfAlbum, word_for};

/// A field of an album.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AlbumColumn {
    /// id
    Id,
    /// name
    Name,
    /// albumKind
    Kind,
    /// albumType
    Type,
    /// coverImg: gives anyone access to the cover for an hour
    Cover,
}

impl Column for AlbumColumn {
    type Item = Album;

    const TABLE: &'static [Self] = &[Self::Id, Self::Kind, Self::Type, Self::Name];
    const LESSER: &'static [Self] = &[Self::Type, Self::Kind, Self::Id];
    const CSV: &'static [Self] = Self::TABLE;
    const FLEXIBLE: Self = Self::Name;

    fn field(self) -> Field<Album> {
        match self {
            Self::Id => field("id", 19, |it| Some(Text(it.id()))),
            Self::Name => field("name", 40, |it| it.name().map(Text)),
            Self::Kind => field("albumKind", 8, |it| it.kind().map(word_for::<Kind, _>).map(Words)),
            Self::Type => field("albumType", 10, |album| {
                album.album_type().map(word_for::<TypeOfAlbum, _>).map(Words)
            }),
            Self::Cover => field("coverImg", 80, |it| it.cover_url().map(Link)),
        }
    }
}

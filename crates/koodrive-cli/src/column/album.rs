//! The fields of an album.

use std::borrow::Cow;

use clap::ValueEnum;
use koodrive::{Album, AlbumKind, AlbumType, PresignedUrl};

use super::Column;

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

    fn vendor_name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::Kind => "albumKind",
            Self::Type => "albumType",
            Self::Cover => "coverImg",
        }
    }

    fn value(self, album: &Album) -> Cow<'_, str> {
        let text = match self {
            Self::Id => Some(album.id()),
            Self::Name => album.name(),
            Self::Kind => album.kind().map(kind_name),
            Self::Type => album.album_type().map(type_name),
            Self::Cover => album.cover_url().map(PresignedUrl::as_str),
        };
        Cow::Borrowed(text.unwrap_or_default())
    }

    fn width(self) -> usize {
        match self {
            Self::Id => 19,
            Self::Name => 40,
            Self::Kind => 8,
            Self::Type => 10,
            Self::Cover => 80,
        }
    }
}

/// The kind as a word.
fn kind_name(kind: AlbumKind) -> &'static str {
    match kind {
        AlbumKind::Personal => "personal",
        AlbumKind::Shared => "shared",
    }
}

/// The type as a word.
fn type_name(album_type: AlbumType) -> &'static str {
    match album_type {
        AlbumType::Collection => "collection",
        AlbumType::Manual => "manual",
    }
}

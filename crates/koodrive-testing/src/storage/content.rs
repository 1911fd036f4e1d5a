//! The bytes of an object, made piece by piece while they are sent.

use bytes::Bytes;

use crate::albums::stored::{OwnContent, Stored};
use crate::storage::filler::Filler;
use crate::storage::noise::Noise;
use crate::storage::picture::{self, Format};

/// The longer side of a picture and of a thumbnail, in pixels.
const PICTURE: u16 = 240;
const THUMBNAIL: u16 = 128;
/// Every picture fits into this. A shorter file is noise.
const SHORTEST_PICTURE: u64 = 8 << 10;

/// The bytes of an object.
pub(crate) enum Content {
    /// Bytes that are there as a whole.
    Held(Bytes),
    Noise(Noise),
    /// A picture, with filler between its header and the rest.
    Picture {
        header: Bytes,
        filler: Filler,
        rest: Bytes,
    },
}

impl Content {
    pub(crate) fn of(stored: &Stored) -> Self {
        let Stored { media_type, length, seed, .. } = stored;
        if let Some(OwnContent { bytes, .. }) = &stored.own {
            return Self::Held(bytes.clone());
        }
        let noise =
            || Self::Noise(Noise { seed: *seed, start: first_bytes(media_type), length: *length });
        let format = Format::of(media_type).filter(|_| *length >= SHORTEST_PICTURE);
        format.and_then(|format| Self::picture(*seed, format, *length)).unwrap_or_else(noise)
    }

    /// The same picture, smaller.
    pub(crate) fn thumbnail_of(stored: &Stored) -> Self {
        let format = Format::of_thumbnail(&stored.media_type);
        Self::Held(picture::draw(stored.seed, THUMBNAIL, format).into())
    }

    /// `None` if the picture does not fit.
    fn picture(seed: u64, format: Format, length: u64) -> Option<Self> {
        let mut header = Bytes::from(picture::draw(seed, PICTURE, format));
        let missing = length.checked_sub(header.len() as u64)?;
        let fits = missing == 0 || missing >= format.shortest_comment();
        let rest = header.split_off(format.header_length().min(header.len()));
        let filler = Filler { format, seed, length: missing };
        fits.then_some(Self::Picture { header, filler, rest })
    }

    pub(crate) fn length(&self) -> u64 {
        match self {
            Self::Held(bytes) => bytes.len() as u64,
            Self::Noise(noise) => noise.length,
            Self::Picture { header, filler, rest } => (header.len() as u64)
                .saturating_add(filler.length)
                .saturating_add(rest.len() as u64),
        }
    }

    /// The bytes from `position` to some later point; empty only at the end.
    pub(crate) fn piece(&self, position: u64) -> Bytes {
        match self {
            Self::Held(bytes) => from(bytes, position),
            Self::Noise(noise) => noise.piece(position),
            Self::Picture { header, filler, rest } => {
                let after_header = position.checked_sub(header.len() as u64);
                let after_filler = after_header.and_then(|at| at.checked_sub(filler.length));
                match (after_header, after_filler) {
                    (None, _) => from(header, position),
                    (Some(position), None) => filler.piece(position),
                    (_, Some(position)) => from(rest, position),
                }
            }
        }
    }
}

fn from(bytes: &Bytes, position: u64) -> Bytes {
    bytes.slice(bytes.len().min(position as usize)..)
}

/// What the files of a media type start with, as far as programs look at it.
fn first_bytes(media_type: &str) -> &'static [u8] {
    match media_type {
        "image/jpeg" => b"\xff\xd8\xff\xe0",
        "image/png" => b"\x89PNG\r\n\x1a\n",
        "image/heic" => b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        "image/webp" => b"RIFF\0\0\0\x80WEBPVP8 ",
        "video/mp4" => b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\0mdat",
        "video/quicktime" => b"\0\0\0\x14ftypqt  \0\0\0\0qt  \0\0\0\0mdat",
        "audio/mpeg" => b"ID3\x04\0\0\0\0\0\0",
        "application/zip" => b"PK\x03\x04",
        office if office.starts_with("application/vnd.openxmlformats") => b"PK\x03\x04",
        _ => b"",
    }
}

#[cfg(test)]
mod tests;

//! Filler, which makes a picture as long as its listing says: comments that every viewer skips.
//!
//! It stands between the header of the picture and the rest. Each comment holds noise, so that no two
//! stretches of a file are alike.

use bytes::Bytes;

use crate::storage::noise;
use crate::storage::picture::Format;

/// The longest comment, which is no longer than a JPEG allows.
const LONGEST: u64 = 1 << 16;

/// Comments of `length` bytes in all: none, or at least [`Format::shortest_comment`].
pub(crate) struct Filler {
    pub(crate) format: Format,
    pub(crate) seed: u64,
    pub(crate) length: u64,
}

impl Format {
    /// The bytes of a picture that stand before any comment: the first marker and the JFIF header of a
    /// JPEG, the signature and the header chunk of a PNG.
    pub(crate) fn header_length(self) -> usize {
        match self {
            Self::Jpeg => 20,
            Self::Png => 33,
        }
    }

    /// A comment without content.
    pub(crate) fn shortest_comment(self) -> u64 {
        match self {
            Self::Jpeg => 4,
            Self::Png => 12,
        }
    }

    /// A comment of this length, whose content is the noise of block `number`.
    fn comment(self, seed: u64, number: u64, length: u64) -> Vec<u8> {
        let overhead = self.shortest_comment();
        let mut content = vec![0; length.saturating_sub(overhead) as usize];
        noise::fill(seed, number, &mut content);
        match self {
            Self::Jpeg => {
                let counted = u16::try_from(length.saturating_sub(2)).unwrap_or(u16::MAX);
                [&[0xff, 0xfe], &counted.to_be_bytes()[..], &content].concat()
            }
            Self::Png => {
                let counted = u32::try_from(content.len()).unwrap_or(u32::MAX);
                let checked = [&b"fiLl"[..], &content].concat(); // private, ancillary
                let sum = crc32fast::hash(&checked);
                [&counted.to_be_bytes()[..], &checked, &sum.to_be_bytes()].concat()
            }
        }
    }
}

impl Filler {
    /// The bytes from `position` to the end of the comment that holds it; empty at the end.
    pub(crate) fn piece(&self, position: u64) -> Bytes {
        if position >= self.length {
            return Bytes::new();
        }
        let near = self.share(position, self.comments(), self.length);
        let number = if self.start(near.saturating_add(1)) <= position {
            near.saturating_add(1)
        } else {
            near
        };
        let start = self.start(number);
        let length = self.start(number.saturating_add(1)).saturating_sub(start);
        let comment = Bytes::from(self.format.comment(self.seed, number, length));
        comment.slice(position.saturating_sub(start) as usize..)
    }

    /// All comments have the same length, give or take a byte, so that none is too short.
    fn comments(&self) -> u64 {
        self.length.div_ceil(LONGEST)
    }

    /// Where comment `number` starts.
    fn start(&self, number: u64) -> u64 {
        self.share(number, self.length, self.comments())
    }

    /// `number * of / by`, which never exceeds 64 bits here.
    fn share(&self, number: u64, of: u64, by: u64) -> u64 {
        let product = u128::from(number).saturating_mul(of.into());
        product.checked_div(by.into()).and_then(|share| share.try_into().ok()).unwrap_or(0)
    }
}

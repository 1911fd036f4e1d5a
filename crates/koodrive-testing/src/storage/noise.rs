//! Noise of any length, made block by block, so that its end costs no more than its start.

use bytes::Bytes;

/// The number of bytes that are made at once.
const BLOCK: u64 = 1 << 16;

/// Bytes that look random, after a few that say what kind of file it is.
pub(crate) struct Noise {
    pub(crate) seed: u64,
    pub(crate) start: &'static [u8],
    pub(crate) length: u64,
}

impl Noise {
    /// The bytes from `position` to the end of its block; empty at the end.
    pub(crate) fn piece(&self, position: u64) -> Bytes {
        let (block, before) = (position / BLOCK, position % BLOCK);
        let end = self.length.saturating_sub(position.saturating_sub(before)).min(BLOCK);
        if before >= end {
            return Bytes::new();
        }
        Bytes::from(self.block(block)).slice(before as usize..end as usize)
    }

    fn block(&self, number: u64) -> Vec<u8> {
        let mut bytes = vec![0; BLOCK as usize];
        fill(self.seed, number, &mut bytes);
        if number == 0 {
            bytes.iter_mut().zip(self.start).for_each(|(byte, start)| *byte = *start);
        }
        bytes
    }
}

/// Fills with the noise of block `number`.
pub(crate) fn fill(seed: u64, number: u64, bytes: &mut [u8]) {
    let spread = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    fastrand::Rng::with_seed(seed ^ spread).fill(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(seed: u64, length: u64) -> Noise {
        Noise { seed, start: b"ftyp", length }
    }

    fn read(noise: &Noise, mut position: u64, end: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        while position < end {
            let piece = noise.piece(position);
            assert!(!piece.is_empty(), "{position}");
            position = position.saturating_add(piece.len() as u64);
            bytes.extend_from_slice(&piece);
        }
        bytes
    }

    #[test]
    fn any_part_is_the_same_as_in_the_whole() {
        let length = 2 * BLOCK + 1000;
        let noise = noise(7, length);
        let whole = read(&noise, 0, length);
        assert_eq!((whole.len() as u64, whole.get(..4)), (length, Some(&b"ftyp"[..])));
        for position in [0, 1, 3, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 7, length - 1] {
            assert_eq!(read(&noise, position, length), whole[position as usize..], "{position}");
        }
        assert!(noise.piece(length).is_empty() && noise.piece(length + 1).is_empty());
        assert!(noise.piece(3 * BLOCK).is_empty());
    }

    #[test]
    fn no_two_blocks_and_no_two_seeds_are_alike() {
        let blocks = [noise(7, 1 << 40).piece(BLOCK), noise(7, 1 << 40).piece(1 << 39)];
        assert!(blocks[0] != blocks[1] && noise(8, 1 << 40).piece(BLOCK) != blocks[0]);
    }

    #[test]
    fn a_short_file_is_as_long_as_it_says() {
        for length in 0..9 {
            let read = noise(7, length).piece(0);
            assert_eq!(read.len() as u64, length);
        }
    }
}

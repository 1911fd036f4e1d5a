use std::collections::HashSet;
use std::io::Cursor;

use jiff::Timestamp;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;

use super::*;

fn stored(media_type: &str, seed: u64, length: u64) -> Stored {
    Stored {
        file_id: String::new(),
        media_type: media_type.to_owned(),
        length,
        seed,
        own: None,
        modified: Timestamp::UNIX_EPOCH,
    }
}

fn read(content: &Content, mut position: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let piece = content.piece(position);
        if piece.is_empty() {
            return bytes;
        }
        position = position.saturating_add(piece.len() as u64);
        bytes.extend_from_slice(&piece);
    }
}

/// Width, height and pixels.
fn decoded(media_type: &str, bytes: &[u8]) -> (usize, usize, Vec<u8>) {
    if media_type == "image/jpeg" {
        let mut decoder = JpegDecoder::new(ZCursor::new(bytes));
        let pixels = decoder.decode().unwrap();
        let (width, height) = decoder.dimensions().unwrap();
        return (width, height, pixels);
    }
    let mut reader = png::Decoder::new(Cursor::new(bytes)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    reader.finish().unwrap();
    (info.width as usize, info.height as usize, pixels)
}

#[test]
fn a_picture_of_any_length_is_as_long_as_it_says_and_opens() {
    for media_type in ["image/jpeg", "image/png"] {
        let bare = decoded(media_type, &read(&Content::of(&stored(media_type, 3, 8 << 10)), 0));
        assert!(matches!((bare.0, bare.1), (240, 180) | (180, 240)), "{media_type}");
        for length in [8 << 10, 100_000, 131_073, 262_144, 262_145, 3_000_000] {
            let content = Content::of(&stored(media_type, 3, length));
            let bytes = read(&content, 0);
            assert_eq!((content.length(), bytes.len() as u64), (length, length), "{media_type}");
            assert!(decoded(media_type, &bytes) == bare, "{media_type} {length}");
        }
    }
}

#[test]
fn pictures_differ_and_every_one_fits_into_the_shortest_file() {
    for media_type in ["image/jpeg", "image/png"] {
        let pictures: HashSet<_> = (0..12)
            .map(|seed| {
                let content = Content::of(&stored(media_type, seed, SHORTEST_PICTURE));
                assert!(matches!(content, Content::Picture { .. }), "{media_type} {seed}");
                decoded(media_type, &read(&content, 0))
            })
            .collect();
        assert_eq!(pictures.len(), 12, "{media_type}");
    }
}

#[test]
fn any_part_of_a_picture_is_the_same_as_in_the_whole() {
    for media_type in ["image/jpeg", "image/png"] {
        let content = Content::of(&stored(media_type, 5, 200_000));
        let whole = read(&content, 0);
        for position in (0..60).chain((0..200_000).step_by(3_989)).chain(199_990..=200_001) {
            let part = whole.get(position..).unwrap_or_default();
            assert!(read(&content, position as u64) == part, "{media_type} {position}");
        }
    }
}

#[test]
fn a_thumbnail_is_the_same_picture_smaller() {
    for (media_type, thumbnail) in
        [("image/jpeg", "image/jpeg"), ("image/png", "image/png"), ("video/mp4", "image/jpeg")]
    {
        let content = Content::thumbnail_of(&stored(media_type, 3, 1 << 30));
        let bytes = read(&content, 0);
        assert_eq!(bytes.len() as u64, content.length());
        let (width, height, pixels) = decoded(thumbnail, &bytes);
        assert_eq!(width.max(height), 128, "{media_type}");

        // The first pixel is the sky's, which hardly depends on the size.
        let (.., large) =
            decoded("image/jpeg", &read(&Content::of(&stored("image/jpeg", 3, 1 << 16)), 0));
        let close = pixels.iter().zip(&large).take(3).all(|(a, b)| a.abs_diff(*b) < 8);
        assert!(close, "{:?} {:?}", pixels.get(..3), large.get(..3));
    }
}

#[test]
fn a_picture_that_does_not_fit_and_any_other_file_is_noise_of_its_kind() {
    for (media_type, length, start) in [
        ("image/jpeg", SHORTEST_PICTURE - 1, &b"\xff\xd8\xff"[..]),
        ("image/png", 100, b"\x89PNG"),
        ("video/mp4", 200 << 30, b"\0\0\0\x18ftypmp42"),
        ("application/zip", 2, b"PK"),
        ("text/plain", 0, b""),
    ] {
        let content = Content::of(&stored(media_type, 3, length));
        assert_eq!(content.length(), length, "{media_type}");
        assert!(content.piece(0).starts_with(start), "{media_type}");
        assert_eq!(content.piece(length.saturating_sub(1)).len() as u64, length.min(1));
        assert!(content.piece(length).is_empty());
    }
}

#[test]
fn content_of_a_tests_own_is_unchanged() {
    let own = Some(OwnContent::new(b"the sea".to_vec()));
    let content = Content::of(&Stored { own, ..stored("image/jpeg", 3, 1 << 20) });
    assert_eq!((content.length(), read(&content, 4)), (7, b"sea".to_vec()));
}

//! The kinds of files in a generated album, and their names.

use std::ops::RangeInclusive;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE as URL_SAFE;

use crate::dates;

/// A kind of file, with matching type code, MIME type and suffix.
pub(crate) struct Kind {
    /// The cumulative percentage of files up to and including this kind.
    up_to: u8,
    pub(crate) file_type: &'static str,
    pub(crate) mime_type: &'static str,
    pub(crate) suffix: &'static str,
    sizes: RangeInclusive<u64>,
}

const KB: u64 = 1 << 10;
const MB: u64 = 1 << 20;
const GB: u64 = 1 << 30;

const KINDS: [Kind; 11] = [
    kind(40, "15", "image/jpeg", "jpg", 60 * KB..=12 * MB),
    kind(55, "15", "image/heic", "heic", 400 * KB..=6 * MB),
    kind(63, "15", "image/png", "png", 90 * KB..=20 * MB),
    kind(67, "15", "image/webp", "webp", 20 * KB..=900 * KB),
    kind(82, "20", "video/mp4", "mp4", 2 * MB..=6 * GB),
    kind(88, "20", "video/quicktime", "mov", 3 * MB..=3 * GB),
    kind(92, "30", "audio/mpeg", "mp3", MB..=14 * MB),
    kind(94, "26", DOCX, "docx", 12 * KB..=8 * MB),
    kind(96, "27", XLSX, "xlsx", 8 * KB..=3 * MB),
    kind(98, "28", PPTX, "pptx", 200 * KB..=90 * MB),
    ARCHIVE,
];
const ARCHIVE: Kind = kind(100, "35", "application/zip", "zip", 10 * KB..=2 * GB);
const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const PPTX: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";

/// Titles that break careless code: with `=`, `&` and composed emoji, or without any Latin letter.
const TITLES: [&str; 8] = [
    "海边的一天 🌊",
    "家庭 👨‍👩‍👧 旅行",
    "Oma & Opa = 💛",
    "birthday 🎂 & cake",
    "Été à Nice ☀️",
    "10% off = 90% + x, really & truly",
    "Ausflug #3 🏔️",
    "मेरा घर 🏡",
];

const fn kind(
    up_to: u8,
    file_type: &'static str,
    mime_type: &'static str,
    suffix: &'static str,
    sizes: RangeInclusive<u64>,
) -> Kind {
    Kind { up_to, file_type, mime_type, suffix, sizes }
}

impl Kind {
    pub(crate) fn pick(rng: &mut fastrand::Rng) -> &'static Self {
        let roll = rng.u8(0..100);
        KINDS.iter().find(|kind| roll < kind.up_to).unwrap_or(&ARCHIVE)
    }

    /// True for images and videos, which have a shooting time and a thumbnail.
    pub(crate) fn is_visual(&self) -> bool {
        matches!(self.file_type, "15" | "20")
    }

    /// A size in bytes. Small files are more frequent than large ones.
    pub(crate) fn size(&self, rng: &mut fastrand::Rng) -> u64 {
        let (smallest, largest) = (*self.sizes.start(), *self.sizes.end());
        let limit = largest >> rng.u32(0..7);
        rng.u64(smallest..=limit.max(smallest))
    }

    /// A file name with this kind's suffix. `shot` is in milliseconds since 1970.
    pub(crate) fn file_name(&self, shot: i64, rng: &mut fastrand::Rng) -> String {
        let suffix = self.suffix;
        match rng.u8(0..10) {
            0..2 if self.is_visual() => {
                let camera = if self.file_type == "20" { "VID" } else { "IMG" };
                format!("{camera}_{}.{suffix}", dates::camera(shot))
            }
            2..9 if self.is_visual() => saved_from_the_web(suffix, rng),
            _ => {
                let title = rng.choice(TITLES).unwrap_or_default();
                format!("{title} ({}).{suffix}", rng.u16(1..2000))
            }
        }
    }
}

/// A name like the vendor's example: an encoded image address and a signature.
fn saved_from_the_web(suffix: &str, rng: &mut fastrand::Rng) -> String {
    let (a, b, c, d) = (rng.u32(..), rng.u16(..), rng.u16(..), rng.u16(..));
    let image = format!("{a:08x}-{b:04x}-{c:04x}-{d:04x}-{:012x}", rng.u64(..1 << 48));
    let address = format!("http://img.photos.example/{image}?imageView2/2/w/1080/format/jpg");
    let sha1: [u8; 20] = std::array::from_fn(|_| rng.u8(..));
    let (key, sign) = (URL_SAFE.encode(address), URL_SAFE.encode(sha1));
    format!("ims_kt=url&at=ori&key={key}&sign=yx_{sign}&tv=0_0.{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rng() -> fastrand::Rng {
        fastrand::Rng::with_seed(7)
    }

    #[test]
    fn the_percentages_rise_to_a_hundred() {
        assert!(KINDS.iter().map(|kind| kind.up_to).is_sorted_by(|a, b| a < b));
        assert_eq!(KINDS.last().unwrap().up_to, 100);
    }

    #[test]
    fn sizes_stay_in_their_range() {
        let mut rng = rng();
        for kind in &KINDS {
            assert!(
                (0..1000).all(|_| kind.sizes.contains(&kind.size(&mut rng))),
                "{}",
                kind.suffix
            );
        }
    }

    #[test]
    fn names_have_only_lengths_and_characters_that_the_service_allows() {
        let mut rng = rng();
        let names: Vec<String> = (0..5000)
            .map(|_| Kind::pick(&mut rng).file_name(1_663_205_480_654, &mut rng))
            .collect();
        for name in &names {
            assert!(name.chars().count() <= 250, "{name}");
            assert!(!name.contains(['<', '>', '|', ':', '"', '*', '?', '/', '\\']), "{name}");
        }
        for part in ["=", "&", "🌊", "👨‍👩‍👧", "%", "+", "#", " "] {
            assert!(names.iter().any(|name| name.contains(part)), "no name with {part}");
        }
    }

    #[test]
    fn cameras_name_photos_by_their_time() {
        let mut rng = rng();
        let mut names = std::iter::repeat_with(|| KINDS[0].file_name(1_663_205_480_654, &mut rng));
        assert!(names.by_ref().take(100).any(|name| name == "IMG_20220915_013120.jpg"));
    }
}

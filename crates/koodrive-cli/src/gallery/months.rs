//! Which file is shown where: by month, the newest first, and those without a time at the end.

use std::cmp::Reverse;

use indicatif::BinaryBytes;
use jiff::Zoned;
use koodrive_sync::CopiedFile;

use super::page::{Section, Tile, View};
use crate::text::utc;

pub(super) fn sections(pictures: impl IntoIterator<Item = CopiedFile>) -> Vec<Section> {
    let dated = pictures.into_iter().map(|picture| (picture.taken.and_then(utc), picture));
    let mut dated: Vec<(Option<Zoned>, CopiedFile)> = dated.collect();
    // None is less than any time.
    dated.sort_by(|(time, one), (other_time, other)| {
        Reverse(time).cmp(&Reverse(other_time)).then_with(|| one.path.cmp(&other.path))
    });
    let mut sections: Vec<Section> = Vec::new();
    for (taken, picture) in dated {
        let month = taken.as_ref().map(|time| time.strftime("%Y-%m").to_string());
        let tile = tile(picture, taken.as_ref());
        match sections.last_mut() {
            Some(section) if section.month == month => section.tiles.push(tile),
            _ => {
                let heading = taken.map(|time| time.strftime("%B %Y").to_string());
                let heading = heading.unwrap_or_else(|| "Undated".to_owned());
                sections.push(Section { heading, month, tiles: vec![tile] });
            }
        }
    }
    sections
}

fn tile(picture: CopiedFile, taken: Option<&Zoned>) -> Tile {
    let view = match picture.kind.as_deref() {
        Some("image") => Some(View::Picture),
        Some("video") => Some(View::Video),
        _ => None,
    };
    let itself = (view == Some(View::Picture)).then(|| picture.path.clone());
    Tile {
        target: picture.path.clone(),
        name: picture.path,
        detail: BinaryBytes(picture.size).to_string(),
        thumbnail: picture.thumbnail.or(itself),
        view,
        taken: taken.map(|time| time.strftime("%Y-%m-%d %H:%M").to_string()),
        is_favorite: picture.favorite == Some(true),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    fn taken(date: &str) -> Option<SystemTime> {
        Some(date.parse::<jiff::Timestamp>().unwrap().into())
    }

    fn picture(path: &str, taken: Option<SystemTime>) -> CopiedFile {
        let mut picture = CopiedFile::default();
        (picture.path, picture.taken) = (path.to_owned(), taken);
        picture
    }

    #[test]
    fn files_are_shown_by_month_the_newest_first_and_undated_ones_at_the_end() {
        let never = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(1 << 50));
        let pictures = [
            picture("none-b", None),
            picture("may-early", taken("2025-05-01T00:00:00Z")),
            picture("april-late", taken("2025-04-30T23:59:59Z")),
            picture("none-a", never),
            picture("may-late-b", taken("2025-05-31T23:59:59Z")),
            picture("may-late-a", taken("2025-05-31T23:59:59Z")),
            picture("old", taken("1969-05-31T00:00:00Z")),
        ];
        let line = |section: &Section| {
            let names: Vec<_> = section.tiles.iter().map(|tile| &*tile.name).collect();
            format!("{}: {}", section.heading, names.join(" "))
        };
        let shown: Vec<_> = sections(pictures).iter().map(line).collect();
        let expected = [
            "May 2025: may-late-a may-late-b may-early",
            "April 2025: april-late",
            "May 1969: old",
            "Undated: none-a none-b",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_picture_without_a_thumbnail_is_shown_itself_and_nothing_else_is() {
        for (kind, thumbnail, shown) in [
            ("image", Some("t.jpg"), Some("t.jpg")),
            ("image", None, Some("a#b")),
            ("video", Some("t.jpg"), Some("t.jpg")),
            ("video", None, None),
            ("word", None, None),
        ] {
            let mut picture = picture("a#b", None);
            picture.thumbnail = thumbnail.map(str::to_owned);
            picture.kind = Some(kind.to_owned());
            assert_eq!(tile(picture, None).thumbnail.as_deref(), shown);
        }
    }
}

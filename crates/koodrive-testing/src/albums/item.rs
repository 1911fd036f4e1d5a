//! A generated file as the service would describe it: a pure function of album, file, user and time.
//!
//! Nothing is stored. A file that is requested twice is generated twice; only the dates and
//! signatures of its URLs differ.

use serde::Serialize;

use crate::albums::generated::Album;
use crate::albums::media::Kind;
use crate::albums::order::SortKey;
use crate::albums::presign::Presigner;
use crate::dates;

const CONTAINER: &str = "IAACulBh_eemCA5EA1765263622625382272";
const FOLDER: &str = "DGH956YIDkQArootIAACulBh_eemCA5EA1765263622625382272";
/// Another member of the family, who added some of the files.
const RELATIVE: &str = "1768044417352650753";
const DAY: u64 = 86_400_000;

/// The vendor's `AlbumContent`, with its fields in the documented order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Item<'a> {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    take_time: Option<String>,
    owner_id: &'a str,
    file_name: String,
    mime_type: &'static str,
    file_type: &'static str,
    file_suffix: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_folder: Option<[&'static str; 1]>,
    containers: [&'static str; 1],
    created_time: String,
    edited_time: String,
    recycled: bool,
    content_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    thumbnail_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    favorite: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    add_time: Option<String>,
    size: u64,
    creating_user: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    adder_user_id: Option<&'a str>,
}

impl<'a> Item<'a> {
    /// The file with this number, as its owner sees it.
    pub(crate) fn new(album: &Album, file: u64, owner_id: &'a str, presigner: &Presigner) -> Self {
        let mut rng = album.rng(file, 2);
        let kind = Kind::pick(&mut rng);
        let shot = album.time(file, SortKey::Shooting);
        let created = album.time(file, SortKey::Creation);
        let added = created.saturating_add_unsigned(rng.u64(0..28 * DAY));
        let file_name = kind.file_name(shot, &mut rng);
        let object = format!("{:032x}086", rng.u128(..));
        let seed = rng.u64(..);
        let adder = if rng.u8(0..5) == 0 { RELATIVE } else { owner_id };
        let was_added = rng.u8(0..8) != 0;
        let thumbnail = kind.is_visual().then(|| presigner.thumbnail(&object, &file_name, seed));
        Self {
            id: album.id(file),
            take_time: kind.is_visual().then(|| dates::iso(shot)),
            owner_id,
            mime_type: kind.mime_type,
            file_type: kind.file_type,
            file_suffix: kind.suffix,
            parent_folder: (rng.u8(0..16) != 0).then_some([FOLDER]),
            containers: [CONTAINER],
            created_time: dates::iso(created),
            edited_time: dates::iso(album.time(file, SortKey::Update)),
            recycled: false,
            content_url: presigner.content(&object, &file_name, seed),
            thumbnail_url: thumbnail,
            favorite: (rng.u8(0..16) != 0).then(|| rng.u8(0..10) == 0),
            add_time: was_added.then(|| dates::iso(added)),
            size: kind.size(&mut rng),
            creating_user: adder,
            adder_user_id: was_added.then_some(adder),
            file_name,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use jiff::Timestamp;
    use serde_json::Value;

    use super::*;

    const OWNER: &str = "1765263620687613825";
    /// The vendor's fields in the vendor's order.
    const FIELDS: [&str; 19] = [
        "id",
        "takeTime",
        "ownerId",
        "fileName",
        "mimeType",
        "fileType",
        "fileSuffix",
        "parentFolder",
        "containers",
        "createdTime",
        "editedTime",
        "recycled",
        "contentUrl",
        "thumbnailUrl",
        "favorite",
        "addTime",
        "size",
        "creatingUser",
        "adderUserId",
    ];

    fn texts(files: u64) -> Vec<String> {
        let album = Album::new("1795607640592646273", files);
        let presigner = Presigner::new("2025-10-27T09:11:51Z".parse().unwrap());
        let item = |file| Item::new(&album, file, OWNER, &presigner);
        (0..files).map(|file| serde_json::to_string(&item(file)).unwrap()).collect()
    }

    fn items(files: u64) -> Vec<Value> {
        texts(files).iter().map(|text| serde_json::from_str(text).unwrap()).collect()
    }

    #[test]
    fn an_item_has_about_two_kilobytes() {
        let texts = texts(1000);
        let mean = texts.iter().map(String::len).sum::<usize>() / texts.len();
        assert!((1_800..2_200).contains(&mean), "{mean}");
    }

    #[test]
    fn the_fields_are_in_the_vendors_order() {
        for text in texts(250) {
            let places = FIELDS.map(|field| text.find(&format!("\"{field}\":")));
            assert!(places.iter().flatten().is_sorted(), "{text}");
        }
    }

    #[test]
    fn only_some_fields_are_sometimes_absent() {
        let items = items(1000);
        let sometimes =
            ["takeTime", "parentFolder", "thumbnailUrl", "favorite", "addTime", "adderUserId"];
        for field in FIELDS {
            let there = items.iter().filter(|item| item.get(field).is_some()).count();
            assert_eq!(there < 1000, sometimes.contains(&field), "{field}: {there}");
            assert!(there > 600, "{field}: {there}");
        }
        assert!(items.iter().all(|item| item.as_object().unwrap().len() <= FIELDS.len()));
    }

    #[test]
    fn only_images_and_videos_have_a_shooting_time_and_a_thumbnail() {
        for item in items(1000) {
            let mime = item["mimeType"].as_str().unwrap();
            let visual = mime.starts_with("image/") || mime.starts_with("video/");
            assert_eq!(item.get("thumbnailUrl").is_some(), visual, "{mime}");
            assert_eq!(item.get("takeTime").is_some(), visual, "{mime}");
        }
    }

    #[test]
    fn type_mime_type_and_suffix_agree() {
        let items = items(1000);
        let triple = |item: &Value| {
            ["fileType", "mimeType", "fileSuffix"].map(|f| item[f].as_str().unwrap().to_owned())
        };
        let kinds: HashSet<_> = items.iter().map(triple).collect();
        let suffixes: HashSet<_> = kinds.iter().map(|[.., suffix]| suffix.clone()).collect();
        assert_eq!(kinds.len(), suffixes.len());
        assert!(kinds.len() >= 10, "{kinds:?}");
        for item in &items {
            let ending = format!(".{}", item["fileSuffix"].as_str().unwrap());
            assert!(item["fileName"].as_str().unwrap().ends_with(&ending));
        }
    }

    #[test]
    fn times_parse_and_are_in_order() {
        for item in items(250) {
            let time = |field: &str| -> Option<Timestamp> {
                item.get(field).map(|text| text.as_str().unwrap().parse().unwrap())
            };
            assert!(time("takeTime").is_none_or(|shot| Some(shot) < time("createdTime")));
            assert!(time("addTime").is_none_or(|added| time("createdTime") <= Some(added)));
            assert!(time("createdTime") < time("editedTime"));
            assert_eq!(
                item["createdTime"].as_str().unwrap().len(),
                "2025-09-16T01:31:20.654Z".len()
            );
        }
    }

    #[test]
    fn user_ids_are_strings_of_nineteen_digits() {
        for item in items(250) {
            for field in ["ownerId", "creatingUser", "adderUserId"] {
                let Some(id) = item.get(field) else { continue };
                let id = id.as_str().unwrap();
                assert!(id.len() == 19 && id.bytes().all(|b| b.is_ascii_digit()), "{field}: {id}");
            }
        }
    }

    #[test]
    fn the_same_album_is_the_same_in_every_run() {
        assert_eq!(texts(100), texts(100));
    }
}

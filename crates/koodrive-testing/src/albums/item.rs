//! A generated file as the service would describe it: a pure function of album, file, user and time.
//!
//! Nothing is stored. A file that is requested twice is generated twice; only the dates and
//! signatures of its URLs differ.

use serde::Serialize;

use crate::albums::details::Details;
use crate::albums::generated::Album;
use crate::albums::info::AlbumType;
use crate::albums::object;
use crate::albums::presign::Presigner;
use crate::dates;

const CONTAINER: &str = "IAACulBh_eemCA5EA1765263622625382272";
const FOLDER: &str = "DGH956YIDkQArootIAACulBh_eemCA5EA1765263622625382272";
/// Another member of the family, who added some of the files.
const RELATIVE: &str = "1768044417352650753";
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
    pub(crate) thumbnail_url: Option<String>,
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
    /// The file with this number, as its owner sees it. Only a collection album says when a picture was
    /// taken, and only a manual one who added it.
    pub(crate) fn new(
        album: &Album,
        file: u64,
        album_type: AlbumType,
        links: &Presigner<'a>,
    ) -> Self {
        let details = Details::new(album, file);
        let (kind, is_collection) = (details.kind, album_type == AlbumType::Collection);
        let object = object::name(details.object);
        let thumbnail = || links.thumbnail(&object, &details.file_name);
        let adder = if details.is_by_relative { RELATIVE } else { links.user_id };
        let added = details.added.filter(|_| !is_collection);
        Self {
            id: album.id(file),
            take_time: (is_collection && kind.is_visual()).then(|| dates::iso(details.shot)),
            owner_id: links.user_id,
            mime_type: kind.mime_type,
            file_type: kind.file_type,
            file_suffix: kind.suffix,
            parent_folder: details.has_folder.then_some([FOLDER]),
            containers: [CONTAINER],
            created_time: dates::iso(details.created),
            edited_time: dates::iso(details.edited),
            recycled: false,
            content_url: links.content(&object, &details.file_name),
            thumbnail_url: kind.is_visual().then(thumbnail),
            favorite: details.favorite,
            add_time: added.map(dates::iso),
            size: details.size,
            creating_user: adder,
            adder_user_id: added.map(|_| adder),
            file_name: details.file_name,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use jiff::Timestamp;
    use serde_json::Value;

    use super::*;
    use crate::albums::presign::{LIFE, Links};

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

    fn texts_of(album_type: AlbumType, files: u64) -> Vec<String> {
        let album = Album::new("1795607640592646273", files);
        let links = Links { base: "https://obs-album.example.com".to_owned(), life: LIFE };
        let presigner = Presigner::new(OWNER, &links, "2025-10-27T09:11:51Z".parse().unwrap());
        let item = |file| Item::new(&album, file, album_type, &presigner);
        (0..files).map(|file| serde_json::to_string(&item(file)).unwrap()).collect()
    }

    fn texts(files: u64) -> Vec<String> {
        texts_of(AlbumType::Collection, files)
    }

    fn items_of(album_type: AlbumType, files: u64) -> Vec<Value> {
        let texts = texts_of(album_type, files);
        texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
    }

    fn items(files: u64) -> Vec<Value> {
        items_of(AlbumType::Collection, files)
    }

    #[test]
    fn an_item_has_about_two_kilobytes() {
        let texts = texts(1000);
        let mean = texts.iter().map(String::len).sum::<usize>() / texts.len();
        assert!((1_700..2_100).contains(&mean), "{mean}");
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
        let always_absent = |album_type| match album_type {
            AlbumType::Collection => ["addTime", "adderUserId"].as_slice(),
            AlbumType::Manual => &["takeTime"],
        };
        for album_type in [AlbumType::Collection, AlbumType::Manual] {
            let items = items_of(album_type, 1000);
            let sometimes =
                ["takeTime", "parentFolder", "thumbnailUrl", "favorite", "addTime", "adderUserId"];
            for field in FIELDS {
                let there = items.iter().filter(|item| item.get(field).is_some()).count();
                if always_absent(album_type).contains(&field) {
                    assert_eq!(there, 0, "{album_type:?} {field}");
                    continue;
                }
                assert_eq!(there < 1000, sometimes.contains(&field), "{field}: {there}");
                assert!(there > 600, "{field}: {there}");
            }
            assert!(items.iter().all(|item| item.as_object().unwrap().len() <= FIELDS.len()));
        }
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
        let manual = items_of(AlbumType::Manual, 250);
        for item in items(250).iter().chain(&manual) {
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
        for item in items_of(AlbumType::Manual, 250) {
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

//! The list of albums.

use serde_json::{Value, json};

use super::{get, json, server_time};
use crate::{AlbumFile, AlbumInfo, AlbumServer, AlbumServerBuilder, Fault};

const ALBUMS: &str = "/koodrive/ose/v1/album/list";
const PERSONAL_MANUAL: [(&str, &str); 2] = [("albumKind", "1"), ("albumType", "2")];

fn builder() -> AlbumServerBuilder {
    AlbumServer::builder().clock(server_time)
}

async fn albums(server: &AlbumServer, query: &[(&str, &str)]) -> (u16, Value) {
    json(get(server, ALBUMS).query(query)).await
}

fn ids(page: &Value) -> Vec<&str> {
    let albums = page["albumList"].as_array().unwrap();
    albums.iter().map(|album| album["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn each_combination_of_kind_and_type_has_its_own_list() {
    let server = builder()
        .album_id("demo")
        .album("a", [])
        .album(AlbumInfo::manual("b").shared(), [])
        .generated_album(AlbumInfo::collection("c").shared(), 3)
        .start()
        .await;
    for (kind, album_type, expected) in
        [("1", "1", "demo"), ("1", "2", "a"), ("2", "1", "c"), ("2", "2", "b")]
    {
        let (status, page) =
            albums(&server, &[("albumKind", kind), ("albumType", album_type)]).await;
        assert_eq!((status, &page["code"], &page["total"]), (200, &json!(0), &json!(1)), "{page}");
        assert_eq!(ids(&page), [expected]);
        let (kind, album_type): (u8, u8) = (kind.parse().unwrap(), album_type.parse().unwrap());
        let album = &page["albumList"][0];
        assert_eq!((&album["albumKind"], &album["albumType"]), (&json!(kind), &json!(album_type)));
    }
    assert_eq!((server.received_album_lists(), server.received_cursors().len()), (4, 0));
}

#[tokio::test]
async fn a_family_has_the_albums_of_its_own() {
    let of_family = |id: &str, family: &str| AlbumInfo::manual(id).group(family);
    let server = builder()
        .album("a", [])
        .album(of_family("b", "7"), [])
        .album(of_family("c", "8"), [])
        .start()
        .await;
    for (group, expected) in [(None, &["a", "b", "c"][..]), (Some("7"), &["b"]), (Some("9"), &[])] {
        let mut query = PERSONAL_MANUAL.to_vec();
        query.extend(group.map(|group| ("groupId", group)));
        let (_, page) = albums(&server, &query).await;
        assert_eq!((ids(&page), &page["total"]), (expected.to_vec(), &json!(expected.len())));
    }
    let query = [PERSONAL_MANUAL[0], PERSONAL_MANUAL[1], ("groupId", "7"), ("groupId", "8")];
    assert_eq!(albums(&server, &query).await.0, 400);
}

#[tokio::test]
async fn albums_are_listed_by_page_number_up_to_an_empty_page() {
    let builder = (0..25).fold(builder(), |all, number| all.album(format!("A{number:02}"), []));
    let server = builder.start().await;
    let mut listed = Vec::new();
    for (number, expected) in [(1, 10), (2, 10), (3, 5), (4, 0), (5, 0)] {
        let number = ("pageNum", &*number.to_string());
        let [kind, album_type] = PERSONAL_MANUAL;
        let (_, page) = albums(&server, &[kind, album_type, number]).await;
        assert_eq!((ids(&page).len(), &page["total"]), (expected, &json!(25)), "{number:?}");
        listed.extend(ids(&page).into_iter().map(str::to_owned));
    }
    assert!(listed.len() == 25 && listed.is_sorted());
    let [kind, album_type] = PERSONAL_MANUAL;
    let (_, page) = albums(&server, &[kind, album_type, ("pageSize", "100")]).await;
    assert_eq!(ids(&page), listed);
}

#[tokio::test]
async fn manual_albums_have_name_and_cover_and_collections_only_if_the_test_says_so() {
    let sea = || [AlbumFile::new("F1").content("the sea")];
    let server = builder()
        .album(AlbumInfo::manual("a").name("Holidays"), sea())
        .album(AlbumInfo::manual("b").cover(false).field("name", None::<String>), sea())
        .album(AlbumInfo::manual("c").field("groupId", "7"), [])
        .album(AlbumInfo::collection("d"), sea())
        .album(AlbumInfo::collection("e").name("Beaches").cover(true), sea())
        .start()
        .await;
    let (_, manual) = albums(&server, &PERSONAL_MANUAL).await;
    let (_, collections) = albums(&server, &[("albumKind", "1"), ("albumType", "1")]).await;
    let described = |page: &Value, at: usize| {
        let album = &page["albumList"][at];
        (album.get("name").cloned(), album.get("coverImg").is_some())
    };
    assert_eq!(described(&manual, 0), (Some(json!("Holidays")), true));
    assert_eq!(described(&manual, 1), (Some(Value::Null), false));
    assert_eq!(described(&manual, 2), (Some(json!("c")), false));
    assert_eq!(manual["albumList"][2]["groupId"], "7");
    let main = (Some(json!("Demo album")), true);
    assert_eq!(described(&collections, 0), main);
    assert_eq!(described(&collections, 1), (None, false));
    assert_eq!(described(&collections, 2), (Some(json!("Beaches")), true));

    let cover = manual["albumList"][0]["coverImg"].as_str().unwrap();
    let answer = reqwest::get(cover).await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), super::header(&answer, "content-type")),
        (200, "image/jpeg")
    );
}

#[tokio::test]
async fn a_bad_request_for_albums_is_refused_like_one_for_files() {
    let server = builder().album_list_fault(2, Fault::status(503)).start().await;
    let (status, body) = albums(&server, &[("albumKind", "1")]).await;
    assert_eq!((status, &body["code"]), (400, &json!(13_000_102)), "{body}");
    let anonymous = reqwest::get(format!("{}{ALBUMS}?albumKind=1&albumType=1", server.uri())).await;
    assert_eq!(anonymous.unwrap().status(), 401);
    assert_eq!(get(&server, ALBUMS).query(&PERSONAL_MANUAL).send().await.unwrap().status(), 503);
    server.assert_faults_used();
}

#[tokio::test]
async fn only_a_collection_album_says_when_its_files_were_taken() {
    let server = builder()
        .album("a", [AlbumFile::new("F1")])
        .album(AlbumInfo::collection("b"), [AlbumFile::new("F1")])
        .generated_album("c", 40)
        .generated_album(AlbumInfo::collection("d"), 40)
        .start()
        .await;
    for (album, is_collection) in [("a", false), ("b", true), ("c", false), ("d", true)] {
        let (_, page) = json(get(&server, &format!("/koodrive/ose/v1/album/{album}/list"))).await;
        let files = page["contentList"].as_array().unwrap();
        let has = |field: &str| files.iter().any(|file| file.get(field).is_some());
        assert_eq!(
            ["takeTime", "addTime", "adderUserId"].map(has),
            [is_collection, !is_collection, !is_collection],
            "{album}"
        );
    }
}

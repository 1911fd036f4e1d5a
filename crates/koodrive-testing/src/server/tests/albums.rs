//! Custom albums, as a user of the crate lists them.

use futures::{StreamExt as _, TryStreamExt as _};
use koodrive::{ErrorKind, SortDirection, SortType};

use crate::{AlbumFile, AlbumServer, ReceivedRequest};

const FAMILY: &str = "family";

/// Five files that have a different order under each key. `b` and `c` were edited at the same time.
fn family() -> Vec<AlbumFile> {
    let at = |id: &str, taken, created, edited| {
        let time = |month| format!("2025-{month:02}-01T00:00:00.000Z");
        AlbumFile::new(id)
            .take_time(time(taken))
            .created_time(time(created))
            .edited_time(time(edited))
    };
    let files = [("c", 1, 3, 5), ("a", 2, 1, 7), ("e", 3, 5, 6), ("b", 4, 2, 5), ("d", 5, 4, 1)];
    files.into_iter().map(|(id, taken, created, edited)| at(id, taken, created, edited)).collect()
}

async fn ids(list: koodrive::ListAlbumContent) -> String {
    let ids = list.stream().map_ok(|file| file.id().to_owned());
    ids.try_collect::<Vec<_>>().await.unwrap().concat()
}

#[tokio::test]
async fn custom_files_are_sorted_by_each_time_and_then_by_id_and_paged_by_cursors() {
    let server = AlbumServer::builder().album(FAMILY, family()).start().await;
    let list = server.client().list_album_content(FAMILY).page_size(2);
    for (sort, expected) in [
        (SortType::ShootingTime, "caebd"),
        (SortType::CreationTime, "abcde"),
        (SortType::UpdateTime, "dbcea"),
    ] {
        let list = list.clone().sort_type(sort);
        let reversed: String = expected.chars().rev().collect();
        assert_eq!(ids(list.clone().sort_direction(SortDirection::Ascending)).await, expected);
        assert_eq!(ids(list.sort_direction(SortDirection::Descending)).await, reversed);
    }
    let cursors = server.received_cursors();
    assert_eq!(cursors.len(), 6 * 3);
    assert!(cursors.iter().flatten().all(|cursor| cursor.parse::<u64>().is_err()));
}

#[tokio::test]
async fn custom_albums_are_listed_beside_the_generated_one_or_replace_it() {
    let albums = AlbumServer::builder().files(3).album(FAMILY, family()).album("empty", []);
    let server = albums.start().await;
    let count = |id: &str| server.client().list_album_content(id).stream().count();
    assert_eq!((count(server.album_id()).await, count(FAMILY).await), (3, 5));
    assert_eq!(count("empty").await, 0);

    let unknown = server.client().list_album_content("unknown").send().await.unwrap_err();
    assert_eq!((unknown.kind(), unknown.code()), (ErrorKind::Api, Some("13000309")));

    let asked: Vec<_> = server.received_requests().iter().map(ReceivedRequest::album_id).collect();
    assert_eq!(asked, [server.album_id(), FAMILY, "empty", "unknown"].map(|id| Some(id.into())));

    let server = AlbumServer::builder().album_id(FAMILY).album(FAMILY, family()).start().await;
    assert_eq!(server.client().list_album_content(FAMILY).stream().count().await, 5);
}

#[tokio::test]
async fn a_custom_file_has_the_fields_that_the_test_sets() {
    let file = AlbumFile::new("F1").file_name("sea.png").size(64_492).field("favorite", true);
    let odd = AlbumFile::new("F2").field("id", None::<String>);
    let server = AlbumServer::builder().album(FAMILY, [file, odd]).start().await;
    let files = server.client().list_album_content(FAMILY).stream();
    let files: Vec<_> = files.collect().await;

    // The last file is the newest, so it comes first.
    assert_eq!(files[0].as_ref().unwrap_err().kind(), ErrorKind::Decode);
    let file = files[1].as_ref().unwrap();
    assert_eq!((file.file_name(), file.file_suffix()), (Some("sea.png"), Some("png")));
    assert_eq!((file.size(), file.favorite()), (Some(64_492), Some(true)));
    assert_eq!(file.owner_id(), Some(server.user_id()));
    assert!(file.content_url().unwrap().expires_at().is_some());
}

#[tokio::test]
async fn a_custom_album_can_change_while_it_is_listed() {
    let server = AlbumServer::builder().album(FAMILY, family()).start().await;
    let list = server.client().list_album_content(FAMILY).page_size(2).read_ahead(0);
    let mut files = list.sort_type(SortType::CreationTime).stream();
    assert_eq!(files.try_next().await.unwrap().unwrap().id(), "e");

    server.remove_file(FAMILY, "a");
    server.put_file(FAMILY, AlbumFile::new("f").created_time("2025-12-01T00:00:00.000Z"));

    // `f` was added before the cursor, so `d` is now behind it.
    let rest: Vec<_> = files.map_ok(|file| file.id().to_owned()).try_collect().await.unwrap();
    assert_eq!(rest, ["d", "d", "c", "b"]);
}

#[tokio::test]
#[should_panic(expected = "there is no custom album")]
async fn the_generated_album_cannot_change() {
    let server = AlbumServer::builder().start().await;
    server.put_file(server.album_id(), AlbumFile::new("F1"));
}

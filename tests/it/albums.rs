//! Listing the albums of a user: four lists by page number, as one stream.

use std::collections::HashMap;

use futures::{StreamExt as _, TryStreamExt as _};
use koodrive::{Album, AlbumKind, AlbumType, Checkpoint, ErrorKind, ListAlbums, Result};
use serde_json::{Value, json};
use wiremock::{MockServer, Request, ResponseTemplate};

use crate::support::{USER, client_of, serving};

/// A server whose page `kind.type.number` is what `page` says, and its requests.
struct AlbumsMock(MockServer);

impl AlbumsMock {
    async fn start(page: impl Fn(&str) -> Value + Send + Sync + 'static) -> Self {
        let respond = move |request: &Request| {
            ResponseTemplate::new(200).set_body_json(page(&place(request)))
        };
        Self(serving(respond).await)
    }

    /// Pages of these ids; every other page is empty.
    async fn with(pages: &'static [(&str, &[&str])]) -> Self {
        let pages: HashMap<_, _> = pages.iter().copied().collect();
        Self::start(move |place| page(pages.get(place).copied().unwrap_or_default())).await
    }

    fn albums(&self) -> ListAlbums {
        client_of(&self.0.uri()).build().unwrap().list_albums()
    }

    async fn places(&self) -> Vec<String> {
        self.0.received_requests().await.unwrap().iter().map(place).collect()
    }
}

fn place(request: &Request) -> String {
    let query: HashMap<_, _> = request.url.query_pairs().collect();
    ["albumKind", "albumType", "pageNum"].map(|name| query[name].to_string()).join(".")
}

fn page(ids: &[&str]) -> Value {
    let albums: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
    json!({ "albumList": albums, "total": 0, "code": 0, "msg": "Success." })
}

async fn listed(albums: ListAlbums) -> Vec<String> {
    let albums: Vec<Album> = albums.stream().try_collect().await.unwrap();
    albums.iter().map(|album| album.id().to_owned()).collect()
}

/// The id of each album, and the kind of each error.
async fn outcomes(albums: ListAlbums) -> Vec<String> {
    let shown = |album: Result<Album>| {
        album.map_or_else(|error| format!("{:?}", error.kind()), |album| album.id().to_owned())
    };
    albums.stream().map(shown).collect().await
}

#[tokio::test]
async fn all_albums_are_four_lists_each_of_which_ends_with_an_empty_page() {
    let pages: &[(&str, &[&str])] =
        &[("1.1.1", &["a", "b"]), ("1.1.2", &["c"]), ("2.1.1", &["d"]), ("2.2.1", &["e"])];
    let server = AlbumsMock::with(pages).await;

    assert_eq!(listed(server.albums()).await, ["a", "b", "c", "d", "e"]);
    let expected = ["1.1.1", "1.1.2", "1.1.3", "1.2.1", "2.1.1", "2.1.2", "2.2.1", "2.2.2"];
    assert_eq!(server.places().await, expected);
}

#[tokio::test]
async fn a_kind_and_a_type_restrict_what_is_requested() {
    let server = AlbumsMock::with(&[]).await;
    let (albums, manual) = (server.albums(), AlbumType::Manual);
    listed(albums.clone().kind(AlbumKind::Shared)).await;
    listed(albums.clone().album_type(manual)).await;
    listed(albums.kind(AlbumKind::Personal).album_type(manual)).await;
    assert_eq!(server.places().await, ["2.1.1", "2.2.1", "1.2.1", "2.2.1", "1.2.1"]);
}

#[tokio::test]
async fn a_request_has_the_documented_headers_and_query() {
    let server = AlbumsMock::with(&[]).await;
    let albums = server.albums().group_id("family 1+2").page_size(7);
    assert_eq!(albums.clone().send().await.unwrap_err().kind(), ErrorKind::InvalidInput);
    let page = albums.group_id("f1&2").send().await.unwrap();
    assert!(page.contents().is_empty());

    let request = &server.0.received_requests().await.unwrap()[0];
    assert_eq!(request.url.path(), "/koodrive/ose/v1/album/list");
    let query = request.url.query().unwrap();
    assert_eq!(query, "albumKind=1&albumType=1&groupId=f1%262&pageNum=1&pageSize=7");
    assert_eq!(request.headers["x-user-id"], USER);
    for name in ["authorization", "x-date", "x-traceid"] {
        assert!(request.headers.contains_key(name), "{name}");
    }
}

#[tokio::test]
async fn an_album_whose_page_shifts_is_handed_out_once() {
    let pages: &[(&str, &[&str])] =
        &[("1.1.1", &["a", "b"]), ("1.1.2", &["b", "c"]), ("1.2.1", &["a", "d"])];
    let server = AlbumsMock::with(pages).await;
    assert_eq!(listed(server.albums()).await, ["a", "b", "c", "d"]);
}

#[tokio::test]
async fn what_the_service_leaves_out_is_what_was_asked_for() {
    let server = AlbumsMock::with(&[("2.1.1", &["a"])]).await;
    let albums: Vec<Album> = server.albums().stream().try_collect().await.unwrap();
    assert_eq!(albums[0].kind(), Some(AlbumKind::Shared));
    assert_eq!(albums[0].album_type(), Some(AlbumType::Collection));
}

#[tokio::test]
async fn an_unreadable_album_costs_that_album() {
    let server = AlbumsMock::start(|place| match place {
        "1.1.1" => {
            json!({ "albumList": [{ "id": 1 }, { "name": "x" }, { "id": "3" }], "code": "0" })
        }
        "1.1.2" => json!({ "albumList": [7], "code": 0 }),
        "1.1.3" => json!({ "albumList": null, "code": 0 }),
        _ => page(&[]),
    })
    .await;
    let albums = server.albums().kind(AlbumKind::Personal);
    assert_eq!(outcomes(albums.clone()).await, ["1", "Decode", "3", "Decode"]);

    let errors = albums.stream().filter_map(async |album| album.err());
    let errors: Vec<String> = errors.map(|error| error.to_string()).collect().await;
    assert!(errors[0].starts_with("an album could not be read: entry 1"), "{}", errors[0]);
}

#[tokio::test]
async fn what_is_no_page_of_albums_is_an_error_and_never_an_end() {
    for body in [
        json!({}),
        json!([]),
        json!({ "contentList": [{ "id": "a" }] }),
        json!({ "code": 0, "total": 3 }),
    ] {
        let server = AlbumsMock::start(move |_| body.clone()).await;
        assert_eq!(outcomes(server.albums()).await, ["Decode"]);
    }
    let server = AlbumsMock::start(|_| json!({ "code": 13000309, "msg": "gone" })).await;
    assert_eq!(outcomes(server.albums()).await, ["Api"]);
}

#[tokio::test]
async fn a_listing_resumes_with_exactly_the_rest() {
    let pages: &[(&str, &[&str])] =
        &[("1.1.1", &["a", "b"]), ("1.1.2", &["c"]), ("2.1.1", &["d", "e"])];
    let server = AlbumsMock::with(pages).await;
    let all = ["a", "b", "c", "d", "e"];
    for taken in 0..=all.len() {
        let mut albums = server.albums().stream();
        for _ in 0..taken {
            albums.try_next().await.unwrap();
        }
        let saved = albums.checkpoint().to_string();
        let checkpoint: Checkpoint = saved.parse().unwrap();
        assert_eq!((checkpoint.album_id(), checkpoint.items()), ("", taken as u64));
        assert_eq!(listed(server.albums().resume(checkpoint)).await, all[taken..], "{saved}");
    }
}

#[tokio::test]
async fn a_checkpoint_of_another_listing_is_refused() {
    let server = AlbumsMock::with(&[]).await;
    let of_albums = server.albums().stream().checkpoint();
    let client = client_of(&server.0.uri()).build().unwrap();
    let of_an_album = client.list_album_content("17").stream().checkpoint();

    let personal = server.albums().kind(AlbumKind::Personal).resume(of_albums.clone());
    assert_eq!(outcomes(personal).await, ["InvalidInput"]);
    assert_eq!(outcomes(server.albums().resume(of_an_album)).await, ["InvalidInput"]);
    let files = client.list_album_content("17").resume(of_albums);
    assert_eq!(files.send().await.unwrap_err().kind(), ErrorKind::InvalidInput);
    let edited: Checkpoint = "1::albums:100::1.1:1.2:2.1:2.2:0:0:0:9.9.9".parse().unwrap();
    assert_eq!(outcomes(server.albums().resume(edited)).await, ["InvalidInput"]);
    assert_eq!(server.places().await, [""; 0]);
}

//! What an error costs: never a file, never a file twice.

use futures::{StreamExt as _, TryStreamExt as _, stream::FusedStream as _};
use koodrive::ErrorKind;
use koodrive_testing::{AlbumServer, Fault};
use serde_json::{Value, json};

use super::{
    album_at, in_tens, listed, outcomes,
    paged::{PagedMock, page},
    raw,
};

#[tokio::test]
async fn a_transient_error_is_yielded_once_and_loses_no_file() {
    for failing in 0..3 {
        let server =
            AlbumServer::builder().files(25).fault(failing, Fault::status(503)).start().await;

        let out = outcomes(in_tens(&server).stream()).await;

        let cursors = server.received_cursors();
        assert_eq!(cursors.len(), 4);
        assert_eq!(cursors[failing], cursors[failing + 1], "another page was requested");
        let mut expected = listed(in_tens(&server).stream()).await;
        expected.insert(failing * 10, "Status".to_owned());
        assert_eq!(out, expected);
    }
}

#[tokio::test]
async fn consecutive_transient_errors_are_each_yielded_and_lose_no_file() {
    let server = AlbumServer::builder()
        .files(25)
        .fault(1, Fault::status(503))
        .fault(2, Fault::status(429))
        .fault(3, Fault::status(500))
        .start()
        .await;

    let out = outcomes(in_tens(&server).stream()).await;

    let cursors = server.received_cursors();
    assert_eq!(cursors.len(), 6);
    assert!(cursors[1..4].iter().all(|cursor| *cursor == cursors[4] && cursor.is_some()));
    assert_eq!(out[10..13], ["Status", "Throttled", "Status"]);
    let files = [&out[..10], &out[13..]].concat();
    assert_eq!(files, listed(in_tens(&server).stream()).await);
}

#[tokio::test]
async fn pages_continue_after_a_transient_error() {
    let server = AlbumServer::builder().files(25).fault(1, Fault::status(503)).start().await;

    let pages: Vec<_> = in_tens(&server).pages().collect().await;

    let sizes: Vec<_> =
        pages.iter().map(|p| p.as_ref().map_or(0, |p| p.contents().len())).collect();
    assert_eq!(sizes, [10, 0, 10, 5]);
    let cursors = server.received_cursors();
    assert_eq!((cursors.len(), &cursors[1]), (4, &cursors[2]));
}

#[tokio::test]
async fn a_final_error_ends_the_stream() {
    let refusal = r#"{"code":13000309,"msg":"no such thing"}"#;
    for (fault, kind) in [
        (Fault::status(401), ErrorKind::Unauthorized),
        (Fault::status(400).body(refusal), ErrorKind::Api),
        (Fault::status(200).body(refusal), ErrorKind::Api),
    ] {
        let server = AlbumServer::builder().files(25).fault(1, fault).start().await;
        let mut files = in_tens(&server).stream();

        let first_page = listed(files.by_ref().take(10)).await;
        let error = files.next().await.unwrap().unwrap_err();
        let after = [files.next().await, files.next().await];

        assert_eq!((first_page.len(), error.kind(), error.is_retryable()), (10, kind, false));
        assert!(after.iter().all(Option::is_none) && files.is_terminated(), "{kind:?}");
        assert_eq!(server.received_requests().len(), 2, "{kind:?}");
    }
}

#[tokio::test]
async fn a_final_error_ends_the_pages() {
    let server = AlbumServer::builder().files(25).fault(1, Fault::status(401)).start().await;
    let mut pages = in_tens(&server).pages();

    let out: Vec<_> = pages.by_ref().map(|page| page.is_ok()).collect().await;
    let after = pages.next().await;

    assert_eq!(out, [true, false]);
    assert!(after.is_none() && pages.is_terminated());
    assert_eq!(server.received_requests().len(), 2);
}

/// Three pages with two files, two files and one file. Each ends in a line feed.
fn body(cursor: &str) -> String {
    let page = match cursor {
        "" => page(&["a", "b"], Some("A")),
        "A" => page(&["c", "d"], Some("B")),
        _ => page(&["e"], None),
    };
    format!("{page}\n")
}

#[tokio::test]
async fn a_page_cut_in_its_body_costs_one_error_and_no_file() {
    let whole = body("A").len();
    // If only the line feed is missing, the bytes received are still a whole page.
    for kept in [0, 1, whole / 2, whole - 1] {
        let (uri, asked) = raw::cutting(kept, body).await;

        let out = outcomes(album_at(&uri).stream()).await;

        assert_eq!(out, ["a", "b", "Transport", "c", "d", "e"], "{kept} of {whole} bytes");
        assert_eq!(*asked.lock().unwrap(), ["", "A", "A", "B"], "{kept} of {whole} bytes");
    }
}

/// Entries that cannot be read as a file.
fn broken_files() -> [Value; 3] {
    [json!(null), json!({"fileName": "x.jpg"}), json!({"id": "x", "fileName": {}})]
}

/// A page with this list, then a page with one file.
async fn server_with(list: Value) -> PagedMock {
    PagedMock::start(move |cursor| match cursor {
        "" => {
            let mut page = page(&[], Some("A"));
            page["contentList"] = list.clone();
            page
        }
        _ => page(&["z"], None),
    })
    .await
}

#[tokio::test]
async fn a_broken_file_is_one_error_in_its_place() {
    for broken in broken_files() {
        let server = server_with(json!([{"id": "a"}, broken, {"id": "c"}])).await;

        let mut files = server.album().stream();
        let out = outcomes(&mut files).await;

        assert_eq!(out, ["a", "Decode", "c", "z"], "{broken}");
        assert_eq!((files.progress().items, files.progress().pages), (3, 2));
        assert_eq!(server.received_cursors().await, ["-", "A"], "{broken}");
    }
}

/// The malformed page follows an empty one within the same poll, so that the checkpoint moves too.
#[tokio::test]
async fn an_answer_that_is_not_a_page_is_not_skippable() {
    let server = PagedMock::start(|cursor| match cursor {
        "" => json!({"code": 0, "contentList": [{"id": "a"}, null], "nextPageCursor": "A"}),
        "A" => page(&[], Some("B")),
        _ => json!({}),
    })
    .await;

    let out: Vec<_> = server.album().stream().collect().await;

    let errors = out.iter().filter_map(|item| item.as_ref().err());
    let facts: Vec<_> = errors.map(|error| (error.kind(), error.is_skippable())).collect();
    assert_eq!(facts, [(ErrorKind::Decode, true), (ErrorKind::Decode, false)]);
}

#[tokio::test]
async fn broken_files_keep_their_places_anywhere_on_a_page() {
    let good = |id| json!({"id": id});
    for (list, expected) in [
        (json!([null, good("a"), good("b")]), "Decode a b z"),
        (json!([good("a"), good("b"), null]), "a b Decode z"),
        (json!([null, null, good("a"), {}, {}, good("b"), null]), {
            "Decode Decode a Decode Decode b Decode z"
        }),
        (json!([null]), "Decode z"),
    ] {
        let server = server_with(list).await;

        let out = outcomes(server.album().stream()).await;

        assert_eq!(out.join(" "), expected);
    }
}

#[tokio::test]
async fn the_error_of_a_broken_file_names_its_place() {
    let server = server_with(json!([{"id": "a"}, {"id": "b", "fileName": {}}])).await;

    let page = server.album().send().await.unwrap();
    let texts: Vec<_> = page.broken().map(ToString::to_string).collect();
    let mut in_place = page.into_iter();

    assert_eq!(texts.len(), 1);
    assert!(texts[0].contains("entry 1 of the page"), "{texts:?}");
    assert_eq!(in_place.len(), 2);
    assert_eq!(in_place.next().unwrap().unwrap().id(), "a");
    assert_eq!(in_place.next().unwrap().unwrap_err().to_string(), texts[0]);
    assert!(in_place.next().is_none());
}

#[tokio::test]
async fn a_stream_continues_after_its_caller_stopped_at_a_broken_file() {
    let server = server_with(json!([{"id": "a"}, null, {"id": "c"}])).await;
    let mut files = server.album().stream();

    let first = files.by_ref().try_collect::<Vec<_>>().await;
    let rest = listed(files).await;

    assert_eq!(first.unwrap_err().kind(), ErrorKind::Decode);
    assert_eq!(rest, ["c", "z"]);
}

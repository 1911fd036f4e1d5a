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
async fn a_transient_error_is_yielded_once_and_polled_past_without_loss() {
    for failing in 0..3 {
        let server =
            AlbumServer::builder().files(25).fault(failing, Fault::status(503)).start().await;

        let out = outcomes(in_tens(&server).stream()).await;

        let cursors = server.received_cursors();
        assert_eq!(cursors.len(), 4);
        assert_eq!(cursors[failing], cursors[failing + 1], "not the same page again");
        let mut expected = listed(in_tens(&server).stream()).await;
        expected.insert(failing * 10, "Status".to_owned());
        assert_eq!(out, expected);
    }
}

#[tokio::test]
async fn several_transient_errors_in_a_row_are_each_yielded_and_polled_past() {
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
async fn the_pages_can_be_polled_past_a_transient_error_too() {
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

/// Three pages, of two files each but for the last, and a line feed after each.
fn body(cursor: &str) -> String {
    let page = match cursor {
        "" => page(&["a", "b"], Some("A")),
        "A" => page(&["c", "d"], Some("B")),
        _ => page(&["e"], None),
    };
    format!("{page}\n")
}

#[tokio::test]
async fn a_page_that_is_cut_in_its_body_costs_one_error_and_no_file() {
    let whole = body("A").len();
    // Where only the line feed is missing, what came is a page by itself.
    for kept in [0, 1, whole / 2, whole - 1] {
        let (uri, asked) = raw::cutting(kept, body).await;

        let out = outcomes(album_at(&uri).stream()).await;

        assert_eq!(out, ["a", "b", "Transport", "c", "d", "e"], "{kept} of {whole} bytes");
        assert_eq!(*asked.lock().unwrap(), ["", "A", "A", "B"], "{kept} of {whole} bytes");
    }
}

/// What cannot be read as a file.
fn broken_files() -> [Value; 3] {
    [json!(null), json!({"fileName": "x.jpg"}), json!({"id": "x", "fileName": {}})]
}

/// A page of two, then a page of one.
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
async fn a_broken_file_costs_that_file_alone_in_its_place() {
    for broken in broken_files() {
        let server = server_with(json!([{"id": "a"}, broken, {"id": "c"}])).await;

        let mut files = server.album().stream();
        let out = outcomes(&mut files).await;

        assert_eq!(out, ["a", "Decode", "c", "z"], "{broken}");
        assert_eq!((files.progress().items, files.progress().pages), (3, 2));
        assert_eq!(server.received_cursors().await, ["-", "A"], "{broken}");
    }
}

/// The page that is none comes behind an empty one, in the same poll, so that the checkpoint moves, too.
#[tokio::test]
async fn an_answer_that_is_no_page_is_not_taken_for_one_odd_file() {
    let server = PagedMock::start(|cursor| match cursor {
        "" => json!({"code": 0, "contentList": [{"id": "a"}, null], "nextPageCursor": "A"}),
        "A" => page(&[], Some("B")),
        _ => json!({}),
    })
    .await;

    let out: Vec<_> = server.album().stream().collect().await;

    let errors = out.iter().filter_map(|item| item.as_ref().err());
    let told: Vec<_> = errors.map(|error| (error.kind(), error.is_skippable())).collect();
    assert_eq!(told, [(ErrorKind::Decode, true), (ErrorKind::Decode, false)]);
}

#[tokio::test]
async fn broken_files_at_either_end_and_side_by_side_keep_their_places() {
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
async fn the_error_of_a_broken_file_says_which_it_is() {
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
async fn a_caller_who_stops_at_a_broken_file_can_still_go_on() {
    let server = server_with(json!([{"id": "a"}, null, {"id": "c"}])).await;
    let mut files = server.album().stream();

    let first = files.by_ref().try_collect::<Vec<_>>().await;
    let rest = listed(files).await;

    assert_eq!(first.unwrap_err().kind(), ErrorKind::Decode);
    assert_eq!(rest, ["c", "z"]);
}

//! Where a listing ends: at a page without a cursor, and nowhere else.

use futures::{StreamExt as _, TryStreamExt as _, stream::FusedStream as _};
use koodrive::ErrorKind;
use serde_json::{Value, json};

use super::{
    listed, outcomes,
    paged::{PagedMock, page},
};

#[tokio::test]
async fn a_short_page_does_not_end_the_list() {
    let server = PagedMock::start(|cursor| match cursor {
        "" => page(&["a"], Some("A")),
        "A" => page(&["b", "c"], Some("B")),
        _ => page(&["d"], None),
    })
    .await;

    let files = listed(server.album().page_size(100).stream()).await;

    assert_eq!(files, ["a", "b", "c", "d"]);
    assert_eq!(server.received_cursors().await, ["-", "A", "B"]);
}

#[tokio::test]
async fn an_empty_page_does_not_end_the_stream() {
    for empty in [json!([]), json!(null), json!("absent")] {
        let server = PagedMock::start(move |cursor| match cursor {
            "" => with_list(page(&[], Some("A")), &empty),
            "A" => page(&["a"], Some("B")),
            "B" => with_list(page(&[], Some("C")), &empty),
            "C" => with_list(page(&[], Some("D")), &empty),
            "D" => page(&["b"], Some("E")),
            _ => with_list(page(&[], None), &empty),
        })
        .await;

        let files = listed(server.album().stream()).await;

        assert_eq!(files, ["a", "b"]);
        assert_eq!(server.received_cursors().await, ["-", "A", "B", "C", "D", "E"]);
    }
}

fn with_list(mut page: Value, list: &Value) -> Value {
    page["contentList"] = list.clone();
    if list == "absent" {
        page.as_object_mut().unwrap().remove("contentList");
    }
    page
}

#[tokio::test]
async fn pages_yield_empty_pages_too() {
    let server = PagedMock::start(|cursor| match cursor {
        "" => page(&["a"], Some("A")),
        "A" => page(&[], Some("B")),
        _ => page(&["b"], None),
    })
    .await;

    let pages: Vec<_> = server.album().pages().try_collect().await.unwrap();

    let sizes: Vec<_> = pages.iter().map(|page| page.contents().len()).collect();
    assert_eq!(sizes, [1, 0, 1]);
}

#[tokio::test]
async fn the_total_neither_ends_nor_extends_the_list() {
    let lies = [
        json!(0),
        json!(1),
        json!(2),
        json!(4),
        json!(1_000_000),
        json!(-1),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e300),
        json!("2"),
        json!("many"),
        json!(null),
        json!([]),
    ];
    for total in lies {
        let lie = total.clone();
        let server = PagedMock::start(move |cursor| {
            let mut page = match cursor {
                "" => page(&["a", "b"], Some("A")),
                _ => page(&["c"], None),
            };
            page["total"] = lie.clone();
            page
        })
        .await;

        let files = listed(server.album().stream()).await;

        assert_eq!(files, ["a", "b", "c"], "{total}");
        assert_eq!(server.received_cursors().await, ["-", "A"], "{total}");
    }
}

#[tokio::test]
async fn an_absent_a_null_and_an_empty_cursor_each_end_the_list() {
    for end in [None, Some(json!(null)), Some(json!(""))] {
        let last = end.clone();
        let server = PagedMock::start(move |cursor| match (cursor, &last) {
            ("", _) => page(&["a"], Some("A")),
            (_, None) => page(&["b"], None),
            (_, Some(end)) => {
                let mut page = page(&["b"], None);
                page["nextPageCursor"] = end.clone();
                page
            }
        })
        .await;

        let mut files = server.album().stream();
        let listed = listed(&mut files).await;
        let after = files.next().await;

        assert_eq!(listed, ["a", "b"], "{end:?}");
        assert!(after.is_none() && files.is_terminated());
        assert_eq!(server.received_cursors().await, ["-", "A"], "{end:?}");
    }
}

#[tokio::test]
async fn a_repeated_cursor_is_an_error_after_the_files_of_its_page() {
    let server = PagedMock::start(|cursor| match cursor {
        "" => page(&["a"], Some("A")),
        "A" => page(&["b"], Some("B")),
        _ => page(&["c", "d"], Some("A")),
    })
    .await;

    let mut stream = server.album().stream();

    // A client that went round in circles would fail here instead of not ending.
    let out = outcomes(stream.by_ref().take(20)).await;
    let after = [stream.next().await, stream.next().await];

    assert_eq!(out, ["a", "b", "c", "d", "Paging"]);
    assert!(after.iter().all(Option::is_none) && stream.is_terminated());
    assert_eq!(server.received_cursors().await, ["-", "A", "B"]);
}

#[tokio::test]
async fn pages_end_in_a_final_error_after_the_page_that_repeats_a_cursor() {
    let server = PagedMock::start(|_| page(&["a"], Some("A"))).await;
    let mut pages = server.album().pages();

    let [first, second, third, fourth] =
        [pages.next().await, pages.next().await, pages.next().await, pages.next().await];

    assert!(matches!((first, second, fourth), (Some(Ok(_)), Some(Ok(_)), None)));
    let error = third.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Paging, false));
    assert_eq!(server.received_cursors().await, ["-", "A"]);
}

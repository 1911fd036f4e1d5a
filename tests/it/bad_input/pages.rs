//! Answers with status 200: what is not a page is an error and never an empty page, and unusual
//! pages are read as far as their meaning is plain.

use futures::StreamExt;
use koodrive::{AlbumContent, AlbumContentPage, Error, ErrorKind};
use koodrive_testing::{AlbumServer, Fault};
use serde_json::{Value, json};

use crate::support::{answer, answers, client_without_retries, ok};

/// Far deeper than the recursion of any parser.
const DEPTH: usize = 100_000;

/// An id above 2^53, as a number and as text.
const NUMBER: u64 = 1_765_263_620_687_613_825;
const ID: &str = "1765263620687613825";

fn nested(inside: &str) -> String {
    format!("{}{inside}{}", "[".repeat(DEPTH), "]".repeat(DEPTH))
}

async fn page_of(body: impl Into<Vec<u8>>) -> AlbumContentPage {
    answer(ok(body)).await.unwrap()
}

/// The file of a page with this single entry.
async fn file(entry: &str) -> Result<AlbumContent, Error> {
    let body = format!(r#"{{"contentList":[{entry}],"code":0}}"#);
    let mut entries: Vec<_> = page_of(body).await.into_iter().collect();
    assert_eq!(entries.len(), 1, "{entry}");
    entries.remove(0)
}

async fn assert_no_page(what: &str, fault: Fault) {
    let server = AlbumServer::builder().fault(0, fault.clone()).fault(1, fault).start().await;
    let listing = client_without_retries(&server).list_album_content(server.album_id());

    let answer = listing.clone().send().await;
    let streamed: Vec<_> = listing.stream().collect().await;

    let error = answer.map(|page| format!("{what}: {page:?}")).unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Decode, Some(200)), "{what}: {error}");
    assert!(!error.is_retryable(), "{what}");
    assert_eq!((error.attempts(), error.trace_id().map(str::len)), (1, Some(58)), "{what}");
    assert!(error.to_string().len() < 400, "{what}: {error}");
    let [Err(error)] = streamed.as_slice() else { panic!("{what}: {streamed:?}") };
    assert_eq!(error.kind(), ErrorKind::Decode, "{what}");
    assert_eq!(server.received_requests().len(), 2, "{what}");
}

#[tokio::test]
async fn an_answer_that_is_not_a_page_is_never_an_empty_page() {
    for (what, body) in [
        ("nothing", ""),
        ("spaces", " \r\n\t "),
        ("HTML", "<!doctype html><title>Log in</title>"),
        ("HTML after a BOM", "\u{feff}<html></html>"),
        ("XML", r#"<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>"#),
        ("an empty object", "{}"),
        ("another object", r#"{"status":"ok"}"#),
        ("only nulls", r#"{"contentList":null,"code":null,"total":0}"#),
        ("a null list without a code", r#"{"contentList":null}"#),
        ("an empty list", "[]"),
        ("a null", "null"),
        ("a string", r#""contentList""#),
        ("a number", "0"),
        ("a boolean", "true"),
        ("a list that is an object", r#"{"contentList":{"id":"1"},"code":0}"#),
        ("a list that is a string", r#"{"contentList":"[]","code":0}"#),
        ("a list that is a number", r#"{"contentList":0,"code":0}"#),
        ("a cut object", r#"{"contentList":[{"id":"1"},{"id":"2"}],"nextPageCur"#),
        ("a cut list", r#"{"contentList":[{"id":"1"},{"id":"2"}"#),
        ("a cut string", r#"{"contentList":[{"id":"1"#),
        ("a page and more", r#"{"contentList":[],"code":0} trailing"#),
        ("two pages", r#"{"contentList":[],"code":0}{"contentList":[],"code":0}"#),
        ("a doubled list", r#"{"contentList":[],"contentList":[],"code":0}"#),
        ("a trailing comma", r#"{"contentList":[],"code":0,}"#),
        ("a code that is a list", r#"{"contentList":[],"code":[0]}"#),
        ("a cursor that is an object", r#"{"contentList":[],"nextPageCursor":{},"code":0}"#),
        ("a lone surrogate in the cursor", r#"{"contentList":[],"nextPageCursor":"\ud800"}"#),
        ("a raw control character", "{\"contentList\":[],\"nextPageCursor\":\"\u{1}\"}"),
    ] {
        assert_no_page(what, ok(body)).await;
    }
}

#[tokio::test]
async fn an_answer_that_is_not_utf_8_is_not_a_page() {
    let utf_16: Vec<u8> =
        "{\"contentList\":[]}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (what, fault) in [
        ("UTF-16", ok(utf_16)),
        ("no UTF-8", ok(b"{\"contentList\":[],\"nextPageCursor\":\"\xff\"}".as_slice())),
        ("gzip", ok(b"\x1f\x8b\x08\0\0\0\0\0".as_slice())),
        ("deep nesting in the list", ok(format!(r#"{{"contentList":{},"code":"#, nested("")))),
    ] {
        assert_no_page(what, fault).await;
    }
}

#[tokio::test]
async fn a_file_in_millions_of_folders_is_broken() {
    let folders = vec![r#""""#; 5_000_000].join(",");
    let page = page_of(format!(
        r#"{{"contentList":[{{"id":"1"}},{{"id":"2","parentFolder":[{folders}]}}],"code":0}}"#
    ));
    let entries: Vec<_> = page.await.into_iter().collect();
    let [Ok(file), Err(error)] = entries.as_slice() else { panic!("{} entries", entries.len()) };
    assert_eq!(file.id(), "1");
    assert!(error.to_string().contains("`parentFolder"), "{error}");
}

#[tokio::test]
async fn a_page_of_a_million_entries_is_too_large() {
    for entry in [r#"{"id":"1"}"#, "{}", "1"] {
        let entries = vec![entry; 1_000_000].join(",");
        let error = answer(ok(format!(r#"{{"contentList":[{entries}]}}"#))).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge, "{entry}: {error}");
    }
}

#[tokio::test]
async fn a_list_instead_of_an_object_is_not_a_page() {
    // Some parsers accept a list as the fields of a record in order.
    for body in ["[[]]", "[[],null]", "[0,[],null,null,0]", "[null,null,0,0,null]", &nested("")] {
        assert_no_page(&body[..4], ok(body)).await;
    }
}

#[tokio::test]
async fn a_list_instead_of_a_file_is_one_broken_file() {
    let answer = file(r#"["an id",null,"an owner"]"#).await;

    assert_eq!(answer.unwrap_err().kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn a_page_without_files_is_empty_if_it_has_a_list_or_a_success_code() {
    for body in [
        r#"{"contentList":[]}"#,
        r#"{"contentList":[],"code":0}"#,
        r#"{"contentList":null,"code":0,"msg":"Success."}"#,
        r#"{"contentList":null,"code":"0"}"#,
        r#"{"code":0}"#,
        r#"{"code":"0","msg":null,"total":0,"nextPageCursor":""}"#,
        r#"{"code":0,"msg":5}"#,
        "\u{feff}{\"contentList\":[],\"code\":0}",
    ] {
        let page = page_of(body).await;
        assert_eq!((page.contents().len(), page.broken().count()), (0, 0), "{body}");
        assert_eq!(page.next_page_cursor(), None, "{body}");
    }
}

#[tokio::test]
async fn a_total_of_any_form_costs_no_page() {
    for (total, expected) in [
        ("250", Some(250)),
        (r#""250""#, Some(250)),
        ("0", Some(0)),
        ("9223372036854775808", Some(9_223_372_036_854_775_808)),
        ("-1", None),
        ("1.5", None),
        ("1e23", None),
        ("100000000000000000000000", None),
        ("null", None),
        (r#""many""#, None),
        ("{}", None),
    ] {
        let body = format!(r#"{{"contentList":[{{"id":"1"}}],"total":{total},"code":0}}"#);
        let page = page_of(body).await;
        assert_eq!((page.total(), page.contents().len()), (expected, 1), "{total}");
    }
}

#[tokio::test]
async fn a_cursor_may_be_a_number() {
    for (cursor, expected) in [("7", Some("7")), ("0", Some("0")), (r#""""#, None), ("null", None)]
    {
        let page = page_of(format!(r#"{{"contentList":[],"nextPageCursor":{cursor}}}"#)).await;
        assert_eq!(page.next_page_cursor(), expected, "{cursor}");
    }
}

#[tokio::test]
async fn unusual_fields_of_a_file_are_read_as_what_they_mean() {
    let deep = format!(r#"{{"id":"1","more":{}}}"#, nested("1"));
    let numbers = json!({ "id": NUMBER, "ownerId": NUMBER, "creatingUser": NUMBER,
        "adderUserId": NUMBER, "fileType": 15 });
    let texts = json!({ "id": ID, "ownerId": ID, "creatingUser": ID,
        "adderUserId": ID, "fileType": "15" });
    for (entry, expected) in [
        (r#"{"id":"1","size":"64492"}"#, json!({ "id": "1", "size": 64_492 })),
        (r#"{"id":"1","size":""}"#, json!({ "id": "1" })),
        (r#"{"id":"1","size":null,"takeTime":null,"contentUrl":null}"#, json!({ "id": "1" })),
        (r#"{"id":"1","size":18446744073709551615}"#, json!({ "id": "1", "size": u64::MAX })),
        (r#"{"id":"1","takeTime":""}"#, json!({ "id": "1", "takeTime": "" })),
        (r#"{"id":"1","takeTime":"soon"}"#, json!({ "id": "1", "takeTime": "soon" })),
        (r#"{"id":"1","fileType":"99"}"#, json!({ "id": "1", "fileType": "99" })),
        (r#"{"id":"1","fileName":"../../x"}"#, json!({ "id": "1", "fileName": "../../x" })),
        (r#"{"id":"1","contentUrl":"x"}"#, json!({ "id": "1", "contentUrl": "x" })),
        (r#"{"id":"1","new":{"a":[1]}}"#, json!({ "id": "1" })),
        (
            r#"{"id":"1","recycled":1,"favorite":"false"}"#,
            json!({ "id": "1", "recycled": true, "favorite": false }),
        ),
        (
            r#"{"id":"1","fileName":2025,"takeTime":1757986280654}"#,
            json!({ "id": "1", "fileName": "2025", "takeTime": "1757986280654" }),
        ),
        (r#"{"id":"1","fileName":"a","fileName":"b"}"#, json!({ "id": "1", "fileName": "b" })),
        (&deep, json!({ "id": "1" })),
        (&numbers.to_string(), texts),
    ] {
        let file = file(entry).await.unwrap_or_else(|error| panic!("{entry:.200}: {error}"));
        assert_eq!(serde_json::to_value(&file).unwrap(), expected, "{entry:.200}");
    }
}

#[tokio::test]
async fn a_url_that_is_not_a_url_costs_no_file() {
    for (url, read) in
        [("17", "17"), ("true", "true"), (r#""https://a.example/\n""#, "https://a.example/\n")]
    {
        let file = file(&format!(r#"{{"id":"1","contentUrl":{url}}}"#)).await.unwrap();
        assert_eq!(file.content_url().map(|url| url.as_str().to_owned()).as_deref(), Some(read));
    }
}

#[tokio::test]
async fn ids_of_folders_and_containers_may_be_numbers_too() {
    let entry = json!({ "id": "1", "parentFolder": [NUMBER], "containers": [NUMBER, "a"] });

    let file = file(&entry.to_string()).await.unwrap();

    assert_eq!(file.parent_folder().collect::<Vec<_>>(), [ID]);
    assert_eq!(file.containers().collect::<Vec<_>>(), [ID, "a"]);
}

#[tokio::test]
async fn a_broken_file_costs_only_itself_and_its_error_shows_none_of_it() {
    for entry in [
        "null",
        r#""sh0wn""#,
        r#"{"fileName":"sh0wn"}"#,
        r#"{"id":true}"#,
        r#"{"id":["sh0wn"]}"#,
        r#"{"id":"1","size":"sh0wn"}"#,
        r#"{"id":"1","size":1.5}"#,
        r#"{"id":"1","recycled":"sh0wn"}"#,
        r#"{"id":"1","contentUrl":{"sh0wn":1}}"#,
        r#"{"id":"1","fileName":"\ud800"}"#,
    ] {
        let body = format!(r#"{{"contentList":[{{"id":"a"}},{entry},{{"id":"b"}}],"code":0}}"#);
        let mut entries: Vec<_> = page_of(body).await.into_iter().collect();

        let error = entries.remove(1).unwrap_err();
        let ids: Vec<_> = entries.iter().map(|file| file.as_ref().unwrap().id()).collect();
        assert_eq!(ids, ["a", "b"], "{entry}");
        assert_eq!(error.kind(), ErrorKind::Decode, "{entry}");
        let text = format!("{error}{error:?}");
        assert!(text.contains("entry 1 of the page") && !text.contains("sh0wn"), "{text}");
    }
}

#[tokio::test]
async fn bytes_that_are_not_utf_8_cost_only_the_file_that_holds_them() {
    let replacement = "\u{fffd}";
    let body = format!(
        r#"{{"contentList":[{{"id":"a"}},{{"id":"b","fileName":"x!"}},{{"id":"c","new":"!"}},
        {{"id":"d","containers":["!"]}},{{"id":"e","fileName":"{replacement}"}}],"msg":"!","code":0}}"#
    );
    let body: Vec<u8> = body.bytes().map(|byte| if byte == b'!' { 0xff } else { byte }).collect();

    let entries: Vec<_> = page_of(body).await.into_iter().collect();

    let ids = entries.iter().map(|entry| entry.as_ref().map_or("-", AlbumContent::id));
    assert_eq!(ids.collect::<Vec<_>>(), ["a", "-", "c", "-", "e"]);
    assert_eq!(entries[4].as_ref().unwrap().file_name(), Some(replacement));
    let why = |index: usize| entries[index].as_ref().unwrap_err().to_string();
    assert!(why(1).contains("entry 1 of the page: its `fileName` is missing"), "{}", why(1));
    assert!(why(3).contains("entry 3 of the page: its `containers[0]` is missing"), "{}", why(3));
}

#[tokio::test]
async fn a_file_reads_the_same_on_any_page() {
    // A code in a string makes the client read the page in the slower, lenient way.
    for entry in [r#"{"id":"1","size":-1}"#, r#"{"id":"1","size":5,"takeTime":"x"}"#, "{}"] {
        let faults =
            ["0", r#""0""#].map(|code| ok(format!(r#"{{"contentList":[{entry}],"code":{code}}}"#)));

        let read: Vec<Option<Value>> = answers(faults)
            .await
            .into_iter()
            .map(|page| page.unwrap().into_iter().next().unwrap().ok())
            .map(|file| file.map(|file| serde_json::to_value(file).unwrap()))
            .collect();

        assert_eq!(read[0], read[1], "{entry}");
    }
}

//! A storage that does not do what was asked: never a wrong file under the final name, and at most one restart.

use koodrive::ErrorKind;
use koodrive_testing::{AlbumFile, Fault};

use super::{SIZE, Target, content, eager, listed, picture, serving};
use crate::support::client_without_retries;

const CUT: u64 = 600_000;

fn own() -> Fault {
    Fault::own_reply()
}

/// Replies to a request for the rest of a file that are not this rest.
fn wrong_rests() -> Vec<(&'static str, Fault)> {
    let html = "<!doctype html><title>Sign in</title>";
    vec![
        ("the whole file", own().ignore_range()),
        ("the whole file as a part", own().range_from(0)),
        ("a part that begins too early", own().range_from(1_000)),
        ("a part that begins too late", own().range_from(700_000)),
        ("another total", own().header("content-range", "bytes 600000-999999/1000001")),
        ("no total", own().header("content-range", "bytes 600000-999999/*")),
        ("no range", own().without_header("content-range")),
        ("another version", own().header("etag", "\"0123456789abcdef0123456789abcdef-1\"")),
        ("no version", own().without_header("etag")),
        ("a weak version", own().header("etag", "W/\"0123456789abcdef0123456789abcdef-1\"")),
        ("gzip", own().header("content-encoding", "gzip")),
        ("gzip of the whole file", own().ignore_range().header("content-encoding", "gzip")),
        ("a failed precondition", Fault::status(412)),
        ("a range that cannot be had", Fault::status(416)),
        ("HTML", Fault::status(200).header("content-type", "text/html").body(html)),
        ("nothing", Fault::status(204)),
        ("a loss at once", Fault::lost_connection()),
        ("a loss later", own().cut_after(100_000)),
        ("the whole file, cut", own().ignore_range().cut_after(100_000)),
        ("an overload", Fault::status(503)),
    ]
}

#[tokio::test]
async fn a_wrong_rest_costs_one_restart_and_never_the_file() {
    for (what, wrong) in wrong_rests() {
        let cut = own().cut_after(CUT);
        let server =
            serving(picture(SIZE)).download_fault(0, cut).download_fault(1, wrong).start().await;
        let (client, target) = (eager(&server), Target::new());

        let outcome = client.download(&listed(&client).await).to_path(&target.path).await;

        outcome.unwrap_or_else(|error| panic!("{what}: {error}"));
        target.assert_holds(&content(SIZE));
        let requests = server.received_downloads();
        assert!(requests.len() <= 3, "{what}: {} requests", requests.len());
        let sent: u64 = requests.iter().map(|request| request.bytes_sent()).sum();
        assert!(sent <= 2 * SIZE as u64 + CUT, "{what}: {sent} bytes");
    }
}

#[tokio::test]
async fn a_wrong_rest_in_a_later_run_costs_no_more() {
    for (what, wrong) in wrong_rests() {
        let cut = own().cut_after(CUT);
        let server =
            serving(picture(SIZE)).download_fault(0, cut).download_fault(1, wrong).start().await;
        let (client, target) = (client_without_retries(&server), Target::new());
        let file = listed(&client).await;
        client.download(&file).to_path(&target.path).await.unwrap_err();

        let outcome = eager(&server).download(&file).to_path(&target.path).await;

        outcome.unwrap_or_else(|error| panic!("{what}: {error}"));
        target.assert_holds(&content(SIZE));
        assert!(server.received_downloads().len() <= 3, "{what}");
    }
}

#[tokio::test]
async fn a_storage_that_never_sends_the_rest_is_given_up() {
    for (what, wrong) in wrong_rests() {
        // It cuts every whole file, and sends no rest.
        let mut server = serving(picture(SIZE));
        for number in 0..40 {
            let fault = if number % 2 == 0 { own().cut_after(CUT) } else { wrong.clone() };
            server = server.download_fault(number, fault);
        }
        let server = server.start().await;
        let (client, target) = (eager(&server), Target::new());

        let outcome = client.download(&listed(&client).await).to_path(&target.path).await;

        let requests = server.received_downloads().len();
        match outcome {
            // The losses and the overload: every second reply gets further.
            Ok(_) => target.assert_holds(&content(SIZE)),
            Err(_) => assert!(!target.path.exists() && requests <= 12, "{what}: {requests}"),
        }
    }
}

#[tokio::test]
async fn what_is_not_the_file_is_refused_from_the_start() {
    use ErrorKind::{Decode, Redirect, Stale, Status};
    let html = || Fault::status(200).body("\u{feff} <html>Sign in</html>");
    let unsized_picture = || AlbumFile::new("F1").field("size", None::<u64>);
    let long = Fault::status(200).body(content(SIZE + 1));
    let short = Fault::status(200).body(content(SIZE - 1));
    for (what, file, fault, kind, requests) in [
        (
            "a redirect",
            picture(SIZE),
            Fault::status(302).header("location", "http://127.0.0.1:1/canary"),
            Redirect,
            1,
        ),
        ("HTML", picture(SIZE), html(), Decode, 2),
        ("HTML, of no known size", unsized_picture(), html(), Decode, 2),
        ("XML", unsized_picture(), Fault::status(200).body("<?xml?><Error/>"), Decode, 2),
        ("JSON", unsized_picture(), Fault::status(200).body("{\"code\":1}"), Decode, 2),
        ("gzip", picture(SIZE), own().header("content-encoding", "gzip"), Decode, 2),
        ("a longer file", picture(SIZE), long.clone(), Decode, 2),
        ("a shorter file", picture(SIZE), short.clone(), Decode, 2),
        (
            "a longer file without a length",
            picture(SIZE),
            long.without_header("content-length"),
            Decode,
            2,
        ),
        ("a part", picture(SIZE), Fault::status(206).body(content(SIZE)), Decode, 2),
        ("no such file", picture(SIZE), Fault::status(404), Stale, 1),
        ("no version of HTTP's", picture(SIZE), Fault::status(999), Status, 1),
    ] {
        let server = serving(file).download_faults(0..9, fault).start().await;
        let (client, target) = (eager(&server), Target::new());

        let file = listed(&client).await;
        let error = client.download(&file).to_path(&target.path).await.unwrap_err();

        assert_eq!(error.kind(), kind, "{what}: {error}");
        assert_eq!(server.received_downloads().len(), requests, "{what}: {error}");
        assert!(!target.path.exists(), "{what}");
    }
}

#[tokio::test]
async fn a_body_that_ends_early_without_a_length_is_continued_or_an_error() {
    let short = Fault::status(200).body(content(SIZE - 1)).without_header("content-length");
    let server = serving(picture(SIZE)).download_faults(0..9, short.clone()).start().await;
    let (client, target) = (eager(&server), Target::new());
    let file = listed(&client).await;
    client.download(&file).to_path(&target.path).await.unwrap_err();
    assert!(!target.path.exists());

    let server = serving(picture(SIZE)).download_fault(0, short).start().await;
    let (client, target) = (eager(&server), Target::new());
    client.download(&listed(&client).await).to_path(&target.path).await.unwrap();
    target.assert_holds(&content(SIZE));
}

#[tokio::test]
async fn a_document_that_is_no_picture_may_be_html() {
    let page = "<!doctype html><p>A poem</p>";
    let file = AlbumFile::new("F1").content(page).media_type("text/html");
    let server = serving(file.file_type(koodrive::FileType::Other("45".into()))).start().await;
    let (client, target) = (server.client(), Target::new());

    client.download(&listed(&client).await).to_path(&target.path).await.unwrap();

    target.assert_holds(page.as_bytes());
}

//! Canaries: every secret is a unique text, which is searched for in everything that can be printed
//! after each fault.

mod apps;
mod contrast;
mod downloads;
mod echoes;
mod exchanges;
mod logins;
mod printed;
mod providers;
mod records;
mod sessions;

use std::collections::HashMap;

use futures::StreamExt;
use koodrive::{AccessToken, Client, ClientBuilder, Credentials, ListAlbumContent, RetryPolicy};
use serde_json::json;
use wiremock::{Request, ResponseTemplate};

use self::printed::{CURSOR, Printed, TOKEN, URL, USER};
use crate::support::tcp::Then;
use crate::support::{page, serving};

fn client_of(uri: &str) -> ClientBuilder {
    let builder = Client::builder().endpoint(uri).user_id(USER);
    builder.credentials(AccessToken::new(TOKEN)).retry(RetryPolicy::none())
}

fn listing(client: ClientBuilder) -> ListAlbumContent {
    client.build().unwrap().list_album_content("17").page_cursor(CURSOR)
}

/// Everything printable of a listing as a page, as pages and as streams, up to the first errors.
async fn printed(client: ClientBuilder) -> Printed {
    let mut printed = Printed::new();
    printed.debug(&client);
    let listing = listing(client);
    printed.debug(&listing);
    print_page(&mut printed, listing.clone()).await;
    print_streams(&mut printed, listing).await;
    printed
}

/// Everything printable of a single page.
async fn printed_of_a_page(client: ClientBuilder) -> Printed {
    let mut printed = Printed::new();
    print_page(&mut printed, listing(client)).await;
    printed
}

async fn print_page(printed: &mut Printed, listing: ListAlbumContent) {
    match listing.send().await {
        Ok(page) => {
            printed.debug(&page);
            page.broken().for_each(|error| printed.error(error));
            printed.debug(&page.into_iter());
        }
        Err(error) => printed.error(&error),
    }
}

async fn print_streams(printed: &mut Printed, listing: ListAlbumContent) {
    let mut pages = listing.clone().pages();
    if let Some(Err(error)) = pages.next().await {
        printed.error(&error);
    }
    printed.debug(&pages);

    let mut files = listing.clone().stream();
    while let Some(file) = files.next().await {
        printed.debug(&files);
        match file {
            Ok(file) => printed.debug(&file),
            Err(error) => {
                printed.error(&error);
                break;
            }
        }
    }
    printed.debug(&files.progress());

    let (mut files, outcome) = listing.stream().split();
    printed.debug(&outcome);
    while files.next().await.is_some() {
        printed.debug(&files);
    }
    match outcome.result() {
        Ok(summary) => printed.debug(&summary),
        Err(error) => printed.error(&error),
    }
}

#[test]
fn credentials_clients_and_builders_print_no_secret() {
    let mut printed = Printed::new();
    let credentials = Credentials::from(AccessToken::new(TOKEN));
    printed.debug(&AccessToken::new(TOKEN));
    printed.debug(&AccessToken::verbatim(TOKEN));
    printed.debug(&credentials);
    let builder = client_of("https://koodrive.example.com").credentials(credentials);
    printed.debug(&builder);
    printed.debug(&builder.clone().build().unwrap());
    printed.debug(&listing(builder));

    printed.assert_clean("a client that has sent nothing");
}

#[test]
fn errors_of_rejected_settings_do_not_show_them() {
    let base = || client_of("https://koodrive.example.com");
    for builder in [
        base().credentials(AccessToken::new(format!("{TOKEN}\n"))),
        base().user_id(format!("{USER}\r\n")),
        base().endpoint(&format!("https://{USER}:{TOKEN}@example.com")),
        base().endpoint(&format!("https://example.com/?token={TOKEN}")),
        base().endpoint(TOKEN),
        base().language(format!("{TOKEN} ")),
    ] {
        let mut printed = Printed::new();
        printed.error(&builder.build().unwrap_err());

        printed.assert_clean("a setting");
    }
}

#[tokio::test]
async fn the_error_of_an_invalid_album_id_does_not_show_it() {
    let client = client_of("https://koodrive.example.com").build().unwrap();
    let listing = client.list_album_content(format!("17/list?pageCursor={CURSOR}"));
    let mut printed = Printed::new();

    printed.error(&listing.send().await.unwrap_err());

    printed.assert_clean("an album id");
}

#[tokio::test]
async fn pages_and_files_print_neither_cursor_nor_pre_signed_url() {
    for (what, entry) in [
        ("a page", json!({ "id": "1", "contentUrl": URL, "thumbnailUrl": URL, "size": 1 })),
        ("a page in the other form", json!({ "id": 1, "contentUrl": URL, "thumbnailUrl": URL })),
        ("a broken size", json!({ "id": "1", "contentUrl": URL, "size": URL })),
        ("a broken name", json!({ "id": "1", "fileName": { URL: TOKEN } })),
        ("a broken id", json!({ "id": [URL] })),
        ("a missing id", json!({ "contentUrl": URL })),
        (
            "an odd URL",
            json!({ "id": "1", "contentUrl": "signatureCanary", "thumbnailUrl": "x:photoCanary" }),
        ),
    ] {
        let body = json!({ "contentList": [entry], "nextPageCursor": CURSOR, "code": 0 });
        let server = serving(page(&body.to_string())).await;

        // The cursor repeats itself, so this ends in a paging error.
        printed(client_of(&server.uri())).await.assert_clean(what);
    }
}

#[tokio::test]
async fn errors_of_malformed_answers_do_not_show_them() {
    for body in [
        format!(r#"{{"contentList":[{{"contentUrl":"{URL}"}}],"nextPageCursor":"{CURSOR}"#),
        format!(r#"{{"contentList":"{URL}","code":0}}"#),
        format!(r#"{{"contentList":[],"code":["{TOKEN}"]}}"#),
        format!(r#"{{"{URL}":"{CURSOR}"}}"#),
        format!("<html>{URL} {TOKEN}</html>"),
        format!("\"{URL}\""),
        URL.to_owned(),
    ] {
        let server = serving(page(&body)).await;

        printed(client_of(&server.uri())).await.assert_clean(&body);
    }
}

/// Repeats everything it received, like a service that quotes the request in its error.
fn echo(status: u16, body: impl Fn(&str) -> String) -> impl Fn(&Request) -> ResponseTemplate {
    move |request| {
        let header = |name| request.headers.get(name).map_or("", |value| value.to_str().unwrap());
        let query: HashMap<_, _> = request.url.query_pairs().collect();
        let authorization = header("authorization");
        let said = format!(
            "bad request: {authorization}, that is {}, of {} at {} with {}",
            authorization.rsplit([' ', '=']).next().unwrap_or_default(),
            header("x-user-id"),
            query.get("pageCursor").map_or("", |cursor| cursor),
            String::from_utf8_lossy(&request.body),
        );
        let location = format!("https://example.com/{}", header("x-user-id"));
        ResponseTemplate::new(status)
            .insert_header("location", location)
            .set_body_string(body(&said))
    }
}

/// One HTTP client for many clients, since building one takes twenty milliseconds.
fn shared_http() -> reqwest::Client {
    let builder = reqwest::Client::builder().no_proxy();
    builder.redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

type Shape = fn(&str) -> String;

/// Every shape of an error, under statuses that are handled differently.
fn envelopes() -> impl Iterator<Item = (u16, Shape)> {
    let shapes: [Shape; 6] = [
        |said| json!({ "code": 13_000_102, "msg": said }).to_string(),
        |said| json!({ "code": said, "msg": null }).to_string(),
        |said| json!({ "code": "1", "msg": said, "total": "0" }).to_string(),
        |said| json!({ "error_code": "APIG.0308", "error_msg": said }).to_string(),
        |said| json!({ "error": { "code": said, "msg": said } }).to_string(),
        |said| format!("<html>{said}</html>"),
    ];
    let statuses = [200, 302, 400, 401, 403, 429, 500, 502];
    statuses.into_iter().flat_map(move |status| shapes.map(|shape| (status, shape)))
}

/// Ways in which a server can fail to answer.
fn breaks() -> [(&'static str, String, Then); 10] {
    let ok = "HTTP/1.1 200 OK\r\n";
    [
        ("no answer", String::new(), Then::Close),
        ("a reset", String::new(), Then::Reset),
        ("a cut head", format!("{ok}content-"), Then::Close),
        ("no HTTP", format!("{URL}\r\n\r\n"), Then::Close),
        (
            "a cut body",
            format!("{ok}content-length: 100\r\n\r\n{{\"contentList\":[\"{URL}\""),
            Then::Close,
        ),
        ("a reset in the body", format!("{ok}content-length: 100\r\n\r\n"), Then::Reset),
        ("a bad chunk", format!("{ok}transfer-encoding: chunked\r\n\r\n?\r\n"), Then::Close),
        ("an endless body", format!("{ok}\r\n"), Then::Flood),
        ("an endless error", "HTTP/1.1 502 Bad\r\n\r\n".to_owned(), Then::Flood),
        (
            "a redirect",
            format!("HTTP/1.1 307 See\r\nlocation: {URL}\r\ncontent-length: 0\r\n\r\n"),
            Then::Close,
        ),
    ]
}

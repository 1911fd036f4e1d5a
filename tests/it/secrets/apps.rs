//! An app's id and secret, and the signatures made with them.

use koodrive::{AppCredentials, ClientBuilder};
use serde_json::json;
use wiremock::{MockServer, ResponseTemplate};

use super::printed::{APP_ID, APP_SECRET, Printed};
use super::{breaks, client_of, echo, envelopes, printed, printed_of_a_page, shared_http};
use crate::support::serving;
use crate::support::tcp::ScriptedServer;

fn app_of(uri: &str) -> ClientBuilder {
    client_of(uri).credentials(AppCredentials::new(APP_ID, APP_SECRET))
}

/// Adds every signature that the server received to the secrets.
async fn hide_signatures(printed: &mut Printed, server: &MockServer) {
    let requests = server.received_requests().await.unwrap();
    assert!(!requests.is_empty(), "no request was signed");
    for request in requests {
        hide_signature(printed, request.headers["authorization"].to_str().unwrap());
    }
}

fn hide_signature(printed: &mut Printed, text: &str) {
    let signature = text.split_once("Signature=").unwrap().1.get(..64).unwrap();
    assert!(signature.bytes().all(|byte| byte.is_ascii_hexdigit()));
    printed.must_not_show(signature);
}

#[test]
fn an_app_prints_neither_its_id_nor_its_secret() {
    let mut printed = Printed::new();
    printed.debug(&AppCredentials::new(APP_ID, APP_SECRET));
    let builder = app_of("https://koodrive.example.com");
    printed.debug(&builder);
    printed.debug(&builder.build().unwrap());

    printed.assert_clean("an app");
}

#[test]
fn the_error_of_a_rejected_app_does_not_show_it() {
    for (id, secret) in [
        (format!("{APP_ID} 1"), APP_SECRET),
        (format!("{APP_ID}\n"), APP_SECRET),
        (APP_ID.into(), ""),
    ] {
        let mut printed = Printed::new();
        let builder = app_of("https://koodrive.example.com");

        let refused = builder.credentials(AppCredentials::new(id, secret)).build();

        printed.error(&refused.unwrap_err());
        printed.assert_clean("an unusable app");
    }
}

#[tokio::test]
async fn echoed_app_ids_and_signatures_are_redacted() {
    let http = shared_http();
    for (status, shape) in envelopes() {
        let server = serving(echo(status, shape)).await;
        let client = app_of(&server.uri()).http_client(http.clone());

        let mut printed = printed_of_a_page(client).await;

        hide_signatures(&mut printed, &server).await;
        printed.assert_clean(&format!("status {status}, {}", shape("…")));
    }
}

#[tokio::test]
async fn the_error_of_a_refused_date_shows_no_signature() {
    let refusal = echo(401, |said| json!({ "code": 401, "msg": said }).to_string());
    let late =
        move |request: &_| refusal(request).insert_header("date", "Fri, 01 Jan 2100 00:00:00 GMT");
    let server = serving(late).await;

    let mut printed = printed(app_of(&server.uri())).await;

    hide_signatures(&mut printed, &server).await;
    printed.assert_clean("a refused date");
}

#[tokio::test]
async fn an_app_id_in_a_gateway_error_is_redacted() {
    let said = format!("Incorrect app authentication information: app {APP_ID} is not known");
    let refusal = json!({ "error_code": "APIG.0303", "error_msg": said, "request_id": "1" });
    let server = serving(ResponseTemplate::new(401).set_body_json(refusal)).await;
    let client = app_of(&server.uri()).build().unwrap();

    let error = client.list_album_content("17").send().await.unwrap_err();

    let expected = "Incorrect app authentication information: app [redacted] is not known";
    assert!(error.to_string().contains(expected), "{error}");
    let mut printed = Printed::new();
    printed.error(&error);
    printed.assert_clean("an unknown app");
}

#[tokio::test]
async fn broken_signed_exchanges_print_no_signature() {
    for (what, bytes, then) in breaks() {
        let server = ScriptedServer::start(bytes, then).await;

        let mut printed = printed_of_a_page(app_of(&server.uri())).await;

        let requests = server.requests();
        assert!(!requests.is_empty(), "{what}");
        requests.iter().for_each(|request| hide_signature(&mut printed, request));
        printed.assert_clean(what);
    }
}

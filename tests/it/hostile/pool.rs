//! Connections that the client keeps, and that the server closes just when they are reused.

use std::env;
use std::time::Duration;

use futures::TryStreamExt as _;
use koodrive::RetryPolicy;

use super::{answer, first_page};
use crate::support::client_of;
use crate::support::tcp::{Script, ScriptedServer, Then};

/// `KOODRIVE_TEST_GETS=5000 cargo test --release -p integration-tests pool -- --nocapture`
fn gets() -> usize {
    env::var("KOODRIVE_TEST_GETS").map_or(100, |gets| gets.parse().unwrap())
}

/// As many pages as [`gets`], each with one file.
fn page(request: &str) -> String {
    let cursor = request.split("pageCursor=").nth(1).unwrap_or("0");
    let number: usize = cursor.split(['&', ' ']).next().unwrap().parse().unwrap();
    let next = if number + 1 < gets() { (number + 1).to_string() } else { String::new() };
    let body = format!(r#"{{"contentList":[{{"id":"{number}"}}],"nextPageCursor":"{next}"}}"#);
    answer("200 OK", "", &body)
}

/// Lists over connections that each follow this script. Returns the number of repeated requests.
async fn list_over(what: &str, connection: Script) -> usize {
    let server = ScriptedServer::play([connection]).await;
    let client = client_of(&server.uri()).retry(RetryPolicy::default());
    let mut files = first_page(client).stream();
    let mut expected = 0;
    while let Some(file) = files.try_next().await.unwrap_or_else(|e| panic!("{what}: {e}")) {
        assert_eq!(file.id(), expected.to_string(), "{what}");
        expected += 1;
    }
    assert_eq!(expected, gets(), "{what}");
    let repeats = server.requests().len() - expected;
    println!("{what}: {expected} GETs, {} connections, {repeats} repeats", server.connections());
    repeats
}

fn answers(times: usize) -> Script {
    Script::reads().answers(page).times(times)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_is_repeated_over_connections_that_stay_open() {
    assert_eq!(list_over("kept", answers(gets())).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_closes_each_connection_after_its_answer_costs_no_page() {
    let later = Duration::from_micros(100);
    list_over("closed", answers(1)).await;
    list_over("reset", answers(1).then(Then::Reset)).await;
    list_over("closed a moment later", answers(1).delays(later)).await;
    list_over("reset a moment later", answers(1).delays(later).then(Then::Reset)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_closes_while_the_next_request_is_written_costs_no_page() {
    // Each connection answers twice, and its third request is repeated. There are fewer repeats if
    // requests open new connections before the old ones are free again.
    let possible = 1..=gets() / 2;
    let closing = answers(2).and_begins_to_read();
    assert!(possible.contains(&list_over("closed while asked", closing.clone()).await));
    assert!(possible.contains(&list_over("reset while asked", closing.then(Then::Reset)).await));
}

//! The albums of a user, in each format.

use koodrive_testing::{AlbumInfo, AlbumServerBuilder, Fault};
use serde_json::Value;

use crate::support::{Server, run, stdout};

fn four_albums(builder: AlbumServerBuilder) -> AlbumServerBuilder {
    builder
        .album(AlbumInfo::collection("A1").name("Camera"), [])
        .album(AlbumInfo::manual("A2").name("Sea"), [])
        .album(AlbumInfo::collection("A3").shared(), [])
        .album(AlbumInfo::manual("A4").name("a\u{1b}[2J\u{202e}").shared(), [])
}

#[test]
fn albums_are_listed_as_a_table_and_as_csv() {
    insta::assert_snapshot!("table", stdout(&["albums", "--demo", "--format", "table"]));
    insta::assert_snapshot!("csv", stdout(&["albums", "--demo", "--format", "csv"]));
}

#[test]
fn json_and_ndjson_are_the_services_own_objects() {
    let lines = stdout(&["albums", "--demo", "--format", "ndjson"]);
    let objects: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects.len(), 6);
    assert!(objects.iter().all(|album| album["id"].is_string() && album["albumKind"].is_u64()));
    let array = stdout(&["albums", "--demo", "--format", "json"]);
    assert_eq!(serde_json::from_str::<Vec<Value>>(&array).unwrap(), objects);
    assert_eq!(stdout(&["albums", "--demo"]), lines, "ndjson is the default in a pipe");
    let picked = stdout(&["albums", "--demo", "--columns", "name,id", "--kind", "personal"]);
    let first = picked.lines().next().unwrap();
    assert_eq!(first, r#"{"name":"Demo album","id":"1795607640592646273"}"#);
}

#[test]
fn kind_and_type_select_albums_and_only_those_lists_are_requested() {
    let server = Server::start(|builder| four_albums(builder.album_id("A1")));
    for (arguments, ids, lists) in [
        (&[] as &[_], "A1 A2 A3 A4", 4),
        (&["--kind", "shared"], "A3 A4", 2),
        (&["--type", "manual"], "A2 A4", 2),
        (&["--kind", "personal", "--type", "collection"], "A1", 1),
    ] {
        let before = server.server.received_album_lists();
        let albums = ["albums", "--format", "csv", "--columns", "id"];
        let listed = run(&mut server.koodrive(&[&albums, arguments].concat()));
        let found: Vec<_> = listed.stdout.lines().skip(1).collect();
        assert_eq!((listed.code, found.join(" ").as_str()), (Some(0), ids), "{}", listed.stderr);
        // Each list ends at an empty page.
        let requests = server.server.received_album_lists() - before;
        assert_eq!(requests, 2 * lists, "{arguments:?}");
    }
}

#[test]
fn only_the_albums_of_a_group_are_requested() {
    let server = Server::start(|builder| builder);
    let listed = run(&mut server.koodrive(&["albums", "--group", "G1&2"]));
    assert_eq!(listed.code, Some(0), "{}", listed.stderr);
    let requests = server.server.received_requests();
    assert!(requests.iter().all(|request| request.parameter("groupId").as_deref() == Some("G1&2")));
}

#[test]
fn control_characters_in_names_are_replaced_in_a_table() {
    let server = Server::start(|builder| four_albums(builder.album_id("A1")));
    let table = run(&mut server.koodrive(&["albums", "-f", "table", "-k", "shared"])).stdout;
    let names: Vec<_> =
        table.lines().skip(1).filter_map(|line| line.split_whitespace().nth(3)).collect();
    assert_eq!(names, ["-", "a␛[2J\u{fffd}"]);
}

#[test]
fn a_list_that_fails_is_an_error_after_the_albums_before_it() {
    let server = Server::start(|builder| {
        four_albums(builder.album_id("A1")).album_list_fault(2, Fault::status(404))
    });
    let failed = run(&mut server.koodrive(&["albums", "-f", "csv", "-c", "id"]));
    assert_eq!((failed.code, failed.stdout.as_str()), (Some(1), "id\nA1\n"));
    assert!(failed.stderr.starts_with("error: "), "{}", failed.stderr);
}

//! An album named by its name where an id is taken.

use koodrive_testing::{AlbumFile, AlbumInfo, AlbumServerBuilder, Fault};

use crate::support::{Server, as_strs, koodrive, read, resume_arguments, run, stdout};

const SEA: &str = "1795607640592646401";
const SHARED_SEA: &str = "1795607640592646402";
const HOLIDAYS: &str = "1795607640592646403";

fn named(builder: AlbumServerBuilder) -> AlbumServerBuilder {
    let files = |count: u32| (0..count).map(|n| AlbumFile::new(format!("F{n:03}")).size(7));
    builder
        .album(AlbumInfo::manual(SEA).name("Sea"), files(1))
        .album(AlbumInfo::collection(SHARED_SEA).name("Sea").shared(), files(2))
        .album(AlbumInfo::manual(HOLIDAYS).name("Ferien in Öland"), files(250))
}

#[test]
fn a_name_stands_for_the_id_of_its_album() {
    let server = Server::start(named);
    let by_id = run(&mut server.koodrive(&["list", HOLIDAYS]));
    assert_eq!(by_id.stdout.lines().count(), 250, "{}", by_id.stderr);
    for name in ["Ferien in Öland", "ferien in öland", "Ferien in O\u{308}land"] {
        let by_name = run(&mut server.koodrive(&["list", name]));
        assert_eq!((by_name.code, by_name.stderr.as_str()), (Some(0), ""), "{name}");
        assert!(by_name.stdout == by_id.stdout, "{name}");
    }
    let of_variable = run(server.koodrive(&["list"]).env("KOODRIVE_ALBUM_ID", "Ferien in Öland"));
    assert!(of_variable.stdout == by_id.stdout);
    let summary = run(&mut server.koodrive(&["summary", "Ferien in Öland"]));
    assert!(summary.stdout.contains("\n  250 files, "), "{}", summary.stdout);
}

#[test]
fn a_long_number_is_an_id_and_nothing_is_looked_up() {
    let server = Server::start(named);
    assert_eq!(run(&mut server.koodrive(&["list", SEA])).code, Some(0));
    assert_eq!(run(&mut server.koodrive(&["summary", SEA])).code, Some(0));
    assert_eq!(server.server.received_album_lists(), 0);
}

#[test]
fn another_id_is_found_in_the_list_of_albums() {
    let server = Server::start(|builder| builder.album("A1", [AlbumFile::new("F1").size(7)]));
    assert_eq!(run(&mut server.koodrive(&["list", "A1"])).stdout.lines().count(), 1);
}

#[test]
fn an_ambiguous_name_is_an_error_with_the_candidates() {
    let server = Server::start(named);
    for arguments in [&["list", "sea"] as &[_], &["summary", "Sea"], &["get", "Sea", "*"]] {
        let failed = run(&mut server.koodrive(arguments));
        assert_eq!((failed.code, failed.stdout.as_str()), (Some(1), ""), "{arguments:?}");
        let candidates = format!(
            "pass the id of one of them:\n  {SEA}  personal  manual  Sea\n  {SHARED_SEA}  shared  collection  Sea\n"
        );
        assert!(failed.stderr.contains(&candidates), "{}", failed.stderr);
    }
}

#[test]
fn an_unknown_name_is_an_error_with_similar_names() {
    let server = Server::start(named);
    let failed = run(&mut server.koodrive(&["list", "Ferien in Oland"]));
    assert_eq!((failed.code, failed.stdout.as_str()), (Some(1), ""));
    insta::assert_snapshot!(failed.stderr, @"error: no album has the id or name `Ferien in Oland`; similar: `Ferien in Öland`");
    let failed = run(&mut server.koodrive(&["list", "a/b"]));
    insta::assert_snapshot!(failed.stderr, @"error: no album has the id or name `a/b`; `koodrive albums` lists them");
}

#[test]
fn a_lookup_that_fails_says_what_it_was_for() {
    let server = Server::start(|builder| named(builder).album_list_fault(0, Fault::status(404)));
    let failed = run(&mut server.koodrive(&["list", "Sea"]));
    assert_eq!((failed.code, failed.stdout.as_str()), (Some(1), ""));
    assert!(
        failed.stderr.starts_with("error: cannot look up the album `Sea`\n  because: "),
        "{}",
        failed.stderr
    );
}

#[test]
fn the_demo_has_albums_with_names() {
    let listed = stdout(&["list", "--demo", "wedding", "--format", "csv"]);
    assert_eq!(listed.lines().count(), 81);
    let ambiguous = run(&mut koodrive(&["list", "--demo", "Holidays"]));
    assert_eq!(ambiguous.code, Some(1));
}

#[test]
fn a_listing_by_name_is_resumed_without_looking_the_name_up_again() {
    let server = Server::start(|builder| named(builder).fault(1, Fault::status(404)));
    let directory = tempfile::tempdir().unwrap();
    let list = |album: &[&str]| {
        let mut command = server.koodrive(&[&["list"], album].concat());
        run(command.args(["--state", "s", "--output", "o"]).current_dir(directory.path()))
    };
    assert_eq!(list(&["Ferien in Öland"]).code, Some(1));
    let state: serde_json::Value =
        serde_json::from_str(&read(&directory.path().join("s"))).unwrap();
    assert_eq!(state["source"]["album"], HOLIDAYS);

    let lookups = server.server.received_album_lists();
    for other in ["Sea", "ferien in öland", SEA] {
        let refused = list(&[other]);
        assert_eq!(refused.code, Some(2), "{other}");
        assert!(refused.stderr.starts_with("error: the album differs"), "{}", refused.stderr);
        assert!(refused.stderr.contains("koodrive list 'Ferien in Öland' "));
    }
    assert_eq!(list(&["Ferien in Öland"]).code, Some(0));
    assert_eq!(server.server.received_album_lists(), lookups);
    assert_eq!(read(&directory.path().join("o")).lines().count(), 250);
    for same in [&[HOLIDAYS] as &[_], &["Ferien in Öland"]] {
        assert_eq!(list(same).stderr, "already complete: 250 files\n", "{same:?}");
    }
}

#[test]
fn the_command_that_resumes_has_the_id() {
    let server = Server::start(|builder| named(builder).fault(1, Fault::status(404)));
    let failed = run(&mut server.koodrive(&["list", "Ferien in Öland"]));
    let arguments = resume_arguments(&failed.stderr);
    assert_eq!(arguments[..2], ["list", HOLIDAYS]);
    let lookups = server.server.received_album_lists();
    let rest = run(&mut server.koodrive(&as_strs(&arguments)));
    assert_eq!((rest.code, rest.stdout.lines().count()), (Some(0), 150));
    assert_eq!(server.server.received_album_lists(), lookups);
}

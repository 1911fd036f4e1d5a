//! `--state`: what is saved, and what must not change.

use std::fs;

use crate::support::{Server, koodrive, read, run, stdout};

pub(crate) const WHOLE: [&str; 4] = ["list", "--demo=300", "--format", "csv"];

#[test]
fn a_complete_listing_prints_nothing_again() {
    let directory = tempfile::tempdir().unwrap();
    let list = || {
        let mut command = koodrive(&WHOLE);
        run(command.args(["--state", "s", "--output", "o"]).current_dir(directory.path()))
    };
    let first = list();
    assert_eq!((first.code, first.stdout.as_str(), first.stderr.as_str()), (Some(0), "", ""));
    let output = read(&directory.path().join("o"));
    assert_eq!(output, stdout(&WHOLE));
    let second = list();
    assert_eq!((second.code, second.stdout.as_str()), (Some(0), ""));
    assert_eq!(second.stderr, "already complete: 300 files\n");
    assert_eq!(read(&directory.path().join("o")), output);
}

#[test]
fn changed_options_are_rejected_by_name_and_no_file_is_changed() {
    let directory = tempfile::tempdir().unwrap();
    let list = |arguments: &[&str]| {
        let mut command = koodrive(&["list", "--state", "s"]);
        run(command.args(arguments).current_dir(directory.path()))
    };
    assert_eq!(list(&["--demo", "--limit", "5", "--format", "csv"]).code, Some(0));
    let state = read(&directory.path().join("s"));
    for (arguments, named) in [
        (&["--format", "json"] as &[_], "--format"),
        (&["--limit", "6"], "--limit"),
        (&["--type", "image"], "--type"),
        (&["--columns", "id"], "--columns"),
        (&["--sort", "taken"], "--sort"),
        (&["--output", "o"], "--output"),
        (&["17"], "the album"),
    ] {
        let refused = list(arguments);
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{named}");
        assert!(
            refused.stderr.starts_with(&format!("error: {named} differs")),
            "{}",
            refused.stderr
        );
        assert!(refused.stderr.contains("--limit 5 --state s"), "{}", refused.stderr);
    }
    assert_eq!(read(&directory.path().join("s")), state);
    assert!(!directory.path().join("o").exists());
}

#[test]
fn state_and_output_must_be_different_files() {
    let directory = tempfile::tempdir().unwrap();
    for output in ["a", "./a"] {
        let mut command = koodrive(&["list", "--demo", "--state", "a", "--output", output]);
        let refused = run(command.current_dir(directory.path()));
        assert_eq!(refused.code, Some(2));
        assert!(refused.stderr.contains("the same file"), "{}", refused.stderr);
        assert!(!directory.path().join("a").exists());
    }
}

#[test]
fn an_invalid_state_file_is_rejected_and_not_quoted() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s");
    for text in ["", "{\"secret\": 1}", "secret", "{\"limit\": \"secret\"}"] {
        fs::write(&path, text).unwrap();
        let run = run(koodrive(&WHOLE).arg("--state").arg(&path));
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{text}");
        assert!(run.stderr.contains("is not a state file") && !run.stderr.contains("secret"));
        assert_eq!(read(&path), text);
    }
}

#[cfg(unix)]
#[test]
fn a_state_file_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s");
    assert_eq!(run(koodrive(&WHOLE).arg("--state").arg(&path)).code, Some(0));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "temporary files were left");
}

#[cfg(unix)]
#[test]
fn state_and_output_are_different_files_whatever_their_names() {
    use std::os::unix::fs::symlink;
    type Prepare = fn(&std::path::Path) -> std::io::Result<()>;
    let nothing: Prepare = |_| Ok(());
    let cases: [(&str, Prepare, &str, &str); 9] = [
        ("another spelling", |at| fs::create_dir(at.join("d")), "a", "d/../a"),
        ("a link to nothing yet", |at| symlink("a", at.join("b")), "a", "b"),
        ("a link as the state", |at| symlink("a", at.join("b")), "b", "a"),
        (
            "a link to a link",
            |at| symlink("a", at.join("c")).and(symlink("c", at.join("b"))),
            "a",
            "b",
        ),
        ("a linked folder", |at| symlink(".", at.join("d")), "a", "d/a"),
        (
            "two names of a file",
            |at| saved(at).and(fs::hard_link(at.join("a"), at.join("b"))),
            "a",
            "b",
        ),
        ("a link to a state", |at| saved(at).and(symlink("a", at.join("b"))), "a", "b"),
        ("an absolute name", nothing, "a", ""),
        ("the lock of the state", nothing, "a", ".a.koodrive-lock"),
    ];
    for (case, prepare, state, output) in cases {
        let directory = tempfile::tempdir().unwrap();
        prepare(directory.path()).unwrap();
        let absolute = directory.path().join("a");
        let output = if output.is_empty() { absolute.to_str().unwrap() } else { output };
        let before = fs::read(directory.path().join("a")).ok();
        let mut command = koodrive(&["list", "--demo", "--state", state, "--output", output]);
        let refused = run(command.current_dir(directory.path()));
        assert_eq!(refused.code, Some(2), "{case}: {}", refused.stderr);
        assert!(refused.stderr.contains("the same file"), "{case}: {}", refused.stderr);
        assert_eq!(fs::read(directory.path().join("a")).ok(), before, "{case}");
        assert!(!directory.path().join(".a.koodrive-lock").exists(), "{case}");
    }
}

/// The state of a listing that printed nothing.
#[cfg(unix)]
fn saved(directory: &std::path::Path) -> std::io::Result<()> {
    let mut command = koodrive(&["list", "--demo=0", "--state", "a"]);
    assert_eq!(run(command.current_dir(directory)).code, Some(0));
    Ok(())
}

#[test]
fn the_state_of_one_album_is_not_resumed_as_another() {
    let server = Server::start(|builder| builder.album_id("17").files(3));
    let directory = tempfile::tempdir().unwrap();
    let list = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = server.koodrive(&[&["list", "--state", "s"], arguments].concat());
        command.env_remove("KOODRIVE_ALBUM_ID").envs(variables.iter().copied());
        run(command.current_dir(directory.path()))
    };
    assert_eq!(list(&["17"], &[]).code, Some(0));
    let state = read(&directory.path().join("s"));
    fs::write(directory.path().join("config.toml"), "album_id = '20'").unwrap();

    let user = server.server.user_id();
    for (arguments, variables, both) in [
        (&["18"] as &[_], &[] as &[_], ["17", "18"]),
        (&[], &[("KOODRIVE_ALBUM_ID", "19")], ["17", "19"]),
        (&[], &[("KOODRIVE_CONFIG", "config.toml")], ["17", "20"]),
        (&["17"], &[("KOODRIVE_USER_ID", "21")], [user, "21"]),
        (
            &["17"],
            &[("KOODRIVE_ENDPOINT", "https://other.example")],
            ["http://127", "https://other"],
        ),
    ] {
        let refused = list(arguments, variables);
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{both:?}");
        assert!(
            refused.stderr.contains(" differs from the listing saved in s"),
            "{}",
            refused.stderr
        );
        assert!(both.iter().all(|name| refused.stderr.contains(name)), "{}", refused.stderr);
        assert_eq!(read(&directory.path().join("s")), state);
    }
    for (arguments, variables) in [
        (&[] as &[_], &[] as &[_]),
        (&["17"], &[("KOODRIVE_ALBUM_ID", "19")]),
        (&[], &[("KOODRIVE_ALBUM_ID", "17")]),
    ] {
        let again = list(arguments, variables);
        assert_eq!((again.code, again.stderr.as_str()), (Some(0), "already complete: 3 files\n"));
    }
}

#[test]
fn a_state_whose_album_was_a_variable_accepts_the_same_album_as_an_argument() {
    let server = Server::start(|builder| builder.album_id("17").files(3));
    let directory = tempfile::tempdir().unwrap();
    let list = |arguments: &[&str]| {
        let mut command = server.koodrive(&[&["list", "--state", "s"], arguments].concat());
        run(command.current_dir(directory.path()))
    };
    assert_eq!(list(&[]).code, Some(0));
    assert_eq!(list(&["17"]).stderr, "already complete: 3 files\n");
}

#[test]
fn an_endpoint_is_the_same_with_a_slash_at_its_end() {
    let server = Server::start(|builder| builder.files(3).rotating_refresh_tokens(true));
    let (fake, directory) = (&server.server, tempfile::tempdir().unwrap());
    let refresh_token = fake.refresh_token();
    for (slash, said) in [("", ""), ("/", "already complete: 3 files\n")] {
        let mut command = server.koodrive(&["list", "--state", "s"]);
        command.env("KOODRIVE_ENDPOINT", format!("{}{slash}", fake.uri()));
        let listed = run(command.current_dir(directory.path()));
        assert_eq!((listed.code, listed.stderr.as_str()), (Some(0), said));
    }
    for (slash, refreshes) in [("", 1), ("/", 2)] {
        fake.revoke_all();
        let mut command = server.koodrive(&["list"]);
        command.env("KOODRIVE_ENDPOINT", format!("{}{slash}", fake.uri()));
        command.env("XDG_STATE_HOME", directory.path());
        let listed = run(command.env("KOODRIVE_REFRESH_TOKEN", &refresh_token));
        assert_eq!((listed.code, listed.stderr.as_str()), (Some(0), ""));
        assert_eq!(fake.received_refreshes(), refreshes);
    }
}

#[test]
fn a_complete_listing_with_since_is_followed_by_the_next_one() {
    use koodrive_testing::AlbumFile;
    let edited =
        |id: &str, time: jiff::Timestamp| AlbumFile::new(id).edited_time(format!("{time:.3}"));
    let minutes_ago = |minutes| jiff::Timestamp::now() - jiff::SignedDuration::from_mins(minutes);
    let server = Server::start(|builder| {
        builder.album("17", [edited("old", minutes_ago(300)), edited("new", minutes_ago(60))])
    });
    let directory = tempfile::tempdir().unwrap();
    let list = |arguments: &[&str]| {
        let mut command = server.koodrive(&["list", "17", "-f", "csv", "-c", "id"]);
        command.env_remove("KOODRIVE_ALBUM_ID");
        command.args(["--state", "s", "--output", "o"]).args(arguments);
        let run = run(command.current_dir(directory.path()));
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        read(&directory.path().join("o"))
    };
    assert_eq!(list(&["--since", "2h"]), "id\nnew\n");
    assert_eq!(list(&["--since", "2h"]), "id\n", "what was listed was listed again");
    server.server.put_file("17", edited("newest", jiff::Timestamp::now()));
    assert_eq!(list(&["--since", "2h"]), "id\nnewest\n");

    // Days later: all that was edited since the last listing began, not only what `--since` covers.
    let state = directory.path().join("s");
    let text = read(&state);
    let (_, after) = text.split_once("\"began\": \"").unwrap();
    let began = after.split_once('"').unwrap().0;
    fs::write(&state, text.replace(began, &minutes_ago(400).to_string())).unwrap();
    fs::remove_file(directory.path().join("o")).unwrap();
    assert_eq!(list(&[]), "id\nnewest\nnew\nold\n");
}

//! `--state`: what is saved, and what must not change.

use std::{fs, fs::File, process::Stdio};

use crate::support::{Server, koodrive, read, run, stdout};

const WHOLE: [&str; 4] = ["list", "--demo=300", "--format", "csv"];

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

/// A listing that failed half-way, with its output redirected to `o`.
#[cfg(unix)]
fn redirected(directory: &tempfile::TempDir, server: &Server) -> (std::path::PathBuf, String) {
    let path = directory.path().join("o");
    let mut command = server.koodrive(&["list", "--format", "csv", "--state", "s"]);
    let failed = run(command.current_dir(directory.path()).stdout(File::create(&path).unwrap()));
    assert_eq!(failed.code, Some(1));
    let whole = run(&mut server.koodrive(&["list", "--format", "csv"])).stdout;
    (path, whole)
}

fn half_way() -> Server {
    Server::start(|builder| builder.files(300).fault(1, koodrive_testing::Fault::status(404)))
}

#[cfg(unix)]
#[test]
fn a_redirected_output_that_the_shell_truncated_is_rejected() {
    let (directory, server) = (tempfile::tempdir().unwrap(), half_way());
    let (path, _) = redirected(&directory, &server);
    let again = |output: Stdio| {
        let mut command = server.koodrive(&["list", "--state", "s"]);
        run(command.current_dir(directory.path()).stdout(output))
    };
    let refused = again(File::create(&path).unwrap().into());
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stderr.contains("holds 0 bytes") && refused.stderr.contains(">>"),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_deleted_output_file_is_detected() {
    let directory = tempfile::tempdir().unwrap();
    let server = half_way();
    let list = || {
        let mut command = server.koodrive(&["list", "--state", "s", "--output", "o"]);
        run(command.current_dir(directory.path()))
    };
    assert_eq!(list().code, Some(1));
    fs::remove_file(directory.path().join("o")).unwrap();
    let refused = list();
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("o holds 0 bytes"), "{}", refused.stderr);
    assert!(refused.stderr.contains("; restore it, or delete the state file"));
}

#[cfg(unix)]
#[test]
fn text_appended_to_the_output_after_a_clean_stop_is_kept() {
    let (directory, server) = (tempfile::tempdir().unwrap(), half_way());
    let (path, whole) = redirected(&directory, &server);
    let (first, rest) = whole.split_at(read(&path).len());
    fs::write(&path, format!("{first}a note\n")).unwrap();
    let mut command = server.koodrive(&["list", "--state", "s"]);
    let append = File::options().append(true).open(&path).unwrap();
    assert_eq!(run(command.current_dir(directory.path()).stdout(append)).code, Some(0));
    assert_eq!(read(&path), format!("{first}a note\n{rest}"));
}

#[cfg(unix)]
#[test]
fn the_rest_can_be_written_to_a_different_file() {
    let (directory, server) = (tempfile::tempdir().unwrap(), half_way());
    let (path, whole) = redirected(&directory, &server);
    let mut command = server.koodrive(&["list", "--state", "s"]);
    let rest = run(command.current_dir(directory.path()));
    assert_eq!(read(&path) + &rest.stdout, whole);
}

#[test]
fn an_output_that_cannot_be_opened_is_rejected_before_state_is_saved() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = koodrive(&WHOLE);
    let command =
        command.args(["--state", "s", "--output", "lost/o"]).current_dir(directory.path());
    let run = run(command);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("cannot write to lost/o"), "{}", run.stderr);
    assert!(!directory.path().join("s").exists());
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

#[cfg(unix)]
#[test]
fn output_redirected_to_the_state_is_rejected() {
    let (directory, server) = (tempfile::tempdir().unwrap(), half_way());
    redirected(&directory, &server);
    let path = directory.path().join("s");
    let before = read(&path);
    let mut command = server.koodrive(&["list", "--state", "s"]);
    let append = File::options().append(true).open(&path).unwrap();
    let refused = run(command.current_dir(directory.path()).stdout(append));
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains("the same file"), "{}", refused.stderr);
    assert_eq!(read(&path), before);
}

/// Makes a saved state look like that of a killed run.
fn as_if_killed(state: &std::path::Path) {
    fs::write(state, read(state).replace("\"is_closed\": true", "\"is_closed\": false")).unwrap();
}

#[test]
fn a_file_that_the_listing_did_not_write_is_never_cut() {
    let (directory, server) = (tempfile::tempdir().unwrap(), half_way());
    let (state, output) = (directory.path().join("s"), directory.path().join("o"));
    let list = || {
        let mut command = server.koodrive(&["list", "--state", "s", "--output", "o"]);
        run(command.current_dir(directory.path()))
    };
    assert_eq!(list().code, Some(1));
    as_if_killed(&state);
    let (own, saved) = (read(&output), read(&state));
    let requests = server.server.received_requests().len();
    for other in [
        "a photo of the sea\n".repeat(10_000), // longer
        own.replace("{", "[") + "more",        // as long, and more
        "x".repeat(own.len()),                 // as long
        "short".to_owned(),
    ] {
        // As if the earlier file was moved away: another file, at the same place.
        fs::remove_file(&output).unwrap();
        fs::write(&output, &other).unwrap();
        let refused = list();
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""), "{}", refused.stderr);
        assert!(refused.stderr.contains("delete the state file"), "{}", refused.stderr);
        assert!(read(&output) == other, "the file was changed");
        assert_eq!(read(&state), saved);
    }
    assert_eq!(server.server.received_requests().len(), requests);

    fs::write(&output, own + "torn by the ki").unwrap();
    assert_eq!(list().code, Some(0));
    assert!(read(&output) == run(&mut server.koodrive(&["list"])).stdout);
}

#[cfg(target_os = "linux")] // elsewhere a file that is only appended to cannot be read back
#[test]
fn a_redirected_file_that_the_listing_did_not_write_is_never_cut() {
    let (directory, server) = (tempfile::tempdir().unwrap(), half_way());
    let (path, whole) = redirected(&directory, &server);
    as_if_killed(&directory.path().join("s"));
    let own = read(&path);
    let list = || {
        let mut command = server.koodrive(&["list", "--state", "s"]);
        let append = File::options().append(true).open(&path).unwrap();
        run(command.current_dir(directory.path()).stdout(append))
    };
    let other = "x".repeat(own.len() + 1000);
    fs::write(&path, &other).unwrap();
    let refused = list();
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert!(refused.stderr.contains("delete the state file"), "{}", refused.stderr);
    assert!(read(&path) == other, "the file was changed");

    fs::write(&path, own + "torn by the ki").unwrap();
    assert_eq!(list().code, Some(0));
    assert!(read(&path) == whole);
}

#[test]
fn a_file_in_the_place_of_an_output_that_was_still_empty_is_never_cut() {
    let directory = tempfile::tempdir().unwrap();
    let output = directory.path().join("o");
    let list = || {
        let mut command = koodrive(&["list", "--demo=0", "--state", "s", "--output", "o"]);
        run(command.current_dir(directory.path()))
    };
    assert_eq!(list().code, Some(0));
    // As if it was killed before the first file.
    let state = directory.path().join("s");
    as_if_killed(&state);
    let text = read(&state).replace("\"is_complete\": true", "\"is_complete\": false");
    fs::write(&state, text).unwrap();
    fs::rename(&output, directory.path().join("moved")).unwrap();
    fs::write(&output, "another file").unwrap();
    let refused = list();
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert_eq!(read(&output), "another file");
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

#[test]
fn deleting_the_output_of_a_complete_listing_starts_it_again() {
    let directory = tempfile::tempdir().unwrap();
    let output = directory.path().join("o");
    let list = || {
        let mut command = koodrive(&WHOLE);
        let files = ["--state", "s", "--output", "o"];
        run(command.args(files).current_dir(directory.path())).stderr
    };
    assert_eq!(list(), "");
    for prepare in [|path: &_| fs::remove_file(path), |path: &_| File::create(path).map(drop)] {
        prepare(&output).unwrap();
        assert_eq!(list(), "");
        assert_eq!(read(&output), stdout(&WHOLE));
        assert_eq!(list(), "already complete: 300 files\n");
    }
}

#[cfg(unix)]
#[test]
fn deleting_the_redirected_output_of_a_complete_listing_starts_it_again() {
    let directory = tempfile::tempdir().unwrap();
    let output = directory.path().join("o");
    let list = || {
        let mut command = koodrive(&WHOLE);
        command.args(["--state", "s"]).stdout(File::create(&output).unwrap());
        assert_eq!(run(command.current_dir(directory.path())).stderr, "");
        assert_eq!(read(&output), stdout(&WHOLE));
    };
    list();
    list(); // the shell has emptied it
    fs::remove_file(&output).unwrap();
    list();
}

#[test]
fn a_listing_that_gets_no_page_leaves_the_output_as_it_was() {
    let server = Server::start(|builder| builder);
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let closed = format!("http://{closed}");
    for (arguments, variable) in [
        (&["--state", "s"] as &[_], ("KOODRIVE_ACCESS_TOKEN", "stale")),
        (&[], ("KOODRIVE_ACCESS_TOKEN", "stale")),
        (&["--state", "s"], ("KOODRIVE_ENDPOINT", closed.as_str())),
        (&["--state", "lost/s"], ("KOODRIVE_USER_ID", server.server.user_id())),
    ] {
        for yesterdays in [Some("yesterday's\n"), None] {
            let directory = tempfile::tempdir().unwrap();
            let output = directory.path().join("o");
            if let Some(text) = yesterdays {
                fs::write(&output, text).unwrap();
            }
            let mut command = server.koodrive(&["list", "--output", "o"]);
            command.args(arguments).env(variable.0, variable.1).current_dir(directory.path());
            let requests = || server.server.received_requests().len();
            let before = requests();
            let failed = run(&mut command);
            assert_eq!(failed.code, Some(1), "{arguments:?} {variable:?}");
            assert_eq!(requests() > before, variable.1 == "stale", "{arguments:?} {variable:?}");
            assert_eq!(fs::read_to_string(&output).ok().as_deref(), yesterdays, "{variable:?}");
            let files = fs::read_dir(directory.path()).unwrap().count();
            assert_eq!(files, usize::from(yesterdays.is_some()), "files were left behind");
        }
    }
}

//! The output of a resumed listing: what an earlier run wrote is continued, and nobody else's file is cut.

use std::{fs, fs::File, process::Stdio, thread::sleep, time::Duration};

use crate::{
    states::WHOLE,
    support::{Server, koodrive, read, run, stdout},
};

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
#[cfg(unix)]
#[test]
fn the_rest_is_written_after_what_was_written_even_if_the_shell_goes_to_the_start() {
    let (directory, server) = (tempfile::tempdir().unwrap(), half_way());
    let (path, whole) = redirected(&directory, &server);
    let mut command = server.koodrive(&["list", "--state", "s"]);
    // As `1<>o` does.
    let at_start = File::options().read(true).write(true).open(&path).unwrap();
    assert_eq!(run(command.current_dir(directory.path()).stdout(at_start)).code, Some(0));
    assert!(read(&path) == whole);
}

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
fn a_write_that_fails_is_told_even_if_it_cannot_be_undone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("o");
    fs::write(&path, "x").unwrap();
    let failed = run(koodrive(&["list", "--demo=3"]).stdout(File::open(&path).unwrap()));
    assert_eq!((failed.code, read(&path).as_str()), (Some(1), "x"));
    assert!(failed.stderr.contains("because: Bad file descriptor"), "{}", failed.stderr);
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

#[cfg(unix)]
#[test]
fn a_file_that_took_the_place_of_the_output_during_a_run_is_not_taken_for_it() {
    for is_killed in [false, true] {
        let (directory, delay) = (tempfile::tempdir().unwrap(), Duration::from_millis(400));
        let server = Server::start(|builder| {
            let lost = koodrive_testing::Fault::status(404);
            builder.files(300).page_delay(delay).fault(2, lost)
        });
        let mut command = server.koodrive(&["list", "--state", "s", "--output", "o"]);
        command.current_dir(directory.path()).stderr(Stdio::piped());
        let (state, output) = (directory.path().join("s"), directory.path().join("o"));
        let mut first = command.spawn().unwrap();
        while !fs::metadata(&output).is_ok_and(|it| it.len() > 0) {
            assert_eq!(first.try_wait().unwrap(), None);
            sleep(Duration::from_millis(1));
        }
        fs::rename(&output, directory.path().join("moved")).unwrap();
        let other = "x".repeat(1_000_000);
        fs::write(&output, &other).unwrap();
        assert_eq!(first.wait().unwrap().code(), Some(1));
        if is_killed {
            as_if_killed(&state);
        }

        let refused = run(&mut command);
        assert_eq!(refused.code, Some(1), "{}", refused.stderr);
        assert!(refused.stderr.contains("is not the file"), "{}", refused.stderr);
        assert!(read(&output) == other, "the file was changed");
    }
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

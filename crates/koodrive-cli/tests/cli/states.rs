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

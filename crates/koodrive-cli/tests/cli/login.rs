//! Signing in and out, and the session that commands share.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

use koodrive_testing::{AlbumServerBuilder, Fault};

use crate::support::{Run, Server, koodrive, read, run};

const SECRET: &str = "a-secret-that-must-not-be-shown";

/// A command without an account, whose session is in `directory`.
fn signed_in(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = koodrive(arguments);
    command.env("XDG_STATE_HOME", directory);
    command
}

fn session(directory: &Path) -> PathBuf {
    directory.join("koodrive").join("session.json")
}

/// Runs a command with these lines on standard input.
fn answered(command: &mut Command, lines: &[&str]) -> Run {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    // It may end without reading all.
    let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
    Run::of(child.wait_with_output().unwrap())
}

fn login(server: &Server, directory: &Path, password: &str) -> Run {
    let server = &server.server;
    let mut command = signed_in(directory, &["login", "--endpoint", &server.uri()]);
    answered(&mut command, &[server.agent_name(), server.login_account(), password])
}

/// A server, and a folder with a session of it.
fn start(
    set: impl FnOnce(AlbumServerBuilder) -> AlbumServerBuilder,
) -> (Server, tempfile::TempDir) {
    let (server, directory) = (Server::start(set), tempfile::tempdir().unwrap());
    let run = login(&server, directory.path(), server.server.login_password());
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{}", run.stderr);
    (server, directory)
}

fn list(server: &Server, directory: &Path) -> Command {
    signed_in(directory, &["list", server.server.album_id()])
}

#[test]
fn a_password_from_a_pipe_signs_in_and_the_session_is_used() {
    let (server, directory) = start(|builder| builder.files(3));
    let listed = run(&mut list(&server, directory.path()));
    assert_eq!((listed.stdout.lines().count(), listed.stderr.as_str()), (3, ""));
    let stored = read(&session(directory.path()));
    assert!(!stored.contains(server.server.login_password()), "{stored}");
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_session_and_nothing_else_is_left() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_server, directory) = start(|builder| builder);
    let path = session(directory.path());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let refused = run(&mut signed_in(directory.path(), &["list", "17"]));
    assert!(refused.stderr.contains("run: chmod 600"), "{}", refused.stderr);
}

#[test]
fn a_wrong_password_is_reported_without_it_and_nothing_is_stored() {
    let server = Server::start(|builder| builder);
    let directory = tempfile::tempdir().unwrap();
    let refused = login(&server, directory.path(), SECRET);
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""));
    assert!(
        refused.stderr.starts_with("error: ") && !refused.stderr.contains(SECRET),
        "{}",
        refused.stderr
    );
    assert!(refused.stderr.contains("the account and the password"), "{}", refused.stderr);
    assert!(!session(directory.path()).exists());
}

#[test]
fn tokens_that_could_not_be_sent_are_not_stored() {
    let directory = tempfile::tempdir().unwrap();
    for lines in [["1 7", "a", "b"], ["17", "a\u{1}", "b"]] {
        let endpoint = "https://drive.example.com";
        let mut command =
            signed_in(directory.path(), &["login", "--token", "--endpoint", endpoint]);
        let refused = answered(&mut command, &lines);
        assert_eq!(refused.code, Some(1), "{lines:?}: {}", refused.stderr);
        assert!(!session(directory.path()).exists(), "{lines:?}");
    }
}

#[test]
fn a_wrong_endpoint_is_told_before_anything_is_asked() {
    let directory = tempfile::tempdir().unwrap();
    for endpoint in ["nope", "ftp://x", "http://drive.example.com"] {
        for words in [
            &["login", "--endpoint", endpoint] as &[_],
            &["login", "--token", "--endpoint", endpoint],
        ] {
            let refused = run(&mut signed_in(directory.path(), words));
            assert_eq!(refused.code, Some(2), "{endpoint}: {}", refused.stderr);
            assert!(refused.stderr.starts_with("error: the endpoint "), "{}", refused.stderr);
            assert!(
                refused.stderr.contains("expected something like https://"),
                "{}",
                refused.stderr
            );
        }
    }
}

#[test]
fn a_missing_answer_is_an_error() {
    let server = Server::start(|builder| builder);
    let directory = tempfile::tempdir().unwrap();
    let mut command = signed_in(directory.path(), &["login", "--endpoint", &server.server.uri()]);
    let refused = answered(&mut command, &["Carrier"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("Account"), "{}", refused.stderr);
    assert_eq!(server.server.received_logins(), 0);
}

#[test]
fn tokens_can_be_pasted_in_place_of_a_password() {
    let server = Server::start(|builder| builder.files(3));
    let (fake, directory) = (&server.server, tempfile::tempdir().unwrap());
    let mut command = signed_in(directory.path(), &["login", "--token", "--endpoint", &fake.uri()]);
    let refresh_token = fake.refresh_token();
    let pasted = answered(&mut command, &[fake.user_id(), fake.access_token(), &refresh_token]);
    assert_eq!(pasted.code, Some(0), "{}", pasted.stderr);
    fake.revoke_all();
    // The access token is refused, so it is refreshed, and the new one is stored.
    let listed = run(&mut list(&server, directory.path()));
    assert_eq!((listed.stdout.lines().count(), listed.stderr.as_str()), (3, ""));
    assert!(read(&session(directory.path())).contains(&fake.newest_access_token()));
}

#[test]
fn commands_at_the_same_time_share_a_refresh_token_that_rotates() {
    let (server, directory) = start(|builder| {
        builder.files(3).rotating_refresh_tokens(true).refresh_delay(Duration::from_millis(100))
    });
    for _ in 0..3 {
        server.server.revoke_all();
        let children: Vec<_> = (0..4)
            .map(|_| {
                let mut command = list(&server, directory.path());
                command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
            })
            .collect();
        for child in children {
            let listed = Run::of(child.wait_with_output().unwrap());
            assert_eq!((listed.code, listed.stderr.as_str()), (Some(0), ""));
        }
    }
    assert_eq!(server.server.received_refreshes(), 3, "each command refreshed for itself");
}

#[test]
fn logout_ends_the_session_at_the_service_and_removes_it() {
    let (server, directory) = start(|builder| builder);
    let ended = run(&mut signed_in(directory.path(), &["logout"]));
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""));
    assert!(ended.stderr.starts_with("signed out of http://"), "{}", ended.stderr);
    assert_eq!(server.server.received_logouts(), 1);
    assert!(!session(directory.path()).exists());
    let again = run(&mut signed_in(directory.path(), &["logout"]));
    assert_eq!(again.code, Some(0));
    assert!(again.stderr.starts_with("not signed in"), "{}", again.stderr);
    let refused = run(&mut list(&server, directory.path()));
    assert!(refused.stderr.contains("koodrive login"), "{}", refused.stderr);
}

#[test]
fn logout_leaves_a_session_that_another_login_stores_meanwhile() {
    let slow = Fault::status(503).delay(Duration::from_millis(1500));
    let (server, directory) = start(|builder| builder.files(3).logout_fault(0, slow));
    let mut logout = signed_in(directory.path(), &["logout"]);
    let mut logout = logout.stderr(Stdio::null()).spawn().unwrap();
    while server.server.received_logouts() == 0 {
        assert_eq!(logout.try_wait().unwrap(), None);
        sleep(Duration::from_millis(1));
    }
    let again = login(&server, directory.path(), server.server.login_password());
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert!(logout.wait().is_ok());
    let listed = run(&mut list(&server, directory.path()));
    assert_eq!((listed.stdout.lines().count(), listed.stderr.as_str()), (3, ""));
}

#[test]
fn logout_saves_the_tokens_that_it_had_to_refresh_until_the_session_has_ended() {
    let (server, directory) = start(|builder| {
        let lost = Fault::status(503).delay(Duration::from_secs(3600));
        builder.files(3).rotating_refresh_tokens(true).logout_fault(0, lost)
    });
    server.server.revoke_all();
    let mut logout = signed_in(directory.path(), &["logout"]).spawn().unwrap();
    while server.server.received_logouts() == 0 {
        assert_eq!(logout.try_wait().unwrap(), None);
        sleep(Duration::from_millis(1));
    }
    logout.kill().unwrap();
    logout.wait().unwrap();
    let listed = run(&mut list(&server, directory.path()));
    assert_eq!((listed.stdout.lines().count(), listed.stderr.as_str()), (3, ""));
}

#[test]
fn logout_removes_the_session_even_if_the_service_fails_and_says_so() {
    let (_server, directory) = start(|builder| builder.logout_fault(0, Fault::status(503)));
    let ended = run(&mut signed_in(directory.path(), &["logout"]));
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("tokens stay valid until they expire"), "{}", ended.stderr);
    assert!(!session(directory.path()).exists());
}

#[test]
fn a_session_counts_as_ended_before_only_if_the_service_says_so() {
    for (refresh, is_over) in [
        (Fault::status(400).body(r#"{"code":13000102,"msg":"refreshToken"}"#), true),
        (Fault::status(401), true),
        (Fault::status(503), false),
        (Fault::status(200).body("<html>a network's login page</html>"), false),
    ] {
        let (server, directory) = start(|builder| builder.refresh_fault(0, refresh));
        server.server.revoke_all();
        let ended = run(&mut signed_in(directory.path(), &["logout"]));
        let says = |words| ended.stderr.contains(words);
        let found = (says("had ended before"), says("tokens stay valid until they expire"));
        assert_eq!(found, (is_over, !is_over), "{}", ended.stderr);
        assert_eq!(ended.code, Some(i32::from(!is_over)));
        assert!(!session(directory.path()).exists());
    }
}

#[test]
fn variables_take_precedence_over_the_session() {
    let (server, directory) = start(|builder| builder.files(3));
    let mut command = list(&server, directory.path());
    command.env("KOODRIVE_ENDPOINT", server.server.uri());
    command.env("KOODRIVE_USER_ID", server.server.user_id());
    let refused = run(command.env("KOODRIVE_ACCESS_TOKEN", SECRET));
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stderr.contains("401") && !refused.stderr.contains(SECRET),
        "{}",
        refused.stderr
    );
    assert_eq!(server.server.received_refreshes(), 0);
}

#[test]
fn a_session_is_not_sent_to_another_endpoint_or_for_another_user() {
    let (server, directory) = start(|builder| builder);
    let other = Server::start(|builder| builder);
    for (name, value) in
        [("KOODRIVE_ENDPOINT", other.server.uri()), ("KOODRIVE_USER_ID", "99".to_owned())]
    {
        let refused = run(list(&server, directory.path()).env(name, value));
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""), "{name}");
        assert!(
            refused.stderr.contains("the session of `koodrive login` is for"),
            "{}",
            refused.stderr
        );
    }
    assert!(other.server.received_requests().is_empty());
}

#[test]
fn a_file_that_holds_no_session_is_not_quoted() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s");
    fs::write(&path, format!("{{\"{SECRET}\": 1}}")).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let refused = run(koodrive(&["list", "17"]).env("KOODRIVE_SESSION", &path));
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("does not hold a session"), "{}", refused.stderr);
    assert!(!refused.stderr.contains(SECRET), "{}", refused.stderr);
}

#[test]
fn a_refresh_token_that_is_set_is_used_and_its_successor_is_kept() {
    let server = Server::start(|builder| builder.files(3).rotating_refresh_tokens(true));
    let directory = tempfile::tempdir().unwrap();
    let refresh_token = server.server.refresh_token();
    let listed = || {
        let mut command = server.koodrive(&["list"]);
        command.env("XDG_STATE_HOME", directory.path());
        run(command.env("KOODRIVE_REFRESH_TOKEN", &refresh_token))
    };
    for refreshes in 1..=2 {
        server.server.revoke_all();
        let listed = listed();
        assert_eq!((listed.stdout.lines().count(), listed.stderr.as_str()), (3, ""));
        assert_eq!(server.server.received_refreshes(), refreshes);
    }
    let names: Vec<_> = fs::read_dir(directory.path().join("koodrive")).unwrap().collect();
    assert_eq!(names.len(), 1);
    assert!(!session(directory.path()).exists(), "the session of `koodrive login` was written");
}

#[test]
fn a_refresh_token_needs_the_access_token_that_it_belongs_to() {
    let server = Server::start(|builder| builder);
    let mut command = server.koodrive(&["list"]);
    command.env_remove("KOODRIVE_ACCESS_TOKEN").env("KOODRIVE_REFRESH_TOKEN", SECRET);
    let refused = run(&mut command);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("KOODRIVE_ACCESS_TOKEN") && !refused.stderr.contains(SECRET));
}

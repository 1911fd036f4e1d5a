//! Where the account is read from, and the errors if it is missing or invalid.

use std::{fs, path::PathBuf};

use crate::support::{Server, koodrive, run, steady};

const SECRET: &str = "a-secret-that-must-not-be-shown";

/// A configuration file that only its owner can read.
fn config(directory: &tempfile::TempDir, text: &str) -> PathBuf {
    let path = directory.path().join("config.toml");
    fs::write(&path, text).unwrap();
    set_mode(&path, 0o600);
    path
}

#[cfg(unix)]
fn set_mode(path: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn set_mode(_: &std::path::Path, _: u32) {}

/// The error that a configuration file causes, without the secret.
fn message(text: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let path = config(&directory, text);
    let run = run(koodrive(&["list", "17"]).env("KOODRIVE_CONFIG", path));
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    assert!(!run.stderr.contains(SECRET), "{}", run.stderr);
    run.stderr
}

#[test]
fn the_configuration_file_sets_the_account_and_a_variable_overrides_it() {
    let server = Server::start(|builder| builder.files(3));
    let directory = tempfile::tempdir().unwrap();
    let AccountOf { endpoint, user_id, token, album_id } = AccountOf::new(&server);
    let path = config(
        &directory,
        &format!(
            "endpoint = '{endpoint}'\nuser_id = '{user_id}'\naccess_token = '{token}'\nalbum_id = '{album_id}'\n"
        ),
    );
    let listed = run(koodrive(&["list"]).env("KOODRIVE_CONFIG", &path));
    assert_eq!((listed.stdout.lines().count(), listed.stderr.as_str()), (3, ""));

    let mut refused = koodrive(&["list"]);
    let refused = run(refused.env("KOODRIVE_CONFIG", &path).env("KOODRIVE_ACCESS_TOKEN", SECRET));
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stderr.contains("401") && !refused.stderr.contains(SECRET),
        "{}",
        refused.stderr
    );
}

#[cfg(unix)]
#[test]
fn a_home_that_is_no_folder_is_as_good_as_an_empty_one() {
    let server = Server::start(|builder| builder.files(3));
    let listed = run(server.koodrive(&["list"]).env("HOME", "/dev/null"));
    assert_eq!((listed.stdout.lines().count(), listed.stderr.as_str()), (3, ""));
    let signed_out = run(koodrive(&["logout"]).env("HOME", "/dev/null"));
    assert!(signed_out.stderr.starts_with("not signed in"), "{}", signed_out.stderr);
}

#[cfg_attr(not(unix), ignore = "the messages contain paths and errors of Unix")]
#[test]
fn the_default_configuration_file_is_in_the_users_configuration_directory() {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("koodrive");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("config.toml"), "user_id = 17").unwrap();
    let run = run(koodrive(&["list", "17"]).env("XDG_CONFIG_HOME", directory.path()));
    steady().bind(|| {
        insta::assert_snapshot!(run.stderr, @"error: `user_id` in [directory]/koodrive/config.toml is not a string; put it in quotes");
    });
}

#[test]
fn an_app_in_variables_overrides_a_token_and_takes_its_secret_from_the_file() {
    let server = Server::start(|builder| builder.files(3));
    let directory = tempfile::tempdir().unwrap();
    let secret = server.server.app_secret();
    let path = config(&directory, &format!("app_secret = '{secret}'\naccess_token = '{SECRET}'"));
    let mut command = server.koodrive(&["list"]);
    command.env_remove("KOODRIVE_ACCESS_TOKEN").env("KOODRIVE_APP_ID", server.server.app_id());
    let listed = run(command.env("KOODRIVE_CONFIG", path));
    assert_eq!((listed.stdout.lines().count(), listed.stderr.as_str()), (3, ""));
}

#[cfg_attr(not(unix), ignore = "the messages contain paths and errors of Unix")]
#[test]
fn each_error_in_the_file_has_its_own_message_without_the_secret() {
    let texts = [
        format!("acess_token = '{SECRET}'"),
        format!("user_id = '17'\naccess_token = {SECRET}"),
        format!("user_id = '17'\n'{SECRET}"),
        "user_id = '17'\naccess_token = 17".to_owned(),
        "access_token = '17'".to_owned(),
        "user_id = '17'\napp_id = '18'".to_owned(),
        format!("user_id = '17'\napp_secret = '{SECRET}'"),
        "user_id = '17'".to_owned(),
    ];
    let messages: Vec<_> = texts.iter().map(|text| message(text)).collect();
    steady().bind(|| insta::assert_snapshot!(messages.join("\n")));
}

#[test]
fn a_value_that_the_client_rejects_is_reported_without_the_secret() {
    let token = format!("access_token = '{SECRET}'");
    for (settings, rejected) in [
        ("user_id = '17'\nendpoint = 'ftp://example.com'", "endpoint"),
        ("user_id = 'a b'", "user id"),
    ] {
        let message = message(&format!("{settings}\n{token}"));
        assert!(message.starts_with("error: ") && message.contains(rejected), "{message}");
        assert!(message.contains("expected") && message.contains("config.toml"), "{message}");
    }
}

#[cfg(unix)]
#[test]
fn a_secret_that_others_can_read_is_rejected_with_the_command_that_fixes_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = config(&directory, &format!("user_id = '17'\naccess_token = '{SECRET}'"));
    for mode in [0o644, 0o640, 0o660] {
        set_mode(&path, mode);
        let run = run(koodrive(&["list", "17"]).env("KOODRIVE_CONFIG", &path));
        assert_eq!(run.code, Some(1));
        assert!(
            run.stderr.contains(&format!("(mode {mode:o}); run: chmod 600 ")),
            "{}",
            run.stderr
        );
    }
    fs::write(&path, "user_id = '17'").unwrap();
    set_mode(&path, 0o644);
    let open = run(koodrive(&["list", "17"]).env("KOODRIVE_CONFIG", &path));
    assert!(open.stderr.contains("no credentials"), "{}", open.stderr);
}

#[cfg_attr(not(unix), ignore = "the messages contain paths and errors of Unix")]
#[test]
fn a_configuration_file_that_was_named_must_exist() {
    let run = run(koodrive(&["list", "17"]).env("KOODRIVE_CONFIG", "/nonexistent/config.toml"));
    assert_eq!(run.code, Some(1));
    insta::assert_snapshot!(run.stderr);
}

#[cfg_attr(not(unix), ignore = "the messages contain paths and errors of Unix")]
#[test]
fn a_missing_setting_is_reported_with_the_variables_to_set() {
    let mut messages = Vec::new();
    let mut command = koodrive(&["list"]);
    messages.push(run(&mut command).stderr);
    for (name, value) in [("ALBUM_ID", "17"), ("USER_ID", "18"), ("APP_ID", "19")] {
        messages.push(run(command.env(format!("KOODRIVE_{name}"), value)).stderr);
    }
    insta::assert_snapshot!(messages.join("\n"));
}

struct AccountOf {
    endpoint: String,
    user_id: String,
    token: String,
    album_id: String,
}

impl AccountOf {
    fn new(server: &Server) -> Self {
        let server = &server.server;
        Self {
            endpoint: server.uri(),
            user_id: server.user_id().to_owned(),
            token: server.access_token().to_owned(),
            album_id: server.album_id().to_owned(),
        }
    }
}

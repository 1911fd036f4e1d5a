//! Several accounts: sections of the configuration file, and a session each.

use std::{fs, path::Path};

use crate::support::{Server, koodrive, run, steady};

/// A configuration file with the server's account in a profile, and another account before it.
fn config(folder: &Path, server: &Server) {
    let fake = &server.server;
    let (endpoint, user, token) = (fake.uri(), fake.user_id(), fake.access_token());
    let album = fake.album_id();
    let text = format!(
        "user_id = '17'\nendpoint = 'http://127.0.0.1:9'\naccess_token = 'other'\n\n[profile.work]\n\
         endpoint = '{endpoint}'\nuser_id = '{user}'\naccess_token = '{token}'\nalbum_id = '{album}'\n"
    );
    fs::create_dir_all(folder.join("koodrive")).unwrap();
    let path = folder.join("koodrive/config.toml");
    fs::write(&path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
}

#[test]
fn a_profile_is_an_account_of_its_own() {
    let server = Server::start(|builder| builder.files(3));
    let folder = tempfile::tempdir().unwrap();
    config(folder.path(), &server);
    for (options, variables, is_listed) in [
        (&["--profile", "work"] as &[_], &[] as &[(&str, &str)], true),
        (&[], &[("KOODRIVE_PROFILE", "work")], true),
        // An argument is about the whole account; a variable lets others override it.
        (&["--profile", "work"], &[("KOODRIVE_ACCESS_TOKEN", "wrong")], true),
        (&[], &[("KOODRIVE_PROFILE", "work"), ("KOODRIVE_ACCESS_TOKEN", "wrong")], false),
        (&["--profile", "default", "--max-attempts", "1"], &[("KOODRIVE_PROFILE", "work")], false),
    ] {
        let mut command = koodrive(&[options, &["list"]].concat());
        command.env("XDG_CONFIG_HOME", folder.path()).envs(variables.iter().copied());
        let listed = run(&mut command);
        let expected =
            if is_listed { (Some(0), 3) } else { (listed.code.filter(|code| *code > 0), 0) };
        let found = (listed.code, listed.stdout.lines().count());
        assert_eq!(found, expected, "{options:?} {variables:?}: {}", listed.stderr);
    }
}

#[test]
fn a_session_belongs_to_its_profile() {
    let server = Server::start(|builder| builder.files(3).clock(std::time::SystemTime::now));
    let fake = &server.server;
    let folder = tempfile::tempdir().unwrap();
    let in_folder = |arguments: &[&str]| {
        let mut command = koodrive(arguments);
        command.env("XDG_STATE_HOME", folder.path()).env("XDG_CONFIG_HOME", folder.path());
        command
    };
    let password = folder.path().join("password");
    fs::write(&password, format!("{}\n", fake.login_password())).unwrap();
    let mut login = in_folder(&["login", "--profile", "family", "--endpoint", &fake.uri()]);
    login.args(["--agent", fake.agent_name(), "--account", fake.login_account()]);
    let signed_in = run(login.stdin(fs::File::open(&password).unwrap()));
    assert_eq!(signed_in.code, Some(0), "{}", signed_in.stderr);
    assert!(folder.path().join("koodrive/profile-family.json").exists());

    let list = ["list", fake.album_id()];
    let of_family = run(&mut in_folder(&[&list[..], &["--profile", "family"]].concat()));
    assert_eq!((of_family.code, of_family.stdout.lines().count()), (Some(0), 3));
    let of_default = run(&mut in_folder(&list));
    assert_eq!(of_default.code, Some(1));
    assert!(of_default.stderr.contains("run `koodrive login`,"), "{}", of_default.stderr);

    let ended = run(&mut in_folder(&["logout", "--profile", "family"]));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!folder.path().join("koodrive/profile-family.json").exists());
}

#[cfg_attr(not(unix), ignore = "the messages contain paths of Unix")]
#[test]
fn a_profile_that_is_wrong_is_an_error_that_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("koodrive")).unwrap();
    let messages: Vec<_> = [
        ("", "none"),
        ("[work]\nuser_id = '17'", "work"),
        ("profile = 'work'", "work"),
        ("[profile.work]\nuser = '17'", "work"),
        ("[profile.work]\nmax_attempts = '0'\nuser_id = '17'\napp_id = '1'", "work"),
        ("[profile.work]\ntimeout = true", "work"),
        ("", "../up"),
    ]
    .into_iter()
    .map(|(text, profile)| {
        fs::write(folder.path().join("koodrive/config.toml"), text).unwrap();
        let mut command = koodrive(&["list", "1795607640592646401"]);
        let command = command.env("KOODRIVE_PROFILE", profile).env("XDG_STATE_HOME", folder.path());
        let failed = run(command.env("XDG_CONFIG_HOME", folder.path()));
        assert_eq!(failed.code, Some(1), "{}", failed.stderr);
        failed.stderr
    })
    .collect();
    steady().bind(|| insta::assert_snapshot!(messages.concat()));
}

#[cfg_attr(not(unix), ignore = "the message contains a path of Unix")]
#[test]
fn keys_of_the_default_profile_in_a_section_are_not_ignored_without_a_word() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("koodrive")).unwrap();
    fs::write(folder.path().join("koodrive/config.toml"), "[profile.default]\nuser_id = '17'")
        .unwrap();
    for profile in ["default", "work"] {
        let mut command = koodrive(&["list", "17", "--profile", profile]);
        let failed = run(command.env("XDG_CONFIG_HOME", folder.path()));
        assert_eq!(failed.code, Some(1));
        steady().bind(|| insta::allow_duplicates! {
            insta::assert_snapshot!(failed.stderr, @"error: [directory]/koodrive/config.toml has a section [profile.default]; put the keys of the default profile before the first section");
        });
    }
}

#[test]
fn the_command_that_resumes_names_the_profile() {
    let server = Server::start(|builder| builder.files(3));
    let folder = tempfile::tempdir().unwrap();
    config(folder.path(), &server);
    let state = folder.path().join("s");
    let list = |options: &[&str]| {
        let mut command =
            koodrive(&[&["list", "--state", state.to_str().unwrap()], options].concat());
        run(command.env("XDG_CONFIG_HOME", folder.path()))
    };
    assert_eq!(list(&["--profile", "work"]).code, Some(0));
    let refused = list(&[]);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains(" --profile work "), "{}", refused.stderr);
}

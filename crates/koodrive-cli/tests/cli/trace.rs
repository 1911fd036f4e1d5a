//! What `--verbose` and `--log` tell.

use std::time::{Duration, SystemTime};

use koodrive_testing::Fault;
use serde_json::Value;

use crate::support::{Run, Server, koodrive, read, run};

fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn retries_waits_and_refreshes_are_told_as_lines_and_as_json() {
    let server = Server::start(|builder| {
        let fault = Fault::status(503).header("retry-after", "0");
        let refused = Fault::status(401).body(r#"{"code":401,"msg":"expired"}"#);
        builder.files(250).clock(SystemTime::now).fault(0, refused).fault(2, fault)
    });
    let directory = tempfile::tempdir().unwrap();
    let (log, session) = (directory.path().join("log"), directory.path().join("s"));
    let list = || {
        let arguments = ["list", "-v", "--log", log.to_str().unwrap()];
        let mut command = server.koodrive(&arguments);
        command.env("KOODRIVE_SESSION", &session);
        run(command.env("KOODRIVE_REFRESH_TOKEN", server.server.refresh_token()))
    };
    let Run { code, stdout, stderr } = list();
    assert_eq!((code, stdout.lines().count()), (Some(0), 250), "{stderr}");
    for told in
        ["list_album_content began album_id=", "renew_token ended", " status_code=503", "retrying"]
    {
        assert!(stderr.contains(told), "{told}: {stderr}");
    }

    let lines = json_lines(&read(&log));
    assert_eq!(lines.len(), stderr.lines().count(), "{stderr}");
    let of = |what: &str| lines.iter().filter(|line| line["what"] == what).collect::<Vec<_>>();
    assert!(of("attempt").len() >= 4, "{lines:?}");
    assert!(of("retrying")[0]["wait_ms"].is_u64(), "{lines:?}");
    assert!(of("renew_token ended")[0]["took_ms"].is_u64(), "{lines:?}");

    // A second run adds to the log.
    list();
    assert!(json_lines(&read(&log)).len() > lines.len());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&log).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn neither_shows_a_secret() {
    let server = Server::start(|builder| {
        builder
            .files(250)
            .clock(SystemTime::now)
            .access_token("canary-access")
            .refresh_token("canary-refresh")
            .app_credentials("canary-app-id", "canary-app-secret")
            .fault(0, Fault::status(401).body(r#"{"code":401,"msg":"no canary-access"}"#))
    });
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("log");
    let mut told = String::new();
    for arguments in [
        &["list"] as &[_],
        &["list"],
        &["summary"],
        &[
            "get",
            server.server.album_id(),
            "IMG_20211130_193442.jpg",
            "--overwrite",
            "-o",
            directory.path().to_str().unwrap(),
        ],
    ] {
        for is_app in [false, true] {
            let options = ["-v", "--log", log.to_str().unwrap(), "--max-attempts", "2"];
            let mut command = server.koodrive(&[arguments, &options].concat());
            command.env("KOODRIVE_SESSION", directory.path().join("s"));
            if is_app {
                command.env_remove("KOODRIVE_ACCESS_TOKEN");
                command.env("KOODRIVE_APP_ID", "canary-app-id");
                command.env("KOODRIVE_APP_SECRET", "canary-app-secret");
            } else {
                command.env("KOODRIVE_REFRESH_TOKEN", "canary-refresh");
            }
            told += &run(&mut command).stderr;
        }
    }
    told += &read(&log);
    assert!(told.contains("download began file_id="), "{told}");
    let cursors = server.server.received_cursors();
    let cursors = cursors.iter().flatten().map(String::as_str);
    for secret in ["canary", "X-Amz", "Signature", "http://127"].into_iter().chain(cursors) {
        assert!(!told.contains(secret), "{secret}: {told}");
    }
}

#[test]
fn without_either_nothing_is_told() {
    let server = Server::start(|builder| builder.fault(0, Fault::status(503)));
    let listed = run(&mut server.koodrive(&["list"]));
    assert_eq!((listed.code, listed.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_log_that_cannot_be_written_is_an_error() {
    let refused = run(&mut koodrive(&["list", "--demo", "--log", "/"]));
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""));
    assert!(refused.stderr.starts_with("error: cannot write the log /\n"), "{}", refused.stderr);
}

#[cfg(target_os = "linux")]
#[test]
fn a_log_on_a_full_disk_is_a_warning() {
    let listed = run(&mut koodrive(&["list", "--demo=3", "--log", "/dev/full"]));
    assert_eq!((listed.code, listed.stdout.lines().count()), (Some(0), 3));
    assert_eq!(
        listed.stderr.matches("warning: cannot write the log").count(),
        1,
        "{}",
        listed.stderr
    );
}

#[test]
fn limits_are_set_by_an_argument_a_variable_or_the_file() {
    let slow = Fault::status(503).delay(Duration::from_secs(30));
    let server = Server::start(|builder| {
        (0..20).fold(builder, |builder, number| builder.fault(number, slow.clone()))
    });
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("config.toml");
    std::fs::write(&config, "timeout = '100ms'\nmax_attempts = 2").unwrap();
    let requests = |command: &mut std::process::Command| {
        let before = server.server.received_requests().len();
        let failed = run(command);
        assert_eq!(failed.code, Some(1), "{}", failed.stderr);
        assert!(failed.stderr.contains("did not answer in time"), "{}", failed.stderr);
        server.server.received_requests().len() - before
    };
    let list = |options: &[&str]| server.koodrive(&[&["list"], options].concat());
    assert_eq!(requests(&mut list(&["--timeout", "100ms", "--max-attempts", "1"])), 1);
    let mut variables = list(&[]);
    variables.env("KOODRIVE_TIMEOUT", "100ms").env("KOODRIVE_MAX_ATTEMPTS", "3");
    assert_eq!(requests(&mut variables), 3);
    assert_eq!(requests(list(&[]).env("KOODRIVE_CONFIG", &config)), 2);
    assert_eq!(requests(list(&["--max-attempts", "1"]).env("KOODRIVE_CONFIG", &config)), 1);
}

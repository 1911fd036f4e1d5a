//! Failures of the service and of the arguments, and how they are reported.

use std::time::{Duration, SystemTime};

use koodrive_testing::Fault;

use crate::support::{Run, Server, as_strs, koodrive, resume_arguments, run, steady};

fn failed(fault: Fault) -> Run {
    // A clock that runs, so that the client never takes a refusal for one of its date.
    let server = Server::start(|builder| {
        builder.clock(SystemTime::now).fault(0, fault.clone()).fault(1, fault)
    });
    let run = run(&mut server.koodrive(&["list"]));
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    assert!(!run.stderr.contains(server.server.access_token()), "{}", run.stderr);
    run
}

#[cfg_attr(not(unix), ignore = "the messages contain paths and errors of Unix")]
#[test]
fn each_failure_is_reported_with_its_cause_and_a_tip() {
    let json = |status, body: &str| Fault::status(status).body(body);
    let messages: Vec<_> = [
        json(401, r#"{"code":401,"msg":"token expired"}"#),
        json(400, r#"{"code":13000309,"msg":"resource not found"}"#),
        Fault::status(429).header("retry-after", "3600"),
        Fault::status(302).header("location", "https://example.com/"),
        Fault::status(403),
        Fault::status(200).header("content-type", "text/html").body("<h1>Welcome</h1>"),
    ]
    .into_iter()
    .map(|fault| failed(fault).stderr)
    .collect();
    assert!(messages[0].contains("token expired"), "{}", messages[0]);
    assert!(messages[1].contains("resource not found"), "{}", messages[1]);
    without_library_messages().bind(|| insta::assert_snapshot!(messages.join("\n")));
}

/// Snapshot settings that leave out the library's own words, which its own tests check.
fn without_library_messages() -> insta::Settings {
    let mut settings = steady();
    settings.add_filter(r"at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "at [date] UTC");
    settings
        .add_filter(r"(error|warning|because): .* \((.*trace id \[id\].*)\)", "$1: [message] ($2)");
    settings
}

#[test]
fn after_a_failure_the_listing_resumes_where_it_stopped() {
    let server = Server::start(|builder| builder.files(250).fault(2, Fault::status(404)));
    let first = run(&mut server.koodrive(&["list", "--format", "json"]));
    assert_eq!(first.code, Some(1));
    let arguments = resume_arguments(&first.stderr);
    let rest = run(&mut server.koodrive(&as_strs(&arguments)));
    assert_eq!((rest.code, rest.stderr.as_str()), (Some(0), ""));
    let whole = run(&mut server.koodrive(&["list", "--format", "json"])).stdout;
    assert_eq!(first.stdout + &rest.stdout, whole);
    assert_eq!(whole.lines().count(), 252);
}

#[test]
fn a_failure_that_needs_a_new_start_prints_no_resume_command() {
    let server = Server::start(|builder| builder.files(250).fault(1, Fault::status(410)));
    let failed = run(&mut server.koodrive(&["list"]));
    assert_eq!((failed.code, failed.stdout.lines().count()), (Some(1), 100));
    assert!(failed.stderr.contains("start again"), "{}", failed.stderr);
    assert!(!failed.stderr.contains("to resume"), "{}", failed.stderr);
}

#[test]
fn a_transient_failure_is_not_reported() {
    let fault = Fault::status(503).header("retry-after", "0").delay(Duration::from_millis(5));
    let server = Server::start(|builder| builder.files(250).fault(1, fault));
    let run = run(&mut server.koodrive(&["list"]));
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_eq!(run.stdout.lines().count(), 250);
}

#[test]
fn an_unreadable_file_causes_a_warning_and_exit_code_1() {
    let page = r#"{"contentList":[{"id":"F1"},{"id":[]},{"id":"F3"},{}],"total":4,"code":0}"#;
    let server = Server::start(|builder| builder.fault(0, Fault::status(200).body(page)));
    let directory = tempfile::tempdir().unwrap();
    let list = || run(server.koodrive(&["list", "--state", "s"]).current_dir(directory.path()));
    let first = list();
    assert_eq!(
        (first.code, first.stdout.as_str()),
        (Some(1), "{\"id\":\"F1\"}\n{\"id\":\"F3\"}\n")
    );
    without_library_messages().bind(|| {
        insta::assert_snapshot!(first.stderr, @r"
    warning: [message] (trace id [id])
    warning: [message] (trace id [id])
    ");
    });
    let again = list();
    assert_eq!(again.code, Some(1));
    assert_eq!(again.stderr, "already complete: 2 files; 2 files could not be read\n");
}

#[test]
fn a_summary_counts_unreadable_files() {
    let page = r#"{"contentList":[{"id":"F1"},{"id":[]}],"total":2,"code":0}"#;
    let fault = Fault::status(200).body(page);
    let server = Server::start(|builder| builder.fault(0, fault.clone()).fault(1, fault));
    let summary = run(&mut server.koodrive(&["summary"]));
    assert_eq!(summary.code, Some(1));
    assert!(summary.stdout.contains("could not be read"), "{}", summary.stdout);
    assert!(summary.stderr.contains("warning: "), "{}", summary.stderr);
}

#[test]
fn control_characters_in_names_are_replaced_in_a_table_and_unchanged_in_csv() {
    let page =
        r#"{"contentList":[{"id":"F1","fileName":"a\u001b[2J\nb\u202ec"}],"total":1,"code":0}"#;
    let fault = Fault::status(200).body(page);
    let server = Server::start(|builder| builder.fault(0, fault.clone()).fault(1, fault));
    let table = run(&mut server.koodrive(&["list", "-f", "table", "-c", "id,name"]));
    assert_eq!(
        table.stdout.lines().nth(1).unwrap().split_whitespace().nth(1),
        Some("a␛[2J␊b\u{fffd}c")
    );
    let csv = run(&mut server.koodrive(&["list", "-f", "csv", "-c", "id,name"]));
    assert_eq!(csv.stdout, "id,name\nF1,\"a\u{1b}[2J\nb\u{202e}c\"\n");
}

#[test]
fn the_longest_sizes_are_shown_in_full() {
    let page = r#"{"contentList":[{"id":"F1","fileName":"a","fileType":"15","size":1040000}],"total":1,"code":0}"#;
    let fault = Fault::status(200).body(page);
    let server =
        || Server::start(|builder| builder.fault(0, fault.clone()).fault(1, fault.clone()));
    let table = run(&mut server().koodrive(&["list", "-f", "table", "-c", "size,name"])).stdout;
    assert_eq!(table, "       SIZE  NAME\n1015.62 KiB  a\n");
    let summary = run(&mut server().koodrive(&["summary"])).stdout;
    assert!(summary.contains("\n  1015.62 KiB  image        a\n"), "{summary}");
}

#[test]
fn invalid_arguments_are_rejected_before_any_request() {
    let server = Server::start(|builder| builder);
    let messages: Vec<_> = [
        &["list", "--since", "soon"] as &[_],
        &["list", "--since", "7d", "--sort", "taken"],
        &["list", "--since", "7d", "--asc"],
        &["list", "--since", "19000 years"],
        &["list", "--asc", "--desc"],
        &["list", "--type", "picture"],
        &["list", "--resume", "secret"],
        &["list", "--resume", "1@1:17:100:::0:1:0:", "--state", "a.state"],
        &["list", "--access-token", "secret"],
    ]
    .into_iter()
    .map(|arguments| {
        let run = run(&mut server.koodrive(arguments));
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        run.stderr
    })
    .collect();
    insta::assert_snapshot!(messages.join("\n"));
    assert!(server.server.received_requests().is_empty());
}

#[test]
fn a_token_is_valid_only_for_its_own_album_and_order() {
    const ALBUM: &str = "1795607640592646401";
    let token = format!("1@1:{ALBUM}:100:::0:1:0:");
    let token = token.as_str();
    for (arguments, difference) in [
        (&["1795607640592646402"] as &[_], "the album differs"),
        (&[ALBUM, "--sort", "taken"], "the time to sort by differs"),
        (&[ALBUM, "--asc"], "the sort direction differs"),
    ] {
        let server = Server::start(|builder| builder.album_id(ALBUM));
        let refused =
            run(&mut server.koodrive(&[&["list", "--resume", token], arguments].concat()));
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(refused.stderr.contains(difference), "{}", refused.stderr);
        assert!(!refused.stderr.contains("to resume"), "{}", refused.stderr);
        assert!(server.server.received_requests().is_empty());
    }
}

#[test]
fn a_token_of_a_listing_of_albums_is_told_as_one() {
    let server = Server::start(|builder| builder);
    for token in ["1::albums:2:1:1:::100:2:2:0:", "2@1::albums:2:1:1:::100:2:2:0:"] {
        for album in [&[] as &[_], &["17"], &["Holidays"]] {
            let arguments = [&["list", "--resume", token], album].concat();
            let refused = run(&mut server.koodrive(&arguments));
            assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""));
            insta::allow_duplicates! {
                insta::assert_snapshot!(refused.stderr, @"error: --resume is a token of a listing of albums; expected one of a listing of files");
            }
        }
    }
    assert!(server.server.received_requests().is_empty());
}

#[test]
fn a_full_disk_is_reported() {
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let server = Server::start(|builder| builder);
    let run = run(server.koodrive(&["list"]).stdout(full));
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("cannot write the listing"), "{}", run.stderr);
}

#[cfg(target_os = "linux")]
#[test]
fn every_command_reports_an_output_that_is_full_and_survives_one_that_is_closed() {
    for line in [
        "albums --demo",
        "summary --demo=3",
        "list --demo=3 -f csv",
        "completions bash",
        "man list",
        "sync --demo=3 photos --dry-run",
        "doctor --demo",
    ] {
        let directory = tempfile::tempdir().unwrap();
        let words: Vec<_> = line.split(' ').collect();
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let is_told = !line.contains("dry-run") && !line.contains("doctor");
        let full = run(koodrive(&words).current_dir(directory.path()).stdout(full));
        let is_reported = full.code == Some(1) && full.stderr.contains("error: cannot write ");
        assert!(is_reported || !is_told, "{line}: {full:?}");
        for closing in [">&-", "2>&-", ">&- 2>&-", "< /dev/null | true"] {
            let script = format!("\"$0\" {line} {closing}");
            let mut shell = crate::support::bare_with(std::process::Command::new("sh"));
            shell.args(["-c", &script]).arg(assert_cmd::cargo::cargo_bin("koodrive"));
            let closed = run(shell.current_dir(directory.path()));
            assert!(closed.code.is_some_and(|code| code <= 1), "{script}: {closed:?}");
            assert!(!closed.stderr.contains("panicked"), "{script}: {closed:?}");
        }
    }
}

#[cfg(unix)]
#[test]
fn an_output_that_is_a_folder_and_a_state_that_is_no_file_are_refused() {
    for (option, place) in
        [("--output", "/"), ("--state", "/"), ("--log", "/"), ("--state", "/dev/zero")]
    {
        let refused = run(&mut koodrive(&["list", "--demo=3", option, place]));
        assert!(refused.code == Some(1) || refused.code == Some(2), "{option}: {refused:?}");
        assert!(refused.stderr.starts_with("error: cannot "), "{option}: {}", refused.stderr);
    }
}

/// The last line of a failed listing's messages.
fn tip(command: &mut std::process::Command) -> String {
    let run = run(command);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{}", run.stderr);
    let tip = run.stderr.lines().find_map(|line| line.strip_prefix("  tip: "));
    tip.unwrap_or_else(|| panic!("no tip: {}", run.stderr)).to_owned()
}

#[test]
fn the_tip_fits_what_was_refused() {
    let server = Server::start(|builder| builder.clock(SystemTime::now));
    let mut app = server.koodrive(&["list"]);
    app.env_remove("KOODRIVE_ACCESS_TOKEN").env("KOODRIVE_APP_ID", server.server.app_id());
    let of_secret = tip(app.env("KOODRIVE_APP_SECRET", "not-the-secret"));
    assert!(of_secret.contains("KOODRIVE_APP_SECRET"), "{of_secret}");
    assert!(!of_secret.contains("access token"), "{of_secret}");

    let of_user = tip(server.koodrive(&["list"]).env("KOODRIVE_USER_ID", "99"));
    assert!(of_user.contains("KOODRIVE_USER_ID"), "{of_user}");
    assert!(!of_user.contains("token"), "{of_user}");

    let of_token = tip(server.koodrive(&["list"]).env("KOODRIVE_ACCESS_TOKEN", "99"));
    assert!(of_token.contains("KOODRIVE_ACCESS_TOKEN"), "{of_token}");

    let of_album = tip(&mut server.koodrive(&["list", "1795607640592646999"]));
    assert!(of_album.contains("list the albums"), "{of_album}");
}

#[test]
fn the_tip_for_a_server_that_is_not_koodrive_is_its_endpoint() {
    let html =
        |status| Fault::status(status).header("content-type", "text/html").body("<h1>No</h1>");
    for fault in [
        html(200),
        html(401),
        html(403),
        html(404),
        html(405),
        Fault::status(200).body("{\"hello\":\"world\"}"),
        Fault::status(404).body("{\"message\":\"Not Found\"}"),
        Fault::status(204),
    ] {
        let server = Server::start(|builder| {
            let builder = builder.clock(SystemTime::now);
            (0..3).fold(builder, |builder, number| builder.fault(number, fault.clone()))
        });
        let tip = tip(&mut server.koodrive(&["list"]));
        assert!(tip.contains("KOODRIVE_ENDPOINT"), "{fault:?}: {tip}");
        assert!(!tip.contains("albums") && !tip.contains("token"), "{fault:?}: {tip}");
    }
}

#[test]
fn a_failed_connection_is_reported_while_it_is_retried_and_fails_sooner() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (endpoint, cause) in [
        (format!("http://{closed}"), "refused"),
        ("https://no-such-name.invalid".to_owned(), "lookup address"),
    ] {
        for arguments in [&["list", "17"] as &[_], &["summary", "17"]] {
            let mut command = koodrive(arguments);
            command.env("KOODRIVE_ENDPOINT", &endpoint).env("KOODRIVE_USER_ID", "18");
            let failed = run(command.env("KOODRIVE_ACCESS_TOKEN", "19"));
            assert_eq!((failed.code, failed.stdout.as_str()), (Some(1), ""));
            let (first, rest) = failed.stderr.split_once('\n').unwrap();
            assert!(first.starts_with("warning: cannot connect to "), "{first}");
            assert!(rest.starts_with("error: "), "{rest}");
            assert!(rest.contains(cause), "{rest}");
            // With the library's own settings there would be ten.
            assert!(rest.contains(", 7 attempts in "), "{rest}");
        }
    }
}

#[test]
fn an_outage_in_the_middle_of_a_listing_is_waited_for() {
    let outage = |number| (number, Fault::status(503).header("retry-after", "0"));
    let server = Server::start(|builder| {
        (1..9)
            .map(outage)
            .fold(builder.files(250), |builder, (number, fault)| builder.fault(number, fault))
    });
    let run = run(&mut server.koodrive(&["list"]));
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_eq!(run.stdout.lines().count(), 250);
}

//! The checks of `doctor`.

use std::time::{Duration, SystemTime};

use crate::support::{Run, Server, koodrive, run, steady};

/// The marks at the starts of the lines, in order.
fn marks(run: &Run) -> String {
    let lines = run.stdout.lines().filter(|line| !line.starts_with(' '));
    lines.filter_map(|line| line.chars().next()).collect()
}

fn doctor(command: &mut std::process::Command) -> Run {
    run(command.arg("doctor").env("LC_ALL", "C.UTF-8"))
}

#[test]
fn everything_is_right_in_the_demo() {
    let good = run(koodrive(&["doctor", "--demo"]).env("LC_ALL", "C.UTF-8"));
    assert_eq!((good.code, good.stderr.as_str()), (Some(0), ""), "{}", good.stdout);
    steady().bind(|| insta::assert_snapshot!(good.stdout));
}

#[test]
fn a_proxy_that_a_listing_would_not_use_is_not_used() {
    let server = Server::start(|builder| builder.clock(SystemTime::now));
    let good = doctor(server.koodrive(&[]).env("http_proxy", "http://127.0.0.1:9"));
    assert_eq!((good.code, marks(&good).as_str()), (Some(0), "✓✓✓✓✓"), "{}", good.stdout);
}

#[test]
fn an_account_is_described_without_its_secrets() {
    let server = Server::start(|builder| builder.clock(SystemTime::now).files(3));
    let good = doctor(&mut server.koodrive(&[]));
    assert_eq!((good.code, marks(&good).as_str()), (Some(0), "✓✓✓✓✓"), "{}", good.stdout);
    assert!(!good.stdout.contains(server.server.access_token()));
    let account =
        format!("user {}, access token from environment variables", server.server.user_id());
    assert!(good.stdout.contains(&account), "{}", good.stdout);
    assert!(good.stdout.contains(": 3 files\n"), "{}", good.stdout);
}

#[test]
fn without_utf_8_the_page_is_ascii() {
    let page = run(koodrive(&["doctor", "--demo"]).env("LC_ALL", "C")).stdout;
    assert!(page.is_ascii() && page.lines().all(|line| line.starts_with("ok ")), "{page}");
}

#[test]
fn what_is_wrong_is_marked_and_what_depends_on_it_is_not_checked() {
    let server = Server::start(|builder| builder.clock(SystemTime::now));
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let closed = format!("http://{closed}");
    for (set, expected, tip) in [
        (("KOODRIVE_ACCESS_TOKEN", ""), "✗––––", "koodrive login"),
        (("KOODRIVE_ENDPOINT", "https://no-such-name.invalid"), "✓✗✗––", "KOODRIVE_ENDPOINT"),
        (("KOODRIVE_ENDPOINT", &closed), "✓✓✗––", "firewall"),
        (("KOODRIVE_ENDPOINT", "ftp://x"), "✗––––", "endpoint"),
        (("KOODRIVE_ACCESS_TOKEN", "wrong"), "✓✓✓✓✗", "KOODRIVE_ACCESS_TOKEN"),
        (("KOODRIVE_ALBUM_ID", "1795607640592646999"), "✓✓✓✓✗", "list the albums"),
        (("KOODRIVE_ALBUM_ID", "No such album"), "✓✓✓✓✗", "koodrive albums"),
    ] {
        let failed = doctor(server.koodrive(&[]).env(set.0, set.1));
        assert_eq!(failed.code, Some(1), "{set:?}: {}", failed.stdout);
        assert_eq!(marks(&failed), expected, "{set:?}: {}", failed.stdout);
        assert!(failed.stdout.contains(tip), "{set:?}: {}", failed.stdout);
    }
}

#[test]
fn a_clock_that_is_wrong_is_told_although_the_client_corrects_for_it() {
    let ahead = || SystemTime::now() + Duration::from_secs(7200);
    let server = Server::start(|builder| builder.clock(ahead));
    let failed = doctor(&mut server.koodrive(&[]));
    assert_eq!((failed.code, marks(&failed).as_str()), (Some(1), "✓✓✓✗✓"), "{}", failed.stdout);
    assert!(failed.stdout.contains(" s behind the service's"), "{}", failed.stdout);
}

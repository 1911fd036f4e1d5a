//! Output that depends on a terminal, checked on a pseudo-terminal.

use koodrive_testing::AlbumFile;
use portable_pty::PtySize;

use crate::{
    pty::{SIZE, Shown, on_a_terminal, on_a_terminal_of, on_a_terminal_with},
    support::{Server, run},
};

#[test]
fn the_default_is_a_table_that_fits() {
    let shown = on_a_terminal("koodrive list --demo --limit 12", None);
    assert_eq!(shown.code, 0);
    insta::assert_snapshot!(shown.screen);
    assert!(shown.raw.contains("\u{1b}[1mTAKEN"), "the header is not bold");
}

/// A script on a terminal of so many columns, without progress.
fn at_width(cols: u16, script: &str, locale: &str) -> Shown {
    let size = PtySize { rows: 70, cols, ..SIZE };
    on_a_terminal_of(size, script, None, &[("LC_ALL", locale)])
}

const PAGES: [(&str, &str); 4] = [
    ("list", "koodrive list --demo --limit 12 --quiet"),
    ("albums", "koodrive albums --demo --quiet"),
    ("summary", "koodrive summary --demo --quiet"),
    ("sync", "cd $(mktemp -d) && koodrive sync --demo=3 photos --dry-run"),
];

#[test]
fn pages_fit_narrow_and_wide_terminals() {
    for (name, script) in PAGES {
        for columns in [40, 80, 200] {
            let shown = at_width(columns, script, "C.UTF-8");
            assert_eq!(shown.code, 0, "{name} {columns}: {}", shown.raw);
            insta::assert_snapshot!(format!("{name}_at_{columns}"), shown.screen);
        }
    }
}

#[test]
fn no_line_is_longer_than_the_terminal_and_none_panics_without_a_width() {
    for (name, script) in PAGES {
        for columns in [20, 40, 1, 0] {
            let shown = at_width(columns, script, "C.UTF-8");
            assert_eq!(shown.code, 0, "{name} {columns}: {}", shown.raw);
            assert!(!shown.raw.contains("panicked"), "{name} {columns}: {}", shown.raw);
            if columns < 20 || name == "sync" {
                continue;
            }
            for line in shown.raw.lines() {
                let width = console::measure_text_width(line);
                assert!(width <= usize::from(columns), "{name} {columns}: {line}");
            }
        }
    }
    for columns in [20, 0] {
        let shown = at_width(columns, "koodrive list --demo --columns id,name,size,url", "C");
        assert_eq!(shown.code, 0, "{}", shown.raw);
    }
}

#[test]
fn no_number_of_a_summary_is_cut() {
    let shown = at_width(20, "koodrive summary --demo=300 --quiet", "C.UTF-8");
    let (_, rows) = shown.raw.split_once("Types").unwrap();
    let (rows, _) = rows.split_once("Largest").unwrap();
    assert!(rows.contains("image") && !rows.contains('…'), "{rows}");
}

#[test]
fn a_locale_without_utf_8_gets_ascii() {
    for script in [
        "koodrive summary --demo=300 --quiet | sed /Largest/q",
        "koodrive doctor --demo",
        "koodrive list --demo=3000 > /dev/null",
        "koodrive list --help",
        "koodrive --help",
    ] {
        let shown = at_width(60, script, "C");
        assert!(shown.raw.is_ascii(), "{script}: {}", shown.raw);
        assert!(!at_width(60, script, "C.UTF-8").raw.is_empty());
    }
    let list = at_width(60, "koodrive list --demo --limit 12 --quiet -c type,size,name", "C");
    assert!(list.raw.contains("...") && !list.raw.contains('…'), "{}", list.raw);
}

#[test]
fn columns_line_up_after_wide_characters() {
    let file = |id: &str, name: &str| AlbumFile::new(id).file_name(name).size(5);
    let files =
        [file("F1", "海边的一天 🌊.jpg"), file("F2", "e\u{301}te\u{301}.jpg"), file("F3", "a.jpg")];
    let server = Server::start(|builder| builder.album("17", files));
    let fake = &server.server;
    let (uri, token, user) = (fake.uri(), fake.access_token(), fake.user_id());
    let variables = [
        ("KOODRIVE_ENDPOINT", uri.as_str()),
        ("KOODRIVE_ACCESS_TOKEN", token),
        ("KOODRIVE_USER_ID", user),
    ];
    let script = "koodrive list 17 --quiet --columns name,size,id";
    let shown = on_a_terminal_with(script, None, &variables);
    for line in shown.screen.lines().skip(1) {
        let (before, _) = line.split_once("5 B").unwrap();
        let at = console::measure_text_width(before);
        assert_eq!(at, 80 - 36 - 2 - 3, "{}", shown.screen);
    }
}

#[test]
fn a_table_resumed_from_a_token_fits_too() {
    let whole = on_a_terminal("koodrive list --demo --limit 12 --quiet", None).screen;
    let token = "2@1:1795607640592646273:100:::2:2:1:";
    let resume = format!("koodrive list --demo --limit 12 --quiet --resume {token}");
    let rest: Vec<_> = whole.lines().skip(3).collect();
    assert_eq!(on_a_terminal(&resume, None).screen.trim_end(), rest.join("\n").trim_end());
}

#[test]
fn no_color_turns_colours_off() {
    let shown = on_a_terminal("NO_COLOR=1 koodrive list --demo --limit 3 --quiet", None);
    assert!(!shown.raw.contains("\u{1b}["), "{}", shown.raw);
    let shown = on_a_terminal("NO_COLOR=1 koodrive summary --demo --quiet", None);
    assert!(!shown.raw.contains("\u{1b}["), "{}", shown.raw);
}

#[test]
fn ctrl_c_prints_the_resume_command() {
    let shown = on_a_terminal("exec koodrive list --demo=100000", Some(("VID_", "\u{3}")));
    assert_eq!(shown.code, 130);
    let (_, message) = shown.raw.split_once("stopped after ").unwrap();
    assert!(message.contains("koodrive list --demo=100000 --format table --resume "), "{message}");
}

#[test]
fn a_password_is_not_shown_and_ctrl_c_brings_the_echo_back() {
    let server = Server::start(|builder| builder);
    let fake = &server.server;
    let directory = tempfile::tempdir().unwrap();
    let session = directory.path().join("s");
    let variables = [("KOODRIVE_SESSION", session.to_str().unwrap())];
    let login = format!(
        "exec koodrive login --endpoint {} --agent '{}' --account '{}'",
        fake.uri(),
        fake.agent_name(),
        fake.login_account()
    );
    let password = fake.login_password();
    let typed = format!("{password}\r");
    let shown = on_a_terminal_with(&login, Some(("Password: ", &typed)), &variables);
    assert_eq!(shown.code, 0, "{}", shown.raw);
    assert!(shown.raw.contains("signed in") && !shown.raw.contains(password), "{}", shown.raw);
    assert!(session.exists());

    let stopped = format!("trap : INT; {}; stty -a", login.trim_start_matches("exec "));
    let shown = on_a_terminal_with(&stopped, Some(("Password: ", "\u{3}")), &variables);
    assert!(shown.raw.contains(" echo ") && !shown.raw.contains("-echo "), "{}", shown.raw);
}

#[test]
fn a_login_asks_for_the_endpoint_where_none_is_set() {
    let login = "exec koodrive login --agent carrier --account 13800000000";
    let shown = on_a_terminal(login, Some(("koodrive.com]: ", "http://drive.example.com\r")));
    assert_eq!(shown.code, 2, "{}", shown.raw);
    assert!(shown.raw.contains("plain http"), "{}", shown.raw);
}

#[test]
fn a_summary_fits_and_is_coloured() {
    let shown = on_a_terminal("koodrive summary --demo=60", None);
    assert!(shown.raw.contains("\u{1b}[1mTypes"), "{}", shown.raw);
    insta::assert_snapshot!(shown.screen);
}

#[test]
fn names_do_not_control_a_terminal_in_any_format() {
    const NAME: &str = "a\u{1b}]0;title\u{7}b\u{9b}2Jc\u{202e}d\u{7f}e\u{85}f.jpg";
    let file = AlbumFile::new("F1").file_name(NAME).size(7);
    let server = Server::start(|builder| builder.album("17", [file]));
    let uri = server.server.uri();
    let variables = [
        ("KOODRIVE_ENDPOINT", uri.as_str()),
        ("KOODRIVE_USER_ID", server.server.user_id()),
        ("KOODRIVE_ACCESS_TOKEN", server.server.access_token()),
    ];
    let commands = [
        "list 17 -f csv",
        "list 17 -f json",
        "list 17 -f ndjson",
        "list 17 -f ndjson -c name",
        "list 17 -f csv --output /dev/tty",
        "list 17 -f table --output /dev/tty",
        "summary 17 --format json",
        "summary 17",
    ];
    for command in commands {
        let script = format!("exec koodrive {command} 2> /dev/null");
        let shown = on_a_terminal_with(&script, None, &variables);
        assert_eq!(shown.code, 0, "{command}: {}", shown.raw);
        let name = shown.raw.split_once('a').map_or("", |(_, rest)| rest);
        assert!(name.contains("title"), "{command}: {}", shown.raw);
        let raw =
            shown.raw.replace("\u{1b}[0m", "").replace("\u{1b}[1m", "").replace("\u{1b}[36m", "");
        let controls: Vec<_> = raw
            .chars()
            .filter(|c| (c.is_control() && !matches!(c, '\r' | '\n')) || *c == '\u{202e}')
            .collect();
        assert!(controls.is_empty(), "{command}: {controls:?}");
    }

    // JSON stays the same document.
    let shown = on_a_terminal_with("exec koodrive list 17 -q -f ndjson -c name", None, &variables);
    let object: serde_json::Value = serde_json::from_str(shown.raw.trim()).unwrap();
    assert_eq!(object["fileName"], NAME);

    // Elsewhere, data is unchanged.
    let csv = run(server.koodrive(&["list", "17", "-f", "csv", "-c", "name"]).envs(variables));
    assert_eq!(csv.stdout, format!("name\n{NAME}\n"));
    let json = run(server.koodrive(&["list", "17", "-f", "ndjson", "-c", "name"]).envs(variables));
    assert!(json.stdout.contains("b\u{9b}2Jc\u{202e}d\u{7f}e\u{85}f"), "{}", json.stdout);
}

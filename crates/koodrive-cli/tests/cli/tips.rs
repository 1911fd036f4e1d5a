//! What to do about each kind of error and each known code, as the command says it. Which there are is read
//! from the guide's tables, which the library's own tests compare with its code.

use std::{
    io::Read as _,
    net::TcpListener,
    process::Command,
    time::{Duration, SystemTime},
};

use koodrive_testing::{AlbumFile, AlbumServerBuilder, Fault};

use crate::support::{Server, run, steady};

const GUIDE: &str = include_str!("../../../koodrive/src/guide/troubleshooting.md");

/// The names in the first column of the guide's tables, and the next step of each. `mark` begins a name.
fn table(mark: &str) -> Vec<(&'static str, &'static str)> {
    let row = |line: &'static str| {
        let mut cells = line.strip_prefix(mark)?.split(" | ");
        let name = cells.next()?.split('`').next()?;
        Some((name, cells.nth(1)?.trim_end_matches(" |")))
    };
    GUIDE.lines().filter_map(row).collect()
}

/// The command on a server that answers with `fault` whatever it is asked.
fn answered(fault: &Fault) -> (Server, &'static [&'static str]) {
    let fault = fault.clone();
    (server(|builder| builder.faults(0..9, fault)), LIST)
}

fn server(set: impl FnOnce(AlbumServerBuilder) -> AlbumServerBuilder) -> Server {
    // A clock that runs, so that the client never takes a refusal for one of its date.
    Server::start(|builder| set(builder.clock(SystemTime::now)))
}

const LIST: &[&str] = &["list", "--max-attempts", "1"];
const GET: &[&str] = &["get", "A1", "sea.jpg"];

/// What the command prints as a tip.
fn tip(server: &Server, words: &[&str], set: impl FnOnce(&mut Command)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut command = server.koodrive(words);
    set(command.current_dir(&folder));
    let run = run(&mut command);
    let tip = run.stderr.lines().find_map(|line| line.trim_start().strip_prefix("tip: "));
    assert!(run.code == Some(1) || tip.is_none(), "{}", run.stderr);
    tip.map_or_else(|| format!("(no tip) {}", run.stderr.trim_end()), str::to_owned)
}

/// A server that closes each connection after the first bytes.
fn hanging_up() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = stream.and_then(|mut stream| stream.read(&mut [0; 4096]));
        }
    });
    format!("http://{address}")
}

fn sea(builder: AlbumServerBuilder) -> AlbumServerBuilder {
    builder.album("A1", [AlbumFile::new("F1").file_name("sea.jpg").content("the sea")])
}

fn page(body: &str) -> Fault {
    Fault::status(200).body(body)
}

/// The tip for an error of this kind.
fn tip_of_kind(kind: &str) -> String {
    let unset = |_: &mut Command| {};
    let of = |fault: &Fault| {
        let (server, words) = answered(fault);
        tip(&server, words, unset)
    };
    match kind {
        "InvalidInput" => tip(&server(|it| it), &["list", "a/b", "--resume", "1"], unset),
        "Credentials" => tip(&server(|it| it), LIST, |command| {
            command.env("KOODRIVE_ACCESS_TOKEN", "old").env("KOODRIVE_REFRESH_TOKEN", "old");
        }),
        "Unauthorized" => of(&Fault::status(401).body(r#"{"code":401,"msg":"m"}"#)),
        "ClockSkew" => {
            let refusal = |date| {
                let body = r#"{"code":401,"msg":"X-Date is older than 15 minutes."}"#;
                Fault::status(401).header("date", date).body(body)
            };
            let years = ["Fri, 03 Nov 2028 07:01:40 GMT", "Sat, 03 Nov 2029 07:01:40 GMT"];
            let [first, second] = years.map(refusal);
            tip(&server(|it| it.fault(0, first).fault(1, second)), &["list"], unset)
        }
        "Connect" => tip(&server(|it| it), LIST, |command| {
            let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
            command.env("KOODRIVE_ENDPOINT", format!("http://{closed}"));
        }),
        "Tls" => {
            let server = server(|it| it);
            let plain = server.server.uri().replace("http:", "https:");
            tip(&server, LIST, |command| {
                command.env("KOODRIVE_ENDPOINT", plain);
            })
        }
        "Timeout" => {
            let late = Fault::status(200).delay(Duration::from_secs(3600));
            let words = [LIST, &["--timeout", "1"]].concat();
            tip(&answered(&late).0, &words, unset)
        }
        "Transport" => tip(&server(|it| it), LIST, |command| {
            command.env("KOODRIVE_ENDPOINT", hanging_up());
        }),
        "Redirect" => of(&Fault::status(302).header("location", "https://example.com/")),
        "Status" => of(&Fault::status(403)),
        "Throttled" => of(&Fault::status(429)),
        "Api" => of(&Fault::status(400).body(r#"{"code":13009999,"msg":"m"}"#)),
        "Decode" => of(&page("<h1>Welcome</h1>")),
        "TooLarge" => of(&page(&" ".repeat(17 << 20))),
        "Paging" => of(&page(r#"{"contentList":[],"nextPageCursor":"again"}"#)),
        "Stale" => {
            let unlinked = page(r#"{"contentList":[{"id":"F1","fileName":"sea.jpg"}],"code":0}"#);
            tip(&answered(&unlinked).0, &["get", "1795607640592646401", "F1"], unset)
        }
        "Status of a download" => {
            tip(&server(|it| sea(it).download_faults(0..9, Fault::status(403))), GET, unset)
        }
        "Io" => tip(&server(sea), &[GET, &["--overwrite"]].concat(), |command| {
            std::fs::create_dir(command.get_current_dir().unwrap().join("sea.jpg")).unwrap();
        }),
        _ => panic!("a kind without an example: {kind}"),
    }
}

/// The tip where the service or its gateway gives this code.
fn tip_of_code(code: &str) -> String {
    let (server, words) = answered(&match code.strip_prefix("APIG.") {
        None => Fault::status(400).body(format!(r#"{{"code":{code},"msg":"m"}}"#)),
        Some(_) => Fault::status(400).body(format!(r#"{{"error_code":"{code}","error_msg":"m"}}"#)),
    });
    tip(&server, words, |command| {
        // The codes about an app's signature.
        if ["APIG.0303", "APIG.0304"].contains(&code) {
            command.env_remove("KOODRIVE_ACCESS_TOKEN").env("KOODRIVE_APP_ID", "a");
            command.env("KOODRIVE_APP_SECRET", "b");
        }
    })
}

#[cfg_attr(not(unix), ignore = "the messages contain paths of Unix")]
#[test]
fn each_kind_and_known_code_has_its_next_step_and_how_the_command_does_it() {
    let (kinds, codes) = (table("| [`"), table("| `"));
    assert!(kinds.len() >= 17 && codes.len() >= 12, "{} {}", kinds.len(), codes.len());
    let of_kinds = kinds.iter().map(|(kind, step)| (*kind, *step, tip_of_kind(kind)));
    let of_codes = codes.iter().map(|(code, step)| (*code, *step, tip_of_code(code)));
    let mut lines = Vec::new();
    for (name, step, tip) in of_kinds.chain(of_codes) {
        let is_other = ["InvalidInput", "TooLarge"].contains(&name);
        assert!(is_other || tip.starts_with(step), "{name}: {tip}, not {step}");
        lines.push(format!("{name}: {tip}"));
    }
    let of_storage = "Status of a download";
    lines.push(format!("{of_storage}: {}", tip_of_kind(of_storage)));
    steady().bind(|| insta::assert_snapshot!(lines.join("\n")));
}

//! What is shown on a terminal while a command works.

use std::time::Instant;

use koodrive_testing::AlbumFile;

use crate::{
    pty::{on_a_terminal, on_a_terminal_with},
    support::Server,
};

#[test]
fn progress_is_shown_on_standard_error_with_the_total_and_the_time_left() {
    let shown = on_a_terminal("koodrive list --demo=1500 > /dev/null", None);
    assert!(shown.raw.contains(" of 1,500 files, "), "{}", shown.raw);
    assert!(shown.raw.contains(" left"), "{}", shown.raw);
    assert_eq!(shown.screen.trim(), "", "the bar was left behind");

    for quiet in [
        "koodrive list --demo=1500 --quiet > /dev/null",
        "koodrive list --demo=1500 2>&1 > /dev/null | cat",
    ] {
        assert!(!on_a_terminal(quiet, None).raw.contains(" of 1,500 files"), "{quiet}");
    }
}

#[test]
fn the_progress_bar_does_not_mix_with_the_output() {
    for format in ["table", "json", "ndjson", "csv"] {
        let list = format!("koodrive list --demo --columns name,id --limit 700 --format {format}");
        let shown = on_a_terminal(&list, None);
        let alone = on_a_terminal(&format!("{list} 2> /dev/null"), None);
        assert!(shown.raw.contains(" of 700 files"), "no bar was drawn");
        assert_eq!(shown.screen, alone.screen, "{format}");
    }
}

#[test]
fn the_bar_stays_while_pages_are_written_elsewhere_than_on_the_terminal() {
    let began = Instant::now();
    let shown = on_a_terminal("koodrive list --demo=20000 > /dev/null", None);
    let frames = shown.raw.matches(" of 20,000 files").count();
    let seconds = began.elapsed().as_secs_f64();
    // It is drawn 20 times a second, however many pages come.
    assert!((frames as f64) < 30.0 * seconds + 10.0, "{frames} times in {seconds} s");
}

#[test]
fn a_file_that_is_fetched_is_shown_with_its_bytes_and_rate() {
    let file = AlbumFile::new("F1").file_name("big.bin").content(vec![7; 3_000_000]);
    let server = Server::start(|builder| builder.album("17", [file]).download_rate(6_000_000));
    let uri = server.server.uri();
    let variables = [
        ("KOODRIVE_ENDPOINT", uri.as_str()),
        ("KOODRIVE_USER_ID", server.server.user_id()),
        ("KOODRIVE_ACCESS_TOKEN", server.server.access_token()),
    ];
    let directory = tempfile::tempdir().unwrap();
    let get = format!("exec koodrive get 17 big.bin --overwrite -o {}", directory.path().display());
    let shown = on_a_terminal_with(&get, None, &variables);
    assert_eq!(shown.code, 0, "{}", shown.raw);
    assert!(shown.raw.contains(" of 2.86 MiB, "), "{}", shown.raw);
    assert!(shown.raw.contains("B/s, "), "{}", shown.raw);
    assert!(shown.screen.contains("fetched 1 file, 2.86 MiB"), "{}", shown.screen);
    let quiet = on_a_terminal_with(&format!("{get} --quiet"), None, &variables);
    assert_eq!(quiet.screen.trim().lines().count(), 1, "{}", quiet.screen);
    let stdout = on_a_terminal_with("exec koodrive get 17 big.bin -o -", None, &variables);
    assert_eq!(stdout.code, 2, "{}", stdout.raw);
}

/// The counts that a bar showed of a whole, without separators.
fn counted(raw: &str, whole: &str) -> Vec<u64> {
    let before = raw.split(whole).map(|text| text.rsplit([' ', '\u{1b}', 'm']).next().unwrap());
    before.filter_map(|count| count.replace(',', "").parse().ok()).collect()
}

#[test]
fn bytes_of_a_file_are_never_shown_as_files() {
    let directory = tempfile::tempdir().unwrap();
    let get = "koodrive get --demo 1795607640592646273 'IMG_*0.jpg' -o";
    let shown = on_a_terminal(&format!("{get} {}", directory.path().display()), None);
    assert_eq!(shown.code, 0, "{}", shown.raw);
    let counts = counted(&shown.raw, " of 1,000 files");
    assert!(!counts.is_empty(), "{}", shown.raw);
    assert!(counts.iter().all(|count| *count <= 1_000), "{counts:?}");
}

#[test]
fn albums_are_counted_as_albums() {
    let shown = on_a_terminal("koodrive albums --demo > /dev/null", None);
    assert!(shown.raw.contains(" albums, "), "{}", shown.raw);
    assert!(!shown.raw.contains(" files"), "{}", shown.raw);
}

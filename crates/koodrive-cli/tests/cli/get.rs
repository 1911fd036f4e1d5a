//! Fetching files: which, under which names, and what is left after a failure, a signal or a kill.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

use koodrive_testing::{AlbumFile, AlbumServerBuilder, Fault};

use crate::support::{Server, koodrive, read, run};

const ALBUM: &str = "1795607640592646401";

fn sea(builder: AlbumServerBuilder) -> AlbumServerBuilder {
    let file = |id: &str, name: &str, content: &str| {
        AlbumFile::new(id)
            .file_name(name)
            .content(content)
            .created_time(format!("2025-06-0{}T08:00:00.000Z", id.trim_start_matches('F')))
    };
    builder.album(
        ALBUM,
        [
            file("F1", "IMG_1.jpg", "one"),
            file("F2", "IMG_2.jpg", "two"),
            file("F3", "../IMG_1.jpg", "three"),
            file("F4", "img_1.JPG", "four"),
        ],
    )
}

fn get(server: &Server, directory: &Path, arguments: &[&str]) -> crate::support::Run {
    let mut command = server.koodrive(&[&["get", ALBUM], arguments].concat());
    run(command.current_dir(directory))
}

fn names(directory: &Path) -> Vec<String> {
    let files = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

#[test]
fn files_are_fetched_by_id_name_and_pattern() {
    let server = Server::start(sea);
    for (arguments, expected) in [
        (&["F2"] as &[_], &["IMG_2.jpg"] as &[_]),
        (&["IMG_1.jpg"], &["IMG_1.jpg"]),
        (&["IMG_*.jpg"], &["IMG_1.jpg", "IMG_2.jpg"]),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let fetched = get(&server, directory.path(), &[arguments, &["-o", "new/folder"]].concat());
        let folder = directory.path().join("new/folder");
        assert_eq!(fetched.code, Some(0), "{}", fetched.stderr);
        assert_eq!(names(&folder), expected, "{arguments:?}");
        assert_eq!(fetched.stdout.lines().count(), expected.len());
        for path in fetched.stdout.lines() {
            assert!(directory.path().join(path).is_file(), "{path}");
        }
    }
}

#[test]
fn names_are_safe_and_no_two_files_share_one() {
    let server = Server::start(sea);
    let directory = tempfile::tempdir().unwrap();
    let fetched = get(&server, directory.path(), &["*"]);
    // The latest file is listed first.
    assert_eq!((fetched.code, fetched.stderr.as_str()), (Some(0), "fetched 4 files, 15 B\n"));
    for (name, content) in [
        ("img_1.JPG", "four"),
        ("_IMG_1.jpg", "three"),
        ("IMG_2.jpg", "two"),
        ("IMG_1.deae2d4d.jpg", "one"),
    ] {
        assert_eq!(read(&directory.path().join(name)), content);
    }
    assert_eq!(names(directory.path()).len(), 4);
}

#[test]
fn ids_end_the_listing_once_they_are_found() {
    let server = Server::start(|builder| builder.files(1000));
    let first = run(&mut server.koodrive(&["list", "-n", "1", "-f", "csv", "-c", "id"])).stdout;
    let id = first.lines().nth(1).unwrap();
    let pages = server.server.received_cursors().len();
    let directory = tempfile::tempdir().unwrap();
    let mut command = server.koodrive(&["get", server.server.album_id(), id]);
    assert_eq!(run(command.current_dir(directory.path())).code, Some(0));
    assert!(server.server.received_cursors().len() - pages <= 2);
}

#[test]
fn an_argument_that_selects_nothing_is_an_error_after_the_others_are_fetched() {
    let server = Server::start(sea);
    let directory = tempfile::tempdir().unwrap();
    let fetched = get(&server, directory.path(), &["*.gif", "IMG_2.jpg", "F9"]);
    assert_eq!((fetched.code, fetched.stdout.as_str()), (Some(1), "./IMG_2.jpg\n"));
    insta::assert_snapshot!(fetched.stderr, @r"
    error: no file has the id or a name like `*.gif` or `F9`
    fetched 1 file, 3 B
    ");
}

#[test]
fn one_files_failure_costs_that_file() {
    let server = Server::start(|builder| sea(builder).download_fault(1, Fault::status(404)));
    let directory = tempfile::tempdir().unwrap();
    let fetched = get(&server, directory.path(), &["*", "--jobs", "1"]);
    assert_eq!((fetched.code, fetched.stdout.lines().count()), (Some(1), 3));
    assert!(
        fetched.stderr.starts_with("error: cannot fetch ../IMG_1.jpg (id F3)\n  because: "),
        "{}",
        fetched.stderr
    );
    assert!(
        fetched.stderr.ends_with("fetched 3 files, 10 B; 1 file failed\n"),
        "{}",
        fetched.stderr
    );
    assert!(!fetched.stderr.contains("X-Amz"), "{}", fetched.stderr);
    assert_eq!(names(directory.path()), ["IMG_1.deae2d4d.jpg", "IMG_2.jpg", "img_1.JPG"]);
}

#[test]
fn a_storage_that_is_slow_with_one_file_does_not_keep_the_others_waiting() {
    let slow = Fault::own_reply().delay(Duration::from_secs(3600));
    let server = Server::start(|builder| sea(builder).download_fault(0, slow));
    let directory = tempfile::tempdir().unwrap();
    let mut command = server.koodrive(&["get", ALBUM, "*", "--quiet"]);
    let mut child = command.current_dir(directory.path()).stdout(Stdio::null()).spawn().unwrap();
    let are_there =
        || names(directory.path()).iter().filter(|it| !it.starts_with('.')).count() == 3;
    while !are_there() {
        assert_eq!(child.try_wait().unwrap(), None);
        sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn paths_are_printed_in_the_order_of_the_listing_whichever_file_is_there_first() {
    let slow = Fault::own_reply().delay(Duration::from_millis(300));
    let server = Server::start(|builder| sea(builder).download_fault(0, slow));
    let directory = tempfile::tempdir().unwrap();
    let fetched = get(&server, directory.path(), &["*"]);
    let paths: Vec<_> =
        fetched.stdout.lines().map(|path| path.rsplit('/').next().unwrap()).collect();
    assert_eq!(paths, ["img_1.JPG", "_IMG_1.jpg", "IMG_2.jpg", "IMG_1.deae2d4d.jpg"]);
}

#[test]
fn an_existing_file_is_an_error_unless_it_is_overwritten_or_skipped() {
    let server = Server::start(sea);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("IMG_2.jpg");
    fs::write(&path, "mine").unwrap();
    let refused = get(&server, directory.path(), &["IMG_2.jpg"]);
    assert_eq!((refused.code, read(&path).as_str()), (Some(1), "mine"));
    assert!(refused.stderr.contains("exists"), "{}", refused.stderr);
    assert!(refused.stderr.contains("--overwrite"), "{}", refused.stderr);
    let skipped = get(&server, directory.path(), &["IMG_[12].jpg", "--skip-existing"]);
    assert_eq!((skipped.code, read(&path).as_str()), (Some(0), "mine"));
    assert_eq!(skipped.stderr, "fetched 1 file, 3 B; skipped 1 file that existed\n");
    assert_eq!(names(directory.path()), ["IMG_1.jpg", "IMG_2.jpg"], "nothing is left beside it");
    let replaced = get(&server, directory.path(), &["IMG_2.jpg", "--overwrite"]);
    assert_eq!((replaced.code, read(&path).as_str()), (Some(0), "two"));
}

#[test]
fn a_folder_with_the_name_of_a_file_is_an_error_of_that_file() {
    let server = Server::start(sea);
    for options in [&["--skip-existing"] as &[_], &[]] {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("IMG_2.jpg")).unwrap();
        let fetched = get(&server, directory.path(), &[&["IMG_[12].jpg"], options].concat());
        assert_eq!((fetched.code, fetched.stdout.as_str()), (Some(1), "./IMG_1.jpg\n"));
        insta::allow_duplicates! {
            insta::assert_snapshot!(fetched.stderr, @r"
            error: ./IMG_2.jpg is a folder; move it, or pass another folder to --output
            fetched 1 file, 3 B; 1 file failed
            ");
        }
    }
}

#[test]
fn standard_output_takes_exactly_one_file() {
    let server = Server::start(sea);
    let directory = tempfile::tempdir().unwrap();
    let one = get(&server, directory.path(), &["F1", "--output", "-"]);
    assert_eq!((one.code, one.stdout.as_str(), one.stderr.as_str()), (Some(0), "one", ""));
    let several = get(&server, directory.path(), &["IMG*", "--output", "-"]);
    assert_eq!((several.code, several.stdout.as_str()), (Some(2), ""));
    assert!(several.stderr.contains("F2, F1"), "{}", several.stderr);
    for missing in [&["F9"] as &[_], &["F1", "F9"]] {
        let missing = get(&server, directory.path(), &[missing, &["--output", "-"]].concat());
        assert_eq!((missing.code, missing.stdout.as_str()), (Some(1), ""));
    }
    assert_eq!(names(directory.path()), [""; 0]);
}

#[test]
fn closing_the_pipe_early_is_not_an_error() {
    let server = Server::start(|builder| {
        builder.album(ALBUM, [AlbumFile::new("F1").file_name("a").content(vec![b'x'; 2_000_000])])
    });
    let mut command = server.koodrive(&["get", ALBUM, "a", "-o", "-"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut [0; 10]).unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), b"".as_slice()));
}

#[test]
fn a_target_that_is_not_a_folder_is_refused_before_anything_is_fetched() {
    let server = Server::start(sea);
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("a"), "").unwrap();
    let refused = get(&server, directory.path(), &["*", "-o", "a"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("cannot create the folder a"), "{}", refused.stderr);
    assert!(server.server.received_downloads().is_empty());
}

#[test]
fn pictures_of_the_demo_open() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = koodrive(&["get", "--demo=60", "Demo album", "*.jpg", "*.png"]);
    let fetched = run(command.current_dir(directory.path()));
    assert_eq!(fetched.code, Some(0), "{}", fetched.stderr);
    assert!(fetched.stdout.lines().count() > 10);
    for path in fetched.stdout.lines() {
        let bytes = fs::read(directory.path().join(path)).unwrap();
        let start: &[u8] =
            if path.ends_with(".png") { b"\x89PNG\r\n" } else { &[0xff, 0xd8, 0xff] };
        assert!(bytes.starts_with(start), "{path}");
    }
}

/// Files of several buffers, sent so slowly that a signal arrives in the middle.
#[cfg(unix)]
mod stopped {
    use rustix::process::{Pid, Signal, kill_process};

    use super::*;

    fn content(number: usize) -> Vec<u8> {
        (0..400_000_usize)
            .map(|at| u8::try_from((at * 31 + at / 251 + number) % 251).unwrap())
            .collect()
    }

    fn slow() -> Server {
        let files = (0..3).map(|n| {
            AlbumFile::new(format!("F{n}")).file_name(format!("{n}.bin")).content(content(n))
        });
        Server::start(|builder| builder.album(ALBUM, files).download_rate(8_000_000))
    }

    fn command(server: &Server, directory: &Path) -> Command {
        let mut command = server.koodrive(&["get", ALBUM, "*.bin", "--skip-existing"]);
        command.current_dir(directory).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Whatever is there under a final name is whole and right.
    fn check(directory: &Path) {
        for number in 0..3 {
            let path = directory.join(format!("{number}.bin"));
            assert!(
                !path.exists() || fs::read(path).unwrap() == content(number),
                "{number}.bin is wrong"
            );
        }
    }

    #[test]
    fn ctrl_c_keeps_the_part_and_says_how_to_resume() {
        for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
            let (server, directory) = (slow(), tempfile::tempdir().unwrap());
            let child = command(&server, directory.path()).spawn().unwrap();
            let has_part = || {
                names(directory.path()).iter().any(|name| {
                    name.ends_with(".part")
                        && fs::metadata(directory.path().join(name))
                            .is_ok_and(|part| part.len() > 0)
                })
            };
            while !has_part() {
                sleep(Duration::from_millis(1));
            }
            kill_process(Pid::from_child(&child), signal).unwrap();
            let stopped = crate::support::Run::of(child.wait_with_output().unwrap());
            assert_eq!(stopped.code, Some(code));
            assert!(stopped.stderr.contains("--skip-existing to resume"), "{}", stopped.stderr);
            check(directory.path());
            let resumed = run(&mut command(&server, directory.path()));
            assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
            assert!(resumed.stderr.contains(" of it earlier)"), "{}", resumed.stderr);
            check(directory.path());
            assert_eq!(names(directory.path()), ["0.bin", "1.bin", "2.bin"]);
        }
    }

    /// Kills the command at random moments, and starts it again until it is complete.
    fn kill_at_random(times: usize) {
        let (server, mut kills) = (slow(), 0);
        while kills < times {
            let directory = tempfile::tempdir().unwrap();
            loop {
                let mut child = command(&server, directory.path()).spawn().unwrap();
                sleep(Duration::from_micros(fastrand::u64(0..250_000)));
                child.kill().unwrap();
                let status = child.wait().unwrap();
                check(directory.path());
                if status.success() {
                    break;
                }
                assert_eq!(status.code(), None, "it failed by itself");
                kills += 1;
            }
            // A kill right after a file got its name leaves the record of its part, which harms nothing.
            let mut names = names(directory.path());
            names.retain(|name| !name.starts_with('.'));
            assert_eq!(names, ["0.bin", "1.bin", "2.bin"]);
        }
    }

    #[test]
    fn twenty_kills_at_random_leave_no_wrong_file_and_all_are_complete_in_the_end() {
        kill_at_random(20);
    }

    #[test]
    #[ignore = "takes minutes; `cargo test -p koodrive-cli -- --ignored thousand_kills` runs it"]
    fn a_thousand_kills_at_random_leave_no_wrong_file_and_all_are_complete_in_the_end() {
        kill_at_random(1000);
    }
}

//! Starts the command with nothing of this machine's about it.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use assert_cmd::cargo::CommandCargoExt as _;
use koodrive_testing::{AlbumServer, AlbumServerBuilder};

/// What a run of the command came to.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The command without variables or a configuration file.
pub(crate) fn bare() -> Command {
    bare_with(Command::cargo_bin("koodrive").unwrap())
}

/// Another command, which starts it, without them.
pub(crate) fn bare_with(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("KOODRIVE_") {
            command.env_remove(name);
        }
    }
    // Never this machine's own configuration.
    command.env("HOME", "/nonexistent").env("APPDATA", "/nonexistent");
    command.env_remove("XDG_CONFIG_HOME").stdin(Stdio::null());
    command
}

pub(crate) fn koodrive(arguments: &[&str]) -> Command {
    let mut command = bare();
    command.args(arguments);
    command
}

/// Runs it to its end.
pub(crate) fn run(command: &mut Command) -> Run {
    let output = command.output().unwrap();
    Run {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs it, and expects it to be content.
pub(crate) fn stdout(arguments: &[&str]) -> String {
    let run = run(&mut koodrive(arguments));
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    run.stdout
}

/// A server in this process whose clock stands still, so that URLs are the same in every answer.
pub(crate) struct Server {
    pub(crate) server: AlbumServer,
    _runtime: tokio::runtime::Runtime,
}

impl Server {
    pub(crate) fn start(set: impl FnOnce(AlbumServerBuilder) -> AlbumServerBuilder) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let now = std::time::SystemTime::now();
        let builder = set(AlbumServer::builder().clock(move || now));
        let server = runtime.block_on(builder.start());
        Self { server, _runtime: runtime }
    }

    /// An album whose pages take their time, so that a listing is in its middle for a while.
    #[cfg(unix)]
    pub(crate) fn slow(files: u64) -> Self {
        Self::start(|builder| builder.files(files).page_delay(std::time::Duration::from_millis(15)))
    }

    /// Waits until a few more pages were asked for, and then a moment: a random point in the middle of a
    /// listing, however busy this machine is. Not for longer than the listing takes.
    #[cfg(unix)]
    pub(crate) fn wait_for_some_pages(&self, mut is_over: impl FnMut() -> bool) {
        use std::{thread::sleep, time::Duration};
        let pages = || self.server.received_cursors().len();
        let wanted = pages() + fastrand::usize(2..6);
        while pages() < wanted && !is_over() {
            sleep(Duration::from_millis(1));
        }
        sleep(Duration::from_micros(fastrand::u64(0..20_000)));
    }

    /// The command on this server's account and album.
    pub(crate) fn koodrive(&self, arguments: &[&str]) -> Command {
        let mut command = koodrive(arguments);
        command
            .env("KOODRIVE_ENDPOINT", self.server.uri())
            .env("KOODRIVE_USER_ID", self.server.user_id())
            .env("KOODRIVE_ACCESS_TOKEN", self.server.access_token())
            .env("KOODRIVE_ALBUM_ID", self.server.album_id());
        command
    }
}

/// The command line that a message says goes on, without its first word.
pub(crate) fn resume_arguments(stderr: &str) -> Vec<String> {
    let line = stderr.lines().rev().find_map(|line| line.strip_prefix("  koodrive ")).unwrap();
    shlex::split(line.trim_end_matches(" >> …")).unwrap()
}

pub(crate) fn as_strs(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

pub(crate) fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// Snapshot settings that put words in the place of what differs from run to run.
pub(crate) fn steady() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"127\.0\.0\.1:\d+", "127.0.0.1:[port]");
    settings.add_filter(r"trace id [\w]{58}", "trace id [id]");
    settings.add_filter(r"(/[\w.\-]+)+/\.tmp\w+", "[directory]");
    settings.add_filter(r"in \d+(\.\d+)?(ms|s)", "in [time]");
    settings
}

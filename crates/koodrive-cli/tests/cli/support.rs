//! Runs the command isolated from this machine's configuration.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};
#[cfg(unix)]
use std::{thread::sleep, time::Duration};

use assert_cmd::cargo::CommandCargoExt as _;
#[cfg(unix)]
use koodrive_testing::Fault;
use koodrive_testing::{AlbumServer, AlbumServerBuilder};

/// The number of the request that an interruptible server does not answer, counted from zero.
#[cfg(unix)]
pub(crate) const HELD: usize = 4;

/// The result of a run of the command.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The command, without variables or a configuration file.
pub(crate) fn bare() -> Command {
    bare_with(Command::cargo_bin("koodrive").unwrap())
}

/// Another command, which runs `koodrive`, without them.
pub(crate) fn bare_with(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("KOODRIVE_") {
            command.env_remove(name);
        }
    }
    // Never this machine's own configuration.
    command.env("HOME", "/nonexistent").env("APPDATA", "/nonexistent");
    command.env("LC_ALL", "C.UTF-8");
    command
        .env_remove("COLUMNS")
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("XDG_STATE_HOME")
        .stdin(Stdio::null());
    command
}

pub(crate) fn koodrive(arguments: &[&str]) -> Command {
    let mut command = bare();
    command.args(arguments);
    command
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Run {
    Run::of(command.output().unwrap())
}

/// Runs `koodrive`, and expects success without messages.
pub(crate) fn stdout(arguments: &[&str]) -> String {
    let run = run(&mut koodrive(arguments));
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    run.stdout
}

/// A server in this process with a fixed clock, so that URLs are the same in every response. For that reason
/// the client may take a 400, 401 or 403 as a refusal of its date, and retry: use other faults.
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

    /// An album with delayed pages, to interrupt. The first listing of it cannot finish by itself.
    #[cfg(unix)]
    pub(crate) fn interruptible(files: u64) -> Self {
        let held = Fault::status(503).delay(Duration::from_secs(3600));
        let delay = Duration::from_millis(15);
        Self::start(|builder| builder.files(files).page_delay(delay).fault(HELD, held))
    }

    /// Waits until a few more pages were requested, then for a random moment, unless the listing ends first.
    #[cfg(unix)]
    pub(crate) fn wait_for_some_pages(&self, mut is_over: impl FnMut() -> bool) {
        let pages = || self.server.received_cursors().len();
        let before = pages();
        let some = before + fastrand::usize(2..6);
        // Nothing is requested after the held page, until a listing was interrupted there.
        let wanted = if before <= HELD { some.min(HELD + 1) } else { some };
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

/// The arguments of the resume command in a message.
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

/// Snapshot settings that replace what differs from run to run.
pub(crate) fn steady() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"127\.0\.0\.1:\d+", "127.0.0.1:[port]");
    settings.add_filter(r"trace id [\w]{58}", "trace id [id]");
    settings.add_filter(r"(/[\w.\-]+)+/\.tmp\w+", "[directory]");
    settings.add_filter(r"in \d+(\.\d+)?(ms|s)", "in [time]");
    settings
}

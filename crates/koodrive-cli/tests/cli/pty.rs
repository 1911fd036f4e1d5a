//! Runs the command on a pseudo-terminal.

use std::io::{Read as _, Write as _};

use assert_cmd::cargo::cargo_bin;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};

pub(crate) const SIZE: PtySize = PtySize { rows: 16, cols: 80, pixel_width: 0, pixel_height: 0 };

/// What was sent to the terminal, and what it then shows.
pub(crate) struct Shown {
    pub(crate) raw: String,
    pub(crate) screen: String,
    pub(crate) code: u32,
}

/// Runs a shell script on a terminal. `typed` is a text to wait for, and the keys to type after it.
pub(crate) fn on_a_terminal(script: &str, typed: Option<(&str, &str)>) -> Shown {
    on_a_terminal_with(script, typed, &[])
}

pub(crate) fn on_a_terminal_with(
    script: &str,
    typed: Option<(&str, &str)>,
    variables: &[(&str, &str)],
) -> Shown {
    on_a_terminal_of(SIZE, script, typed, variables)
}

pub(crate) fn on_a_terminal_of(
    size: PtySize,
    script: &str,
    typed: Option<(&str, &str)>,
    variables: &[(&str, &str)],
) -> Shown {
    let pty = native_pty_system().openpty(size).unwrap();
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", &script.replace("koodrive", cargo_bin("koodrive").to_str().unwrap())]);
    command.cwd("/");
    command.env("TERM", "xterm-256color");
    command.env("HOME", "/nonexistent");
    command.env("LC_ALL", "C.UTF-8");
    command.env_remove("NO_COLOR");
    variables.iter().for_each(|(name, value)| command.env(name, value));
    let mut child = pty.slave.spawn_command(command).unwrap();
    drop(pty.slave);

    let (mut reader, mut writer) =
        (pty.master.try_clone_reader().unwrap(), pty.master.take_writer().unwrap());
    let (mut raw, mut piece) = (Vec::new(), [0; 4096]);
    let mut typed = typed;
    // At the end, reading from a terminal is an error instead of zero bytes.
    while let Ok(length @ 1..) = reader.read(&mut piece) {
        raw.extend_from_slice(&piece[..length]);
        let has_sent = |text: &str| String::from_utf8_lossy(&raw).contains(text);
        if let Some((_, keys)) = typed.take_if(|(until, _)| has_sent(until)) {
            writer.write_all(keys.as_bytes()).unwrap();
        }
    }
    let mut parser = vt100::Parser::new(size.rows, size.cols.max(20), 0);
    parser.process(&raw);
    Shown {
        raw: String::from_utf8_lossy(&raw).into_owned(),
        screen: parser.screen().contents(),
        code: child.wait().unwrap().exit_code(),
    }
}

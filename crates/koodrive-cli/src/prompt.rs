//! Questions to the user, on a terminal, or answered by the lines of standard input.

use std::io::{self, IsTerminal as _, Write as _};

use anyhow::{Context as _, bail};
use secrecy::SecretString;

use crate::detached::detached;

/// Asks for a line. Elsewhere than on a terminal, nothing is printed.
pub(crate) async fn line(question: &str) -> anyhow::Result<String> {
    required(question, ask(question, false).await?)
}

/// The same, without showing what is typed.
pub(crate) async fn secret(question: &str) -> anyhow::Result<SecretString> {
    required(question, ask(question, true).await?).map(SecretString::from)
}

/// Asks on a terminal. An empty answer stands for `default`, and so does standard input elsewhere: none of its lines
/// is taken for this answer.
pub(crate) async fn line_or(question: &str, default: &str) -> anyhow::Result<String> {
    if !io::stdin().is_terminal() {
        return Ok(default.to_owned());
    }
    let line = ask(&format!("{question} [{default}]"), false).await?;
    Ok(if line.is_empty() { default.to_owned() } else { line })
}

fn required(question: &str, line: String) -> anyhow::Result<String> {
    if line.is_empty() {
        bail!(
            "no answer to the question: {question}; `koodrive login --help` says how to answer it"
        );
    }
    Ok(line)
}

async fn ask(question: &str, is_secret: bool) -> anyhow::Result<String> {
    let is_terminal = io::stdin().is_terminal();
    // Until the answer is there, or the question is given up.
    let _hidden = if is_terminal && is_secret { Some(echo::Hidden::new()?) } else { None };
    if is_terminal {
        let mut stderr = io::stderr().lock();
        write!(stderr, "{question}: ")?;
        stderr.flush()?;
    }
    let line = read_line(is_terminal && is_secret).await?;
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

async fn read_line(is_hidden: bool) -> anyhow::Result<String> {
    let read = move || {
        let mut line = String::new();
        echo::read_line(is_hidden, &mut line).map(|()| line)
    };
    detached(read).await?.context("cannot read standard input")
}

#[cfg(unix)]
mod echo {
    use std::io::{self, stdin};

    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

    /// While this exists, the terminal shows no more of what is typed than the end of the line.
    pub(super) struct Hidden(Termios);

    impl Hidden {
        pub(super) fn new() -> io::Result<Self> {
            let shown = tcgetattr(stdin())?;
            let mut hidden = shown.clone();
            hidden.local_modes.remove(LocalModes::ECHO);
            hidden.local_modes.insert(LocalModes::ECHONL);
            tcsetattr(stdin(), OptionalActions::Flush, &hidden)?;
            Ok(Self(shown))
        }
    }

    impl Drop for Hidden {
        fn drop(&mut self) {
            let _ = tcsetattr(stdin(), OptionalActions::Now, &self.0);
        }
    }

    pub(super) fn read_line(_: bool, line: &mut String) -> io::Result<()> {
        stdin().read_line(line).map(drop)
    }
}

#[cfg(not(unix))]
mod echo {
    use std::io::{self, stdin};

    use console::Term;

    /// Hiding is a matter of how the line is read.
    pub(super) struct Hidden;

    impl Hidden {
        pub(super) fn new() -> io::Result<Self> {
            Ok(Self)
        }
    }

    pub(super) fn read_line(is_hidden: bool, line: &mut String) -> io::Result<()> {
        if is_hidden {
            line.push_str(&Term::stderr().read_secure_line()?);
            return Ok(());
        }
        stdin().read_line(line).map(drop)
    }
}

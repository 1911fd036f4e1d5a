//! What to tell a person when something went wrong: what it was, why, and what to do next.

use std::{fmt, io::Write as _};

use anstyle::{AnsiColor, Style};
use indicatif::HumanDuration;
use koodrive::ErrorKind;

use crate::{config, exit::Exit};

/// Arguments that cannot be used, found out after clap was content with them.
#[derive(Debug)]
pub(crate) struct UsageError(pub(crate) String);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const TIP: Style = AnsiColor::Green.on_default();

/// Prints an error with its causes and what to do, in the manner of clap.
pub(crate) fn error(error: &anyhow::Error) -> Exit {
    let mut text = format!("{ERROR}error:{ERROR:#} {error}\n");
    for cause in error.chain().skip(1) {
        text.push_str(&format!("  because: {cause}\n"));
    }
    if let Some(tip) = error.chain().find_map(|cause| advice(cause.downcast_ref()?)) {
        text.push_str(&format!("\n  {TIP}tip:{TIP:#} {tip}\n"));
    }
    print(&text);
    if error.is::<UsageError>() { Exit::Usage } else { Exit::Failed }
}

/// Prints why a listing failed. What it refuses before it sends anything came from the arguments.
pub(crate) fn listing_error(error: koodrive::Error) -> Exit {
    let is_refused = error.kind() == ErrorKind::InvalidInput;
    let exit = self::error(&error.into());
    if is_refused { Exit::Usage } else { exit }
}

/// Prints what went wrong and did not stop anything.
pub(crate) fn warning(message: &str) {
    print(&format!("{WARNING}warning:{WARNING:#} {message}\n"));
}

/// Prints what a person may want to know, and a program need not.
pub(crate) fn note(message: &str) {
    print(&format!("{message}\n"));
}

/// If standard error is gone, there is nobody to tell.
fn print(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

/// What to do next. `None` where the error says it itself.
fn advice(error: &koodrive::Error) -> Option<String> {
    let advice = match error.kind() {
        ErrorKind::Credentials => "see `koodrive --help` for where credentials come from",
        ErrorKind::Unauthorized => return Some(renew()),
        ErrorKind::ClockSkew => "set this machine's clock, then run the command again",
        ErrorKind::Connect => {
            "check KOODRIVE_ENDPOINT (or endpoint in the configuration file) and the network"
        }
        ErrorKind::Tls => "check that KOODRIVE_ENDPOINT is the service's own, and what is between",
        ErrorKind::Redirect => "KOODRIVE_ENDPOINT leads elsewhere; set it to the service's own URL",
        ErrorKind::Throttled => return Some(wait(error)),
        ErrorKind::Decode | ErrorKind::TooLarge => {
            "the answer is not what the service documents: check KOODRIVE_ENDPOINT, or report it with \
             the trace id"
        }
        ErrorKind::Paging => {
            "the service's pages do not fit together: begin again, without --resume \
             or with another --state"
        }
        _ if error.is_retryable() => "this may pass: run the command again in a while",
        ErrorKind::Api | ErrorKind::Status => {
            "check the album's id and that this user may see it, or report it with the trace id"
        }
        _ => return None,
    };
    Some(advice.to_owned())
}

fn renew() -> String {
    let path = config::display_path();
    format!(
        "an access token lives 20 to 30 minutes: set KOODRIVE_ACCESS_TOKEN to a new one (or \
         access_token in {path})"
    )
}

fn wait(error: &koodrive::Error) -> String {
    match error.retry_after() {
        Some(wait) => {
            format!("the service asks to wait {} before the next try", HumanDuration(wait))
        }
        None => "too many requests: wait a while before the next try".to_owned(),
    }
}

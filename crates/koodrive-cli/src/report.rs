//! Messages on standard error: what went wrong, why, and what to do next.

use std::{fmt, io::Write as _};

use anstyle::{AnsiColor, Style};
use indicatif::HumanDuration;
use koodrive::ErrorKind;

use crate::{config, exit::Exit};

/// Invalid arguments that clap does not detect.
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

/// Prints an error with its causes and a tip, in clap's style.
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

/// Prints why a listing failed. Invalid input came from the arguments, so it is a usage error.
pub(crate) fn listing_error(error: koodrive::Error) -> Exit {
    let is_usage = error.kind() == ErrorKind::InvalidInput;
    let exit = self::error(&error.into());
    if is_usage { Exit::Usage } else { exit }
}

/// Prints a problem that does not stop the command.
pub(crate) fn warning(message: &str) {
    print(&format!("{WARNING}warning:{WARNING:#} {message}\n"));
}

/// Prints information for the user.
pub(crate) fn note(message: &str) {
    print(&format!("{message}\n"));
}

/// Ignores errors: there is nowhere to report that standard error is closed.
fn print(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

/// What to do next. `None` if the error already says so.
fn advice(error: &koodrive::Error) -> Option<String> {
    let advice = match error.kind() {
        ErrorKind::Credentials => "see `koodrive --help` for how to set credentials",
        ErrorKind::Unauthorized => return Some(replace_token()),
        ErrorKind::ClockSkew => "correct this machine's clock, then run the command again",
        ErrorKind::Connect => {
            "check KOODRIVE_ENDPOINT (or endpoint in the configuration file) and the network"
        }
        ErrorKind::Tls => {
            "check that KOODRIVE_ENDPOINT is the service's own URL and that no proxy intercepts the connection"
        }
        ErrorKind::Redirect => {
            "KOODRIVE_ENDPOINT redirects elsewhere; set it to the service's own URL"
        }
        ErrorKind::Throttled => return Some(wait(error)),
        ErrorKind::Decode | ErrorKind::TooLarge => {
            "the response does not match the service's documentation: check KOODRIVE_ENDPOINT, or report \
             it with the trace id"
        }
        ErrorKind::Paging => {
            "the service's pages are inconsistent: start again, without --resume \
             or with a different --state file"
        }
        _ if error.is_retryable() => "this may be temporary: run the command again later",
        ErrorKind::Api | ErrorKind::Status => {
            "check the album id and that this user has access, or report it with the trace id"
        }
        _ => return None,
    };
    Some(advice.to_owned())
}

fn replace_token() -> String {
    let path = config::display_path();
    format!(
        "access tokens expire after 20 to 30 minutes: set KOODRIVE_ACCESS_TOKEN (or access_token in \
         {path}) to a new one"
    )
}

fn wait(error: &koodrive::Error) -> String {
    match error.retry_after() {
        Some(wait) => {
            format!("the service asks to wait {} before retrying", HumanDuration(wait))
        }
        None => "too many requests: wait a while before retrying".to_owned(),
    }
}

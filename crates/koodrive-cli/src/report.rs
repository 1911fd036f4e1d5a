//! Messages on standard error: what went wrong, why, and what to do next.

use std::{io, io::Write as _, time::Duration};

use anstyle::{AnsiColor, Style};
use indicatif::HumanDuration;
use jiff::{SignedDuration, Timestamp};
use koodrive::ErrorKind;

use crate::{
    account::CredentialKind,
    config,
    exit::{Ended, Exit},
    glyphs::GLYPHS,
};

/// Invalid arguments that clap does not detect.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct UsageError(String);

pub(crate) fn usage(message: impl Into<String>) -> UsageError {
    UsageError(message.into())
}

/// What messages need to know about the account.
#[derive(Clone, Debug)]
pub(crate) struct AccountHint {
    pub(crate) credentials: CredentialKind,
    pub(crate) endpoint: String,
}

/// What failed at the service, as the context of its error. The account decides the tip.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
struct Attempt {
    what: String,
    account: AccountHint,
}

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const TIP: Style = AnsiColor::Green.on_default();

/// The error of a request, with what it was for.
pub(crate) fn failed(what: &str, error: koodrive::Error, account: &AccountHint) -> anyhow::Error {
    explained(error).context(Attempt { what: what.to_owned(), account: account.clone() })
}

/// Prints an error with its causes and a tip, in clap's style.
pub(crate) fn error(error: &anyhow::Error) -> Exit {
    if let Some(Ended(exit)) = error.downcast_ref() {
        return *exit;
    }
    let mut causes: Vec<_> = error.chain().map(ToString::to_string).collect();
    causes.dedup();
    let mut text = format!("{ERROR}error:{ERROR:#} {}\n", causes.join("\n  because: "));
    if let Some(tip) = tip(error) {
        text.push_str(&format!("\n  {TIP}tip:{TIP:#} {tip}\n"));
    }
    print(&text);
    if error.is::<UsageError>() { Exit::Usage } else { Exit::Failed }
}

/// What to do about an error. `None` if it already says so.
pub(crate) fn tip(error: &anyhow::Error) -> Option<String> {
    let account = error.downcast_ref::<Attempt>().map(|attempt| &attempt.account);
    let of_service = error.chain().find_map(|cause| cause.downcast_ref());
    if let Some(of_service) = of_service {
        return advice(of_service, account);
    }
    let of_disk = error.chain().find_map(|cause| cause.downcast_ref::<io::Error>());
    of_disk.and_then(|error| place(error.kind())).map(str::to_owned)
}

/// What to do where a file or folder cannot be used.
fn place(kind: io::ErrorKind) -> Option<&'static str> {
    use io::ErrorKind as Kind;
    match kind {
        Kind::NotFound => Some("check the path: it, or its folder, does not exist"),
        Kind::IsADirectory => Some("name a file; this is a folder"),
        Kind::NotADirectory | Kind::AlreadyExists => {
            Some("a file is where a folder has to be; choose another folder")
        }
        Kind::PermissionDenied | Kind::ReadOnlyFilesystem => {
            Some("choose another place, or change the permissions of this one")
        }
        Kind::StorageFull | Kind::QuotaExceeded => Some("make room, or choose another place"),
        _ => None,
    }
}

/// The error, in the words of the command where the service's are vague.
fn explained(error: koodrive::Error) -> anyhow::Error {
    let is_missing = error.code() == Some(NO_ALBUM);
    let error = anyhow::Error::new(error);
    if is_missing {
        error.context("no album with this id or name; `koodrive albums` lists them")
    } else {
        error
    }
}

/// Prints why a listing failed, which ends the command. Invalid input came from the arguments, so it is a usage error.
pub(crate) fn listing_error(error: koodrive::Error, account: &AccountHint) -> Ended {
    let is_usage = error.kind() == ErrorKind::InvalidInput;
    let error = explained(error);
    let what = error.to_string();
    let exit = self::error(&error.context(Attempt { what, account: account.clone() }));
    Ended(if is_usage { Exit::Usage } else { exit })
}

/// Prints a problem that does not stop the command.
pub(crate) fn warning(message: &str) {
    print(&format!("{WARNING}warning:{WARNING:#} {message}\n"));
}

/// Prints that the first connection failed, while others are tried.
pub(crate) fn cannot_connect(account: &AccountHint) {
    warning(&format!("cannot connect to {}; still trying, for a few seconds", account.endpoint));
}

/// Prints information for the user.
pub(crate) fn note(message: &str) {
    print(&format!("{message}\n"));
}

/// Ignores errors: there is nowhere to report that standard error is closed.
fn print(text: &str) {
    let text = text.replace('…', GLYPHS.ellipsis);
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

/// What to do next: the library's step, and how the command does it. `None` if the error already says so.
fn advice(error: &koodrive::Error, account: Option<&AccountHint>) -> Option<String> {
    use ErrorKind::{Connect, Decode, Redirect, Status, Tls, Transport};
    let is_of_way = matches!(error.kind(), Connect | Tls | Transport | Redirect | Status | Decode);
    let how = match error.kind() {
        ErrorKind::InvalidInput => return None,
        ErrorKind::Credentials | ErrorKind::Unauthorized | ErrorKind::Api
            if account.is_some_and(|it| it.credentials == CredentialKind::Password) =>
        {
            return Some("check the carrier's name, the account and the password".to_owned());
        }
        ErrorKind::Throttled if error.retry_after().is_some() => return wait(error.retry_after()?),
        // KooDrive would have given a code.
        ErrorKind::Unauthorized if error.code().is_none() => {
            return Some(format!("{} ({ENDPOINT})", ErrorKind::Status.next_step()));
        }
        ErrorKind::Credentials | ErrorKind::Unauthorized => credentials(error, account),
        ErrorKind::Status if error.is_retryable() => String::new(),
        _ if is_of_way && is_of_storage(error) => return Some(STORAGE.to_owned()),
        ErrorKind::TooLarge => return Some(format!("check the endpoint ({ENDPOINT})")),
        _ if is_of_way => ENDPOINT.to_owned(),
        ErrorKind::Timeout => "--timeout".to_owned(),
        ErrorKind::Paging => "without --resume, or with another --state file".to_owned(),
        _ => String::new(),
    };
    let step = error.next_step();
    Some(if how.is_empty() { step.to_owned() } else { format!("{step} ({how})") })
}

/// The service's code for an album that does not exist.
const NO_ALBUM: &str = "13000309";

const ENDPOINT: &str = "KOODRIVE_ENDPOINT, or endpoint in the configuration file";

const STORAGE: &str = "run the command again, which gets a new link; if that fails too, look for a proxy that keeps \
    the storage's host away";

/// Only requests to the service have a trace id.
fn is_of_storage(error: &koodrive::Error) -> bool {
    error.trace_id().is_none()
}

/// Where the credentials are set, by what was sent and by what the service said.
fn credentials(error: &koodrive::Error, account: Option<&AccountHint>) -> String {
    let said = error.to_string().to_lowercase();
    // The gateway checks credentials, and repeats headers whatever is wrong.
    let is_gateway = error.code().is_some_and(|code| code.starts_with("API"));
    if !is_gateway && ["user-id", "user id", "userid"].iter().any(|name| said.contains(name)) {
        return "KOODRIVE_USER_ID, or user_id in the configuration file".to_owned();
    }
    match account.map(|account| account.credentials) {
        Some(CredentialKind::Session) => {
            format!("{}, or other tokens where they are set", config::login_command())
        }
        Some(CredentialKind::App) => {
            "KOODRIVE_APP_ID and KOODRIVE_APP_SECRET, or app_id and app_secret in the configuration file"
                .to_owned()
        }
        _ => format!(
            "{}; or KOODRIVE_ACCESS_TOKEN, or access_token in {}: a token lives 20 to 30 minutes",
            config::login_command(),
            config::display_path()
        ),
    }
}

/// When the service wants to be asked again.
fn wait(wait: Duration) -> Option<String> {
    let at = Timestamp::now().checked_add(SignedDuration::try_from(wait).ok()?).ok()?;
    let at = at.strftime("%Y-%m-%d %H:%M:%S UTC");
    Some(format!("try again in {}, at {at}", HumanDuration(wait)))
}

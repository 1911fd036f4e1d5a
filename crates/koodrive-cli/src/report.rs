//! Messages on standard error: what went wrong, why, and what to do next.

use std::{
    error::Error as _,
    fmt,
    io::{self, Write as _},
};

use anstyle::{AnsiColor, Style};
use indicatif::HumanDuration;
use koodrive::ErrorKind;

use crate::{
    account::CredentialKind,
    config,
    exit::{Ended, Exit},
};

/// Invalid arguments that clap does not detect.
#[derive(Debug)]
pub(crate) struct UsageError(pub(crate) String);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}

/// What messages need to know about the account.
#[derive(Clone, Debug)]
pub(crate) struct AccountHint {
    pub(crate) credentials: CredentialKind,
    pub(crate) endpoint: String,
}

impl AccountHint {
    fn is_login(&self) -> bool {
        self.credentials == CredentialKind::Password
    }

    fn has_session(&self) -> bool {
        self.credentials == CredentialKind::Session
    }
}

/// What failed at the service, as the context of its error. The account decides the tip.
#[derive(Debug)]
struct Attempt {
    what: String,
    account: AccountHint,
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const TIP: Style = AnsiColor::Green.on_default();

/// The error of a request, with what it was for.
pub(crate) fn failed(what: &str, error: koodrive::Error, account: &AccountHint) -> anyhow::Error {
    anyhow::Error::new(error).context(Attempt { what: what.to_owned(), account: account.clone() })
}

/// Prints an error with its causes and a tip, in clap's style.
pub(crate) fn error(error: &anyhow::Error) -> Exit {
    match error.downcast_ref() {
        Some(Ended(exit)) => *exit,
        None => error_with(error, None),
    }
}

fn error_with(error: &anyhow::Error, account: Option<&AccountHint>) -> Exit {
    let mut text = format!("{ERROR}error:{ERROR:#} {error}\n");
    for cause in error.chain().skip(1) {
        text.push_str(&format!("  because: {cause}\n"));
    }
    if let Some(tip) = tip_for(error, account) {
        text.push_str(&format!("\n  {TIP}tip:{TIP:#} {tip}\n"));
    }
    print(&text);
    if error.is::<UsageError>() { Exit::Usage } else { Exit::Failed }
}

/// What to do about an error. `None` if it already says so.
pub(crate) fn tip(error: &anyhow::Error) -> Option<String> {
    tip_for(error, None)
}

fn tip_for(error: &anyhow::Error, account: Option<&AccountHint>) -> Option<String> {
    let attempt = error.downcast_ref::<Attempt>().map(|attempt| &attempt.account);
    error.chain().find_map(|cause| advice(cause.downcast_ref()?, account.or(attempt)))
}

/// Prints why a listing failed, which ends the command. Invalid input came from the arguments, so it is a usage error.
pub(crate) fn listing_error(error: koodrive::Error, account: &AccountHint) -> Ended {
    let is_usage = error.kind() == ErrorKind::InvalidInput;
    let exit = error_with(&error.into(), Some(account));
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
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

/// What to do next. `None` if the error already says so.
fn advice(error: &koodrive::Error, account: Option<&AccountHint>) -> Option<String> {
    let advice = match error.kind() {
        ErrorKind::Credentials if account.is_some_and(AccountHint::has_session) => LOG_IN,
        ErrorKind::Credentials => "see `koodrive --help` for how to set credentials",
        ErrorKind::Unauthorized | ErrorKind::Api if account.is_some_and(AccountHint::is_login) => {
            "check the carrier's name, the account and the password"
        }
        ErrorKind::Unauthorized => return Some(credentials(error, account)),
        ErrorKind::ClockSkew => "correct this machine's clock, then run the command again",
        ErrorKind::Connect => connection(error),
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
        ErrorKind::Transport => {
            "this may be temporary: run the command again later; if it never works, check that \
             KOODRIVE_ENDPOINT is KooDrive's URL"
        }
        _ if error.is_retryable() => "this may be temporary: run the command again later",
        ErrorKind::Status => NOT_KOODRIVE,
        ErrorKind::Api => {
            "check the album id and that this user has access, or report it with the trace id"
        }
        _ => return None,
    };
    Some(advice.to_owned())
}

const LOG_IN: &str =
    "the session has ended: run `koodrive login` again, or renew the tokens that are set";

const NOT_KOODRIVE: &str = "KooDrive would have given a reason: check that KOODRIVE_ENDPOINT (or endpoint in the \
     configuration file) is its URL, or report it with the trace id";

/// By the causes that the library gives.
fn connection(error: &koodrive::Error) -> &'static str {
    let mut causes = std::iter::successors(error.source(), |&cause| cause.source());
    let is_name = |text: &str| text.contains("dns error") || text.contains("lookup address");
    let reason = causes.find_map(|cause| {
        let is_refused = cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
        if is_refused {
            Some("nothing listens at this address: check host and port in KOODRIVE_ENDPOINT (or endpoint in the configuration file)")
        } else if is_name(&cause.to_string()) {
            Some("the name does not resolve: check KOODRIVE_ENDPOINT (or endpoint in the configuration file) and the network")
        } else {
            None
        }
    });
    reason.unwrap_or(
        "check KOODRIVE_ENDPOINT (or endpoint in the configuration file) and the network",
    )
}

/// What to do about a refusal, by what was sent and by what the service said.
fn credentials(error: &koodrive::Error, account: Option<&AccountHint>) -> String {
    let said = error.to_string().to_lowercase();
    // The gateway checks credentials, and repeats headers whatever is wrong.
    let is_gateway = error.code().is_some_and(|code| code.starts_with("API"));
    if error.code().is_none() {
        NOT_KOODRIVE.to_owned()
    } else if !is_gateway && ["user-id", "user id", "userid"].iter().any(|name| said.contains(name))
    {
        "check KOODRIVE_USER_ID (or user_id in the configuration file): it must be the user that the \
         credentials belong to"
            .to_owned()
    } else if account.is_some_and(AccountHint::has_session) {
        LOG_IN.to_owned()
    } else if account.is_some_and(|account| account.credentials == CredentialKind::App) {
        "check KOODRIVE_APP_ID and KOODRIVE_APP_SECRET (or app_id and app_secret in the configuration \
         file), and that the app is allowed to use KooDrive"
            .to_owned()
    } else {
        replace_token()
    }
}

fn replace_token() -> String {
    let path = config::display_path();
    format!(
        "access tokens expire after 20 to 30 minutes: run `koodrive login`, or set \
         KOODRIVE_ACCESS_TOKEN (or access_token in {path}) to a new one"
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

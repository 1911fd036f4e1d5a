//! reqwest's errors, told apart by their causes: its own predicates call a bad certificate a failed
//! connection and a cut body a decoding error, and its texts show the URL, cursor and all.

use std::{error::Error as StdError, fmt, io, iter::successors};

use http::StatusCode;
use http_body_util::LengthLimitError;

use super::{Error, ErrorKind};

/// The error behind an exchange that did not come to its end. `host` is whom we spoke to.
pub(crate) fn error(cause: reqwest::Error, host: &str) -> Error {
    let kind = kind(&cause);
    let message = match kind {
        ErrorKind::TooLarge => format!("the answer of {host} is larger than a page can be"),
        ErrorKind::Decode => format!("the answer of {host} is not the gzip that it is said to be"),
        ErrorKind::InvalidInput => format!("no request to {host} could be made of the settings"),
        ErrorKind::Timeout => late(host),
        ErrorKind::Tls => format!(
            "no secure connection to {host}: check the endpoint, the system's root certificates \
             and any proxy in between"
        ),
        ErrorKind::Connect => {
            format!("cannot connect to {host}: check the endpoint and the network")
        }
        ErrorKind::Throttled => format!("{host} asks to be spared requests; try again later"),
        _ => format!("the connection to {host} was lost before the answer was whole; try again"),
    };
    let error = Error::new(kind, message).with_source(Cause(cause));
    match kind {
        // Only the body of a 200 is unpacked to its end.
        ErrorKind::Decode => error.with_status(StatusCode::OK.as_u16()),
        _ => error,
    }
}

/// The error behind an attempt that took too long.
pub(crate) fn timed_out(host: &str) -> Error {
    Error::new(ErrorKind::Timeout, late(host))
}

fn late(host: &str) -> String {
    format!("{host} did not answer in time; try again later")
}

fn kind(cause: &reqwest::Error) -> ErrorKind {
    if chain(cause).any(<dyn StdError>::is::<LengthLimitError>) {
        ErrorKind::TooLarge
    } else if cause.is_builder() {
        ErrorKind::InvalidInput
    } else if cause.is_timeout() {
        ErrorKind::Timeout
    } else if chain(cause).any(is_call_for_calm) {
        ErrorKind::Throttled
    } else if cause.is_connect() && chain(cause).any(is_invalid_data) {
        ErrorKind::Tls
    } else if cause.is_connect() {
        ErrorKind::Connect
    } else if root(cause).is_some_and(is_invalid_data) {
        ErrorKind::Decode
    } else {
        ErrorKind::Transport
    }
}

/// What HTTP/2 has in the place of 429.
fn is_call_for_calm(cause: &(dyn StdError + 'static)) -> bool {
    let cause = cause.downcast_ref::<h2::Error>();
    cause.is_some_and(|error| error.reason() == Some(h2::Reason::ENHANCE_YOUR_CALM))
}

/// While connecting, only the TLS handshake finds data invalid; later, right below reqwest, only the
/// decompression.
fn is_invalid_data(cause: &(dyn StdError + 'static)) -> bool {
    cause
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::InvalidData)
}

fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    successors(Some(error), |&error| match error.downcast_ref::<io::Error>() {
        // Its `source` is the source of what it wraps, and would skip that.
        Some(error) => error.get_ref().map(|inner| inner as _),
        None => error.source(),
    })
}

/// What reqwest puts its own words to.
fn root(error: &reqwest::Error) -> Option<&(dyn StdError + 'static)> {
    chain(error).find(|cause| !cause.is::<reqwest::Error>())
}

/// A reqwest error that keeps its URL to itself: its causes are shown, its own text is not.
struct Cause(reqwest::Error);

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_timeout() {
            "the time limit ran out"
        } else if self.0.is_connect() {
            "connecting failed"
        } else if chain(&self.0).any(<dyn StdError>::is::<LengthLimitError>) {
            "the body goes on after the limit"
        } else {
            "the exchange was not completed"
        })
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let causes = chain(&self.0).filter(|cause| !cause.is::<reqwest::Error>());
        f.debug_list().entries(causes.map(ToString::to_string)).finish()
    }
}

impl StdError for Cause {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        root(&self.0)
    }
}

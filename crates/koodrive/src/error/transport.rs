//! reqwest's errors, classified by their causes. Its own predicates call a bad certificate a failed
//! connection and a cut body a decoding error, and its texts show the URL with the cursor.

use std::{error::Error as StdError, fmt, io, iter::successors};

use http::StatusCode;
use http_body_util::LengthLimitError;

use super::{Error, ErrorKind};

/// The error behind an exchange with `host` that did not complete.
pub(crate) fn error(cause: reqwest::Error, host: &str) -> Error {
    let (kind, message) = meaning(&cause, host);
    Error::new(kind, message).with(|facts| {
        facts.source = Some(Cause { cause, kind }.into());
        // Only the body of a 200 is decompressed to its end.
        facts.status = (kind == ErrorKind::Decode).then_some(StatusCode::OK.as_u16());
    })
}

/// The error behind an attempt that took too long.
pub(crate) fn timed_out(host: &str) -> Error {
    Error::new(ErrorKind::Timeout, late(host))
}

fn late(host: &str) -> String {
    format!("{host} did not answer in time; try again later")
}

fn meaning(cause: &reqwest::Error, host: &str) -> (ErrorKind, String) {
    use ErrorKind::{Connect, Decode, InvalidInput, Throttled, Timeout, Tls, TooLarge, Transport};
    if chain(cause).any(<dyn StdError>::is::<LengthLimitError>) {
        (TooLarge, format!("the response from {host} is larger than any page"))
    } else if cause.is_builder() {
        (InvalidInput, format!("could not build a request to {host} from these settings"))
    } else if cause.is_timeout() {
        (Timeout, late(host))
    } else if chain(cause).any(is_call_for_calm) {
        (Throttled, format!("{host} asks for fewer requests; try again later"))
    } else if cause.is_connect() && chain(cause).any(is_invalid_data) {
        let check = "the endpoint, the system's root certificates and any proxy in between";
        (Tls, format!("no secure connection to {host}: check {check}"))
    } else if cause.is_connect() {
        (Connect, format!("cannot connect to {host}: check the endpoint and the network"))
    } else if root(cause).is_some_and(is_invalid_data) {
        (Decode, format!("the response from {host} claims to be gzip but is not"))
    } else {
        let when = "before the response was complete; try again";
        (Transport, format!("the connection to {host} was lost {when}"))
    }
}

/// HTTP/2 has this in place of 429.
fn is_call_for_calm(cause: &(dyn StdError + 'static)) -> bool {
    let cause = cause.downcast_ref::<h2::Error>();
    cause.is_some_and(|error| error.reason() == Some(h2::Reason::ENHANCE_YOUR_CALM))
}

/// During connection, only the TLS handshake reports invalid data. Later, directly below reqwest, only
/// decompression does.
fn is_invalid_data(cause: &(dyn StdError + 'static)) -> bool {
    cause
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::InvalidData)
}

fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    successors(Some(error), |&error| match error.downcast_ref::<io::Error>() {
        // Its `source` skips the error that it wraps.
        Some(error) => error.get_ref().map(|inner| inner as _),
        None => error.source(),
    })
}

/// The first cause that is not reqwest's own wrapper.
fn root(error: &reqwest::Error) -> Option<&(dyn StdError + 'static)> {
    chain(error).find(|cause| !cause.is::<reqwest::Error>())
}

/// A reqwest error that does not show its URL: its causes are shown, its own text is not.
struct Cause {
    cause: reqwest::Error,
    kind: ErrorKind,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            ErrorKind::Timeout => "the time limit passed",
            ErrorKind::Connect | ErrorKind::Tls => "connecting failed",
            ErrorKind::TooLarge => "the body exceeds the limit",
            _ => "the exchange was not completed",
        })
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let causes = chain(&self.cause).filter(|cause| !cause.is::<reqwest::Error>());
        f.debug_list().entries(causes.map(ToString::to_string)).finish()
    }
}

impl StdError for Cause {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        root(&self.cause)
    }
}

//! What to do about an error: a step for each kind, and for each code that the vendor documents and a reader of
//! albums can meet. The guide's tables and the command's tips have the same words.

use super::{Error, ErrorKind, codes};

const LATER: &str = "try again later";
const SLOWER: &str = "wait as long as the service asks, then send fewer requests at a time";
const LIST_AGAIN: &str = "list the album again, and use the file as it is listed then";

/// Codes of the service and its gateway, whose codes come with one of three prefixes.
pub(crate) const CODES: [(&str, &str); 12] = [
    ("13000102", "check the ids and options; if a listing was resumed, start it again"),
    ("13000301", "check the user id: this user may have no space"),
    ("13000302", LIST_AGAIN),
    ("13000309", "list the albums, and use the id of one of them"),
    ("13000410", "ask its owner for access, or use another user"),
    ("APIG.0101", "check the endpoint: it may be another service's"),
    ("APIG.0103", LATER),
    ("APIG.0303", "check the app id and the app secret"),
    ("APIG.0304", "have the app authorised for KooDrive"),
    ("APIG.0308", SLOWER),
    ("APIG.0801", LATER),
    ("APIG.1002", "get a new access token, or sign in again"),
];

impl ErrorKind {
    /// What to do about an error of this kind, in words for a person who runs the program.
    ///
    /// [`Error::next_step`] is more precise where the service gave a known code.
    pub fn next_step(self) -> &'static str {
        match self {
            Self::InvalidInput => "change what the message names; it says what was expected",
            Self::Credentials => {
                "set credentials or sign in again; the cause says why there is no token"
            }
            Self::Unauthorized => {
                "get new credentials; check that they, the user id and the endpoint belong together"
            }
            Self::ClockSkew => {
                "set this machine's clock; if it is right, look for a proxy that changes dates"
            }
            Self::Connect => "check the endpoint, the network and the proxy settings",
            Self::Tls => {
                "check the endpoint, the root certificates, and any proxy that intercepts TLS"
            }
            Self::Timeout => "try again later; if the network is slow, set a longer time limit",
            Self::Transport => "try again later; if it never works, check the endpoint",
            Self::Redirect => {
                "check the endpoint; a network's login page may have answered in its place"
            }
            Self::Status => "check the endpoint: KooDrive gives a reason with its errors",
            Self::Throttled => SLOWER,
            Self::Api => {
                "look up the code in the service's reference; its support asks for the trace id"
            }
            Self::Decode => {
                "check the endpoint; if it is right, report the response with its trace id"
            }
            Self::TooLarge => "check the endpoint; if it is right, request smaller pages",
            Self::Paging => {
                "start the listing again, without a checkpoint; if that fails too, report it with its trace id"
            }
            Self::Stale => LIST_AGAIN,
            Self::Io => {
                "choose another place or make room, as the cause says; what was received is kept"
            }
        }
    }
}

impl Error {
    /// What to do about this error, in words for a person who runs the program: by its code, if that is known,
    /// or else by its kind.
    ///
    /// ```
    /// let error = koodrive::Client::builder().endpoint("http://example.com").build().unwrap_err();
    /// assert_eq!(error.next_step(), error.kind().next_step());
    /// ```
    pub fn next_step(&self) -> &'static str {
        let is_of = |(code, _): &&(&str, &str)| {
            self.code().is_some_and(|own| codes::key(own) == codes::key(code))
        };
        match CODES.iter().find(is_of) {
            Some((_, next_step)) => next_step,
            None if self.kind() == ErrorKind::Status && self.is_retryable() => LATER,
            None => self.kind().next_step(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_code_says_more_than_the_kind() {
        let error = |kind, code: Option<&str>, status| {
            Error::new(kind, "m").with(|facts| {
                facts.code = code.map(str::to_owned);
                facts.status = Some(status);
            })
        };
        for (kind, code, status, step) in [
            (
                ErrorKind::Api,
                Some("13000309"),
                400,
                "list the albums, and use the id of one of them",
            ),
            (
                ErrorKind::Unauthorized,
                Some("APIGW.0303"),
                401,
                "check the app id and the app secret",
            ),
            (ErrorKind::Api, Some("13000999"), 400, ErrorKind::Api.next_step()),
            (ErrorKind::Status, None, 503, "try again later"),
            (ErrorKind::Status, None, 404, ErrorKind::Status.next_step()),
        ] {
            assert_eq!(error(kind, code, status).next_step(), step, "{kind:?} {code:?}");
        }
    }

    #[test]
    fn main_prints_an_error_as_a_person_reads_it() {
        let cause = std::io::Error::other("no route to host");
        let error = Error::new(ErrorKind::Connect, "cannot connect").with(|facts| {
            facts.source = Some(cause.into());
        });
        let step = ErrorKind::Connect.next_step();
        let shown = format!("cannot connect\n  because: no route to host\n  next step: {step}");
        assert_eq!(format!("{error:?}"), shown);
        assert!(format!("{error:#?}").starts_with("Error {\n    kind: Connect,"));
    }
}

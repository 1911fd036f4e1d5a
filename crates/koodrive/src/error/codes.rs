//! The meaning of error codes: what the vendor's reference says, and what a caller adds. An unknown code
//! is not retried.

use std::collections::HashMap;

use super::ErrorKind;

/// What an error code of the service means; for [`RetryPolicy::code`](crate::RetryPolicy::code).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CodeMeaning {
    /// Too many requests: [`Throttled`](ErrorKind::Throttled), retried after a longer pause.
    Throttled,
    /// A transient fault: [`Api`](ErrorKind::Api), and retryable.
    Transient,
    /// The credentials are not valid, or no longer: [`Unauthorized`](ErrorKind::Unauthorized), retried
    /// with a newer token if there is one.
    TokenExpired,
    /// The service no longer knows the page cursor: [`Paging`](ErrorKind::Paging), never retried.
    CursorExpired,
}

/// The codes whose meaning is known. Those of the gateway are kept without their prefix.
#[derive(Clone, Debug)]
pub(crate) struct Codes(HashMap<String, CodeMeaning>);

impl Default for Codes {
    fn default() -> Self {
        let mut codes = Self(HashMap::new());
        codes.add("APIG.0303", CodeMeaning::TokenExpired); // bad app authentication
        codes.add("APIG.1002", CodeMeaning::TokenExpired); // bad token
        codes.add("APIG.0308", CodeMeaning::Throttled);
        codes
    }
}

impl Codes {
    pub(crate) fn add(&mut self, code: &str, meaning: CodeMeaning) {
        self.0.insert(key(code), meaning);
    }

    /// The kind of error behind a status and, if the body had one, a code; and whether the code stands for
    /// a transient fault. `is_page`: whether a page of a list was requested.
    pub(super) fn kind(&self, status: u16, code: Option<&str>, is_page: bool) -> (ErrorKind, bool) {
        use CodeMeaning::{CursorExpired, TokenExpired, Transient};
        let meaning = code.and_then(|code| self.0.get(&key(code)).copied());
        let kind = match (status, meaning) {
            (401, None | Some(Transient)) | (_, Some(TokenExpired)) => ErrorKind::Unauthorized,
            (429, None) | (_, Some(CodeMeaning::Throttled)) => ErrorKind::Throttled,
            (410, None) if is_page => ErrorKind::Paging,
            (_, Some(CursorExpired)) => ErrorKind::Paging,
            (_, Some(Transient)) => return (ErrorKind::Api, true),
            (300..=303 | 305..=399, None) => ErrorKind::Redirect,
            (_, None) if code.is_some() => ErrorKind::Api,
            (_, None) => ErrorKind::Status,
        };
        (kind, false)
    }
}

/// `APIG.0308` → `.0308`: the gateway spells its prefix in three ways.
pub(super) fn key(code: &str) -> String {
    let digits = ["APIGW", "APIG", "APIC"].iter().find_map(|prefix| code.strip_prefix(prefix));
    digits.filter(|digits| digits.starts_with('.')).unwrap_or(code).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_and_a_code_give_a_kind() {
        for (status, code, expected) in [
            (200, Some("13000309"), ErrorKind::Api),
            (400, Some("13000309"), ErrorKind::Api),
            (400, Some("APIG.0303"), ErrorKind::Unauthorized),
            (400, None, ErrorKind::Status),
            (401, None, ErrorKind::Unauthorized),
            (401, Some("13000102"), ErrorKind::Unauthorized),
            (302, None, ErrorKind::Redirect),
            (304, None, ErrorKind::Status),
            (404, Some("APIG.0101"), ErrorKind::Api),
            (410, None, ErrorKind::Paging),
            (429, None, ErrorKind::Throttled),
            (429, Some("13000102"), ErrorKind::Throttled),
            (200, Some("APIGW.0308"), ErrorKind::Throttled),
            (503, Some("APIC.0308"), ErrorKind::Throttled),
            (503, Some("XYZ.0308"), ErrorKind::Api),
            (400, Some("0308"), ErrorKind::Api),
            (502, None, ErrorKind::Status),
            (204, None, ErrorKind::Status),
            (999, None, ErrorKind::Status),
        ] {
            let kind = Codes::default().kind(status, code, true);
            assert_eq!(kind, (expected, false), "{status} {code:?}");
        }
    }

    #[test]
    fn a_caller_can_add_codes() {
        let mut codes = Codes::default();
        codes.add("1", CodeMeaning::Throttled);
        codes.add("2", CodeMeaning::Transient);
        codes.add("3", CodeMeaning::TokenExpired);
        codes.add("4", CodeMeaning::CursorExpired);
        codes.add("APIG.0801", CodeMeaning::Transient);
        for (status, code, expected) in [
            (400, "1", (ErrorKind::Throttled, false)),
            (200, "2", (ErrorKind::Api, true)),
            (401, "2", (ErrorKind::Unauthorized, false)),
            (400, "3", (ErrorKind::Unauthorized, false)),
            (400, "4", (ErrorKind::Paging, false)),
            (400, "APIC.0801", (ErrorKind::Api, true)),
            (400, "APIC.0802", (ErrorKind::Api, false)),
        ] {
            assert_eq!(codes.kind(status, Some(code), true), expected, "{status} {code}");
        }
    }
}

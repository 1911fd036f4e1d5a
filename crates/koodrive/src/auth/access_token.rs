//! An access token as a caller passes it.

use std::time::SystemTime;

use http::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};

use crate::{error::Result, input};

/// How the vendor's pages write a token, and how its login returns one.
const SCHEMES: [&str; 3] = ["Bearer ", "Bearer+", "AT "];

/// An access token. Used as [`Credentials`](crate::Credentials), it never changes, and stops working when
/// it expires, after 20 or 30 minutes.
///
/// ```
/// use koodrive::AccessToken;
///
/// let token = AccessToken::new("013b911d723003f7");
/// assert_eq!(format!("{token:?}"), "AccessToken([redacted])");
/// ```
#[derive(Clone)]
pub struct AccessToken {
    value: SecretString,
    pub(super) expires_at: Option<SystemTime>,
}

impl AccessToken {
    /// A token as the service returned it. If it starts with a scheme (`Bearer `, `Bearer+` or `AT `), it
    /// is sent unchanged; a bare token is sent as `Bearer <token>`.
    ///
    /// A token that is not a valid header value, such as one with a line break at its end, is an error of
    /// kind [`InvalidInput`](crate::ErrorKind::InvalidInput) when the client is built, or of kind
    /// [`Credentials`](crate::ErrorKind::Credentials) if a
    /// [`TokenProvider`](crate::TokenProvider) returned it.
    pub fn new(token: impl Into<String>) -> Self {
        let token = token.into();
        let after_scheme = SCHEMES.iter().find_map(|scheme| {
            let (start, rest) = token.split_at_checked(scheme.len())?;
            start.eq_ignore_ascii_case(scheme).then_some(rest)
        });
        let is_clean = !token.is_empty() && token.trim() == token;
        Self::verbatim(match after_scheme {
            Some("") => String::new(), // a scheme without a token is refused, as an empty token is
            None if is_clean => format!("Bearer {token}"),
            _ => token,
        })
    }

    /// The complete value of `Authorization`, sent unchanged.
    pub fn verbatim(value: impl Into<String>) -> Self {
        Self { value: SecretString::from(value.into()), expires_at: None }
    }

    /// When the token expires, so that a [`TokenProvider`](crate::TokenProvider) is asked for the next one
    /// in time. Without it, the next one is asked for when the service refuses the token.
    #[must_use]
    pub fn expires_at(mut self, time: SystemTime) -> Self {
        self.expires_at = Some(time);
        self
    }

    /// The value of `Authorization`, marked sensitive.
    pub(crate) fn header(&self) -> Result<HeaderValue> {
        let mut value = input::line("access token", self.value.expose_secret())?;
        value.set_sensitive(true);
        Ok(value)
    }
}

redacted!(AccessToken);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_is_added_to_a_bare_token_and_never_doubled() {
        for (given, sent) in [
            ("013b", "Bearer 013b"),
            ("Bearer 013b", "Bearer 013b"),
            ("Bearer+013b", "Bearer+013b"),
            ("AT 3b911d72", "AT 3b911d72"),
            ("bearer 013b", "bearer 013b"),
        ] {
            assert_eq!(AccessToken::new(given).header().unwrap(), sent);
        }
        assert_eq!(AccessToken::verbatim("Custom 1").header().unwrap(), "Custom 1");
    }

    #[test]
    fn a_token_is_marked_sensitive() {
        assert!(AccessToken::new("013b").header().unwrap().is_sensitive());
    }

    #[test]
    fn a_token_that_is_not_a_header_value_is_refused() {
        for token in ["", " ", "\n", "Bearer+", "AT ", " 013b", "013b\n", "013b\r\nX: y"] {
            assert!(AccessToken::new(token).header().is_err(), "{token:?}");
        }
    }
}

//! Who asks. Nothing here can be printed.

use std::fmt;

use http::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};

use crate::{error::Result, input};

/// How the vendor's pages write a token, and how its login returns one.
const SCHEMES: [&str; 3] = ["Bearer ", "Bearer+", "AT "];

/// How a [`Client`](crate::Client) authenticates.
#[derive(Clone, Debug)]
pub struct Credentials(AccessToken);

/// An access token that does not change: for as long as it lives, 20 or 30 minutes.
///
/// ```
/// use koodrive::AccessToken;
///
/// let token = AccessToken::new("013b911d723003f7");
/// assert_eq!(format!("{token:?}"), "AccessToken([redacted])");
/// ```
#[derive(Clone)]
pub struct AccessToken(SecretString);

impl AccessToken {
    /// A token as the service gave it. One that already holds its scheme (`Bearer `, `Bearer+` or
    /// `AT `) is sent as it is, a bare one as `Bearer <token>`.
    ///
    /// A token that cannot be a header's value (a line break at its end, as from a file) is an error
    /// of kind [`InvalidInput`](crate::ErrorKind::InvalidInput) when the client is built.
    pub fn new(token: impl Into<String>) -> Self {
        let token = token.into();
        let after_scheme = SCHEMES.iter().find_map(|scheme| token.strip_prefix(scheme));
        let is_bare = after_scheme.is_none() && token.trim() == token;
        match after_scheme {
            Some("") => Self::verbatim(""), // a scheme alone is no token, and refused as such
            None if is_bare && !token.is_empty() => Self::verbatim(format!("Bearer {token}")),
            _ => Self::verbatim(token),
        }
    }

    /// The whole value of `Authorization`, whatever it is.
    pub fn verbatim(value: impl Into<String>) -> Self {
        Self(SecretString::from(value.into()))
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken([redacted])")
    }
}

impl From<AccessToken> for Credentials {
    fn from(token: AccessToken) -> Self {
        Self(token)
    }
}

impl Credentials {
    /// Checks them: the value of `Authorization`, marked sensitive.
    pub(crate) fn resolve(&self) -> Result<HeaderValue> {
        input::authorization(self.0.0.expose_secret())
    }
}

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
        ] {
            assert_eq!(AccessToken::new(given).0.expose_secret(), sent);
        }
        assert_eq!(AccessToken::verbatim("Custom 1").0.expose_secret(), "Custom 1");
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for token in ["", " ", "\n", "Bearer+", "Bearer ", "AT ", " 013b", "013b\n"] {
            assert!(Credentials::from(AccessToken::new(token)).resolve().is_err());
        }
    }
}

//! Who asks: what a caller says of it. Nothing here can be printed, and nothing here is sent.

use std::{fmt, time::SystemTime};

use http::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    auth::{
        app::AppCredentials,
        provider::{AnyProvider, TokenProvider},
        session::Session,
    },
    error::Result,
    input,
};

/// How the vendor's pages write a token, and how its login returns one.
const SCHEMES: [&str; 3] = ["Bearer ", "Bearer+", "AT "];

/// How a [`Client`](crate::Client) authenticates.
///
/// Made from an [`AccessToken`], [`AppCredentials`] or a [`Session`], or by
/// [`Credentials::provider`].
#[derive(Clone)]
pub struct Credentials(pub(crate) Kind);

#[derive(Clone)]
pub(crate) enum Kind {
    Token(AccessToken),
    App(AppCredentials),
    Session(Session),
    Provider(AnyProvider),
}

impl Credentials {
    /// Tokens from a source of the caller's own: another process, a vault, a login of its own.
    ///
    /// See [`TokenProvider`] for an example.
    pub fn provider(provider: impl TokenProvider) -> Self {
        Self(Kind::Provider(AnyProvider::new(provider)))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Token(_) => "Credentials(AccessToken)",
            Kind::App(_) => "Credentials(AppCredentials)",
            Kind::Session(_) => "Credentials(Session)",
            Kind::Provider(_) => "Credentials(TokenProvider)",
        })
    }
}

impl From<AccessToken> for Credentials {
    fn from(token: AccessToken) -> Self {
        Self(Kind::Token(token))
    }
}

impl From<AppCredentials> for Credentials {
    fn from(app: AppCredentials) -> Self {
        Self(Kind::App(app))
    }
}

impl From<Session> for Credentials {
    fn from(session: Session) -> Self {
        Self(Kind::Session(session))
    }
}

/// An access token. As [`Credentials`] it does not change, and works for as long as it lives: 20 or 30
/// minutes.
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
    expires_at: Option<SystemTime>,
}

impl AccessToken {
    /// A token as the service gave it. One that already holds its scheme (`Bearer `, `Bearer+` or
    /// `AT `) is sent as it is, a bare one as `Bearer <token>`.
    ///
    /// A token that cannot be a header's value (a line break at its end, as from a file) is an error
    /// of kind [`InvalidInput`](crate::ErrorKind::InvalidInput) when the client is built, or of kind
    /// [`Credentials`](crate::ErrorKind::Credentials) if it came from a [`TokenProvider`].
    pub fn new(token: impl Into<String>) -> Self {
        let token = token.into();
        let after_scheme = SCHEMES.iter().find_map(|scheme| {
            let (start, rest) = token.split_at_checked(scheme.len())?;
            start.eq_ignore_ascii_case(scheme).then_some(rest)
        });
        let is_bare = after_scheme.is_none() && token.trim() == token;
        match after_scheme {
            Some("") => Self::verbatim(""), // a scheme alone is no token, and refused as such
            None if is_bare && !token.is_empty() => Self::verbatim(format!("Bearer {token}")),
            _ => Self::verbatim(token),
        }
    }

    /// The whole value of `Authorization`, whatever it is.
    pub fn verbatim(value: impl Into<String>) -> Self {
        Self { value: SecretString::from(value.into()), expires_at: None }
    }

    /// When it expires, so that a [`TokenProvider`] is asked for the next one ahead of it. Without, the
    /// service's refusal tells.
    #[must_use]
    pub fn expires_at(mut self, time: SystemTime) -> Self {
        self.expires_at = Some(time);
        self
    }

    pub(crate) fn expiry(&self) -> Option<SystemTime> {
        self.expires_at
    }

    /// The value of `Authorization`, marked sensitive.
    pub(crate) fn header(&self) -> Result<HeaderValue> {
        input::authorization(self.value.expose_secret())
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken([redacted])")
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
            ("bearer 013b", "bearer 013b"),
        ] {
            assert_eq!(AccessToken::new(given).header().unwrap(), sent);
        }
        assert_eq!(AccessToken::verbatim("Custom 1").header().unwrap(), "Custom 1");
    }

    #[test]
    fn a_token_that_is_no_header_value_is_refused() {
        for token in ["", " ", "\n", "Bearer+", "AT ", " 013b", "013b\n", "013b\r\nX: y"] {
            assert!(AccessToken::new(token).header().is_err(), "{token:?}");
        }
    }
}

//! Who asks. Nothing here can be printed.

use std::{fmt, sync::Arc};

use http::HeaderValue;
use koodrive_api::Authorize;
use secrecy::{ExposeSecret as _, SecretString};

use crate::{error::Result, input};

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
        let has_scheme =
            ["Bearer ", "Bearer+", "AT "].iter().any(|scheme| token.starts_with(scheme));
        let value =
            if has_scheme || token.trim().is_empty() { token } else { format!("Bearer {token}") };
        Self::verbatim(value)
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
    /// Checks them.
    pub(crate) fn resolve(&self) -> Result<Authorization> {
        let text = self.0.0.expose_secret();
        let value = input::authorization(text)?;
        let secret = text.split_once([' ', '+']).map_or(text, |(_scheme, token)| token);
        Ok(Authorization { secret: secret.to_owned().into(), authorize: Arc::new(Fixed(value)) })
    }
}

/// Credentials made ready for requests.
#[derive(Clone)]
pub(crate) struct Authorization {
    pub(crate) authorize: Arc<dyn Authorize>,
    secret: SecretString,
}

impl Authorization {
    /// What an answer must not echo into an error's text.
    pub(crate) fn secret(&self) -> &str {
        self.secret.expose_secret()
    }
}

struct Fixed(HeaderValue);

impl Authorize for Fixed {
    fn authorize(&self, _: &reqwest::Request) -> HeaderValue {
        self.0.clone()
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
    fn an_empty_token_is_refused() {
        for token in ["", " ", "\n"] {
            assert!(Credentials::from(AccessToken::new(token)).resolve().is_err());
        }
    }
}

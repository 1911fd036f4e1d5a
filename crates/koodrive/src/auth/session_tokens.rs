//! The tokens of a session, as a program keeps them.

use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{access_token::AccessToken, token::FreshToken};
use crate::{error::Result, input, wire::clock::Clock};

/// The tokens of a [`Session`](crate::Session): those of a login, or of its newest refresh.
///
/// **They are secrets, and serialising writes them in the clear.** Keep them where only the user can read
/// them. The serialised form is a map of `accessToken`, `refreshToken` and `expiresAt`, the last in seconds
/// since 1970-01-01 UTC.
#[derive(Clone)]
pub struct SessionTokens {
    pub(super) access_token: SecretString,
    pub(super) refresh_token: SecretString,
    pub(super) expires_at: Option<SystemTime>,
}

impl SessionTokens {
    /// Tokens from elsewhere. `expires_at` is when the access token expires, by this machine's clock. Without
    /// it, the token is refreshed when the service refuses it.
    pub fn new(
        access_token: impl Into<String>,
        refresh_token: impl Into<String>,
        expires_at: Option<SystemTime>,
    ) -> Self {
        let [access_token, refresh_token] =
            [access_token.into(), refresh_token.into()].map(SecretString::from);
        Self { access_token, refresh_token, expires_at }
    }

    /// The access token, as the service returned it.
    pub fn access_token(&self) -> &str {
        self.access_token.expose_secret()
    }

    /// The refresh token to use next: a new one, or the old one if the service returned none.
    pub fn refresh_token(&self) -> &str {
        self.refresh_token.expose_secret()
    }

    /// When the access token expires, if the service said how long it is valid.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }

    /// The access token, ready to use. Fails if one of the two could not be sent.
    pub(super) fn fresh(&self, clock: &Clock) -> Result<FreshToken> {
        input::secret("refresh token", self.refresh_token())?;
        let mut token = AccessToken::new(self.access_token());
        token.expires_at = self.expires_at;
        FreshToken::new(&token, clock)
    }

    pub(super) fn are(&self, others: &Self) -> bool {
        self.access_token() == others.access_token()
            && self.refresh_token() == others.refresh_token()
    }
}

redacted!(SessionTokens);

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Plain {
    access_token: String,
    refresh_token: String,
    expires_at: Option<u64>,
}

impl Serialize for SessionTokens {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let since_1970 = |at: SystemTime| at.duration_since(SystemTime::UNIX_EPOCH);
        Plain {
            access_token: self.access_token().to_owned(),
            refresh_token: self.refresh_token().to_owned(),
            expires_at: self.expires_at.map(|at| since_1970(at).unwrap_or_default().as_secs()),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for SessionTokens {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The error of a format may quote what it found.
        let plain = Plain::deserialize(deserializer)
            .map_err(|_| D::Error::custom("these are not the tokens of a session"))?;
        let at = |seconds| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
        Ok(Self::new(plain.access_token, plain.refresh_token, plain.expires_at.and_then(at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_stored_and_read_again() {
        let expiry = SystemTime::UNIX_EPOCH + Duration::from_secs(1_772_008_799);
        for (expires_at, text) in [
            (Some(expiry), r#"{"accessToken":"AT 1","refreshToken":"2","expiresAt":1772008799}"#),
            (None, r#"{"accessToken":"AT 1","refreshToken":"2","expiresAt":null}"#),
        ] {
            let tokens = SessionTokens::new("AT 1", "2", expires_at);
            assert_eq!(serde_json::to_string(&tokens).unwrap(), text);
            let read: SessionTokens = serde_json::from_str(text).unwrap();
            assert!(read.are(&tokens) && read.expires_at() == expires_at);
        }
        let read: SessionTokens =
            serde_json::from_str(r#"{"accessToken":"1","refreshToken":"2"}"#).unwrap();
        assert_eq!(read.expires_at(), None);
    }

    #[test]
    fn the_error_of_what_is_no_session_does_not_quote_it() {
        for text in
            [r#""secret""#, r#"{"accessToken":["secret"]}"#, r#"{"expiresAt":"secret"}"#, "[4711]"]
        {
            let error = serde_json::from_str::<SessionTokens>(text).unwrap_err().to_string();
            assert!(!error.contains("secret") && !error.contains("4711"), "{error}");
        }
    }
}

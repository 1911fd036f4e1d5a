//! A session of a user: an access token, and a refresh token that gets the next one.

use std::{fmt, sync::Arc, time::SystemTime};

use secrecy::{ExposeSecret as _, SecretString};

use super::credentials::AccessToken;

/// An access token that renews itself, by the service's refresh call.
///
/// It is renewed ahead of its expiry, while requests go on with the one that still holds; or, if its
/// expiry is not known, when the service refuses it. Clones of a client share one renewal.
///
/// The service may give a new refresh token each time, so keep what [`on_refresh`](Self::on_refresh)
/// hands over, or the next start of the program has only old ones.
///
/// ```
/// use koodrive::{Client, Session};
///
/// # fn store(_: &str, _: &str) {}
/// # fn main() -> koodrive::Result<()> {
/// let session = Session::new("AT 3b911d723003f70a", "0e0e72d3c7e9e444")
///     .on_refresh(|tokens| store(tokens.access_token(), tokens.refresh_token()));
/// let client = Client::builder().user_id("1765263620687613825").credentials(session).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Session {
    pub(crate) access_token: AccessToken,
    pub(crate) refresh_token: SecretString,
    pub(crate) on_refresh: Option<OnRefresh>,
}

pub(crate) type OnRefresh = Arc<dyn Fn(&SessionTokens) + Send + Sync>;

impl Session {
    /// The tokens of a login, the first with or without its scheme.
    pub fn new(access_token: impl Into<String>, refresh_token: impl Into<String>) -> Self {
        Self {
            access_token: AccessToken::new(access_token),
            refresh_token: SecretString::from(refresh_token.into()),
            on_refresh: None,
        }
    }

    /// When the access token expires: the login's `issuedAt` plus `expiresIn`.
    #[must_use]
    pub fn expires_at(mut self, time: SystemTime) -> Self {
        self.access_token = self.access_token.expires_at(time);
        self
    }

    /// Calls `keep` with the new tokens after each refresh, before any request uses them. It should be
    /// quick; whoever needs a new token waits for it.
    #[must_use]
    pub fn on_refresh(mut self, keep: impl Fn(&SessionTokens) + Send + Sync + 'static) -> Self {
        self.on_refresh = Some(Arc::new(keep));
        self
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session([redacted])")
    }
}

/// What a refresh brought; secrets, to be stored as such.
pub struct SessionTokens {
    pub(crate) access_token: SecretString,
    pub(crate) refresh_token: SecretString,
    pub(crate) expires_at: Option<SystemTime>,
}

impl SessionTokens {
    /// The new access token, as the service gave it.
    pub fn access_token(&self) -> &str {
        self.access_token.expose_secret()
    }

    /// The refresh token that holds from now on: a new one, or the old one if none came.
    pub fn refresh_token(&self) -> &str {
        self.refresh_token.expose_secret()
    }

    /// When the access token expires, if the service said how long it lives.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }
}

impl fmt::Debug for SessionTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionTokens([redacted])")
    }
}

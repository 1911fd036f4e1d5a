//! A session of a user: an access token, and a refresh token that gets the next one.

use std::{fmt, sync::Arc, time::SystemTime};

use secrecy::{ExposeSecret as _, SecretString};

use super::access_token::AccessToken;

/// An access token that is refreshed by the service's refresh call.
///
/// It is refreshed before it expires, while requests still use the current one; if its expiry is not
/// known, it is refreshed when the service refuses it. Clones of a client share each refresh.
///
/// On a current-thread runtime, the call that needs the refresh waits for it. On other runtimes a task of
/// its own drives it, which outlives the client. Before a runtime shuts down, call
/// [`Client::settle`](crate::Client::settle): a refresh that is cut off may have used up the refresh
/// token.
///
/// The service may issue a new refresh token each time. Save what [`on_refresh`](Self::on_refresh)
/// receives, or the next start of the program only has old tokens.
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
    /// The tokens of a login. The access token may start with its scheme.
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

    /// Calls `save` with the new tokens after each refresh, before any request uses them.
    ///
    /// It should be quick: requests that need the new token wait for it. If it panics, the new tokens are
    /// used all the same, and a warning is logged.
    #[must_use]
    pub fn on_refresh(mut self, save: impl Fn(&SessionTokens) + Send + Sync + 'static) -> Self {
        self.on_refresh = Some(Arc::new(save));
        self
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session([redacted])")
    }
}

/// The tokens that a refresh returned. They are secrets; store them as such.
pub struct SessionTokens {
    pub(crate) access_token: SecretString,
    pub(crate) refresh_token: SecretString,
    pub(crate) expires_at: Option<SystemTime>,
}

impl SessionTokens {
    /// The new access token, as the service returned it.
    pub fn access_token(&self) -> &str {
        self.access_token.expose_secret()
    }

    /// The refresh token to use from now on: a new one, or the old one if the service returned none.
    pub fn refresh_token(&self) -> &str {
        self.refresh_token.expose_secret()
    }

    /// When the access token expires, if the service said how long it is valid.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }
}

impl fmt::Debug for SessionTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionTokens([redacted])")
    }
}

//! App authentication: an id, and a secret that signs each request and is never sent.

use secrecy::{ExposeSecret as _, SecretString};

/// AppId and AppSecret, for the service's app authentication: every request carries its own HMAC-SHA256
/// signature, which is valid for 15 minutes.
///
/// ```
/// use koodrive::{AppCredentials, Client};
///
/// # fn main() -> koodrive::Result<()> {
/// let client = Client::builder()
///     .user_id("1765263620687613825")
///     .credentials(AppCredentials::new("a378331eca14", "0123456789abcdef"))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct AppCredentials {
    app_id: String,
    app_secret: SecretString,
}

impl AppCredentials {
    /// The id and the secret of an app, as the vendor issued them.
    pub fn new(app_id: impl Into<String>, app_secret: impl Into<String>) -> Self {
        Self { app_id: app_id.into(), app_secret: SecretString::from(app_secret.into()) }
    }

    pub(crate) fn app_id(&self) -> &str {
        &self.app_id
    }

    pub(crate) fn app_secret(&self) -> &str {
        self.app_secret.expose_secret()
    }
}

redacted!(AppCredentials);

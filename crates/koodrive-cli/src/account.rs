//! The account: who asks the service, and with which credentials.

use anyhow::{Context as _, bail};
use koodrive::{AccessToken, AppCredentials, Credentials, endpoint};
use secrecy::{ExposeSecret as _, SecretString};

use crate::config::{self, Settings};

/// The account's settings. Variables take precedence over the file.
pub(crate) struct Account {
    variables: Settings,
    file: Settings,
}

impl Account {
    pub(crate) fn load() -> anyhow::Result<Self> {
        Ok(Self { variables: Settings::from_variables()?, file: Settings::from_file()? })
    }

    /// The id or name of the album to use if no argument names one.
    pub(crate) fn album(&self) -> Option<String> {
        self.variables.album_id.clone().or_else(|| self.file.album_id.clone())
    }

    pub(crate) fn user_id(&self) -> Option<String> {
        self.variables.user_id.clone().or_else(|| self.file.user_id.clone())
    }

    /// # Errors
    ///
    /// If no user is set.
    pub(crate) fn required_user_id(&self) -> anyhow::Result<String> {
        self.user_id().with_context(|| {
            let path = config::display_path();
            format!("no user: set KOODRIVE_USER_ID to a KooDrive user id, or user_id in {path}")
        })
    }

    pub(crate) fn endpoint(&self) -> String {
        let named = self.variables.endpoint.as_ref().or(self.file.endpoint.as_ref());
        named.map_or_else(|| endpoint::INTERNATIONAL.to_owned(), Clone::clone)
    }

    /// The credentials, and whether they are an app's.
    pub(crate) fn credentials(self) -> anyhow::Result<(Credentials, bool)> {
        credentials(self.variables, self.file)
    }
}

/// Credentials in variables take precedence over those in the file. An app's id and secret may come from
/// different sources. Also returns whether they are an app's.
fn credentials(variables: Settings, file: Settings) -> anyhow::Result<(Credentials, bool)> {
    if let Some(token) = variables.access_token {
        return Ok((access_token(&token), false));
    }
    let is_app = variables.app_id.is_some() || variables.app_secret.is_some();
    if let Some(token) = file.access_token.filter(|_| !is_app) {
        return Ok((access_token(&token), false));
    }
    let app = (variables.app_id.or(file.app_id), variables.app_secret.or(file.app_secret));
    match app {
        (Some(id), Some(secret)) => {
            Ok((AppCredentials::new(id, secret.expose_secret()).into(), true))
        }
        (Some(_), None) => bail!("app id without app secret: also set KOODRIVE_APP_SECRET"),
        (None, Some(_)) => bail!("app secret without app id: also set KOODRIVE_APP_ID"),
        (None, None) => bail!(
            "no credentials: set KOODRIVE_ACCESS_TOKEN to an access token of the user, or both \
             KOODRIVE_APP_ID and KOODRIVE_APP_SECRET; or set the same keys in {}",
            config::display_path()
        ),
    }
}

fn access_token(token: &SecretString) -> Credentials {
    AccessToken::new(token.expose_secret()).into()
}

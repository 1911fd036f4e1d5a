//! The account: who asks the service, and with which credentials.
//!
//! Variables take precedence over the configuration file, and both over the session of `koodrive login`.

use std::time::SystemTime;

use anyhow::{Context as _, anyhow, bail};
use koodrive::{AccessToken, AppCredentials, Credentials, Session, SessionTokens, endpoint};
use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    config::{self, Settings},
    patience::{Limits, parse_attempts, parse_timeout},
    session_file::{SessionFile, StoredSession},
};

pub(crate) struct Account {
    variables: Settings,
    file: Settings,
    /// The session of `koodrive login`, unless other credentials are set.
    session: Option<(SessionFile, StoredSession)>,
}

/// Credentials, and what to say of them.
pub(crate) struct Granted {
    pub(crate) credentials: Credentials,
    pub(crate) kind: CredentialKind,
    /// Where they are from.
    pub(crate) origin: String,
    /// When the access token expires, if that is known.
    pub(crate) expires_at: Option<SystemTime>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CredentialKind {
    AccessToken,
    /// An access token, and a refresh token for the next one.
    Session,
    /// An app's id and secret sign the requests.
    App,
    /// What a user signs in with.
    Password,
}

impl Account {
    /// What is set, without the session of `koodrive login`.
    pub(crate) fn of_settings() -> anyhow::Result<Self> {
        let (variables, file) = (Settings::from_variables()?, Settings::from_file()?);
        Ok(Self { variables, file, session: None })
    }

    pub(crate) fn load() -> anyhow::Result<Self> {
        let account = Self::of_settings()?;
        if account.variables.have_credentials() || account.file.have_credentials() {
            return Ok(account);
        }
        let file = SessionFile::of_login()?;
        let session = file.read()?.map(|session| (file, session));
        Ok(Self { session, ..account })
    }

    fn set(&self, of: impl Fn(&Settings) -> Option<&String>) -> Option<String> {
        of(&self.variables).or_else(|| of(&self.file)).cloned()
    }

    /// The id or name of the album to use if no argument names one.
    pub(crate) fn album(&self) -> Option<String> {
        self.set(|settings| settings.album_id.as_ref())
    }

    pub(crate) fn user_id(&self) -> Option<String> {
        let of_session = || Some(self.session.as_ref()?.1.user_id.clone());
        self.set(|settings| settings.user_id.as_ref()).or_else(of_session)
    }

    /// # Errors
    ///
    /// If no user is set.
    pub(crate) fn required_user_id(&self) -> anyhow::Result<String> {
        self.user_id().with_context(|| {
            let path = config::display_path();
            format!(
                "no user: run {}, or set KOODRIVE_USER_ID to a KooDrive user id, or user_id in {path}",
                config::login_command()
            )
        })
    }

    pub(crate) fn endpoint(&self) -> String {
        let of_session = || Some(self.session.as_ref()?.1.endpoint.clone());
        let named = self.set(|settings| settings.endpoint.as_ref()).or_else(of_session);
        named.unwrap_or_else(|| endpoint::INTERNATIONAL.to_owned())
    }

    /// The limits of requests, from arguments, variables or the file.
    ///
    /// # Errors
    ///
    /// If a value has no meaning.
    pub(crate) fn limits(&self) -> anyhow::Result<Limits> {
        let chosen = config::chosen().limits;
        let bad = |key: &str, what| anyhow!("{key} is not valid: {what}");
        let timeout = self.set(|settings| settings.timeout.as_ref());
        let timeout = timeout.map(|text| parse_timeout(&text)).transpose();
        let timeout = timeout.map_err(|what| bad("KOODRIVE_TIMEOUT (timeout)", what))?;
        let attempts = self.set(|settings| settings.max_attempts.as_ref());
        let attempts = attempts.map(|text| parse_attempts(&text)).transpose();
        let attempts =
            attempts.map_err(|what| bad("KOODRIVE_MAX_ATTEMPTS (max_attempts)", what))?;
        Ok(Limits {
            timeout: chosen.timeout.or(timeout),
            max_attempts: chosen.max_attempts.or(attempts),
        })
    }

    /// # Errors
    ///
    /// If there are none, or only half of a pair.
    pub(crate) fn credentials(&self) -> anyhow::Result<Granted> {
        let Self { variables, file, .. } = self;
        if variables.access_token.is_some() || variables.refresh_token.is_some() {
            return self.of_token(variables, "environment variables".to_owned());
        }
        let is_app = variables.app_id.is_some() || variables.app_secret.is_some();
        if !is_app && (file.access_token.is_some() || file.refresh_token.is_some()) {
            return self.of_token(file, config::display_path());
        }
        let app_id = self.set(|settings| settings.app_id.as_ref());
        let app_secret = variables.app_secret.as_ref().or(file.app_secret.as_ref());
        match (app_id, app_secret) {
            (Some(id), Some(secret)) => Ok(of_app(id, secret, is_app)),
            (Some(_), None) => bail!("app id without app secret: also set KOODRIVE_APP_SECRET"),
            (None, Some(_)) => bail!("app secret without app id: also set KOODRIVE_APP_ID"),
            (None, None) => self.of_login(),
        }
    }

    fn of_token(&self, settings: &Settings, origin: String) -> anyhow::Result<Granted> {
        let Some(access_token) = &settings.access_token else {
            bail!(
                "refresh token without access token: also set KOODRIVE_ACCESS_TOKEN; an expired one will do"
            );
        };
        let access_token = access_token.expose_secret();
        let Some(refresh_token) = &settings.refresh_token else {
            let (kind, credentials) =
                (CredentialKind::AccessToken, AccessToken::new(access_token).into());
            return Ok(Granted { credentials, kind, origin, expires_at: None });
        };
        let tokens = SessionTokens::new(access_token, refresh_token.expose_secret(), None);
        let (endpoint, user_id) = (self.endpoint(), self.required_user_id()?);
        let file = SessionFile::of_settings(StoredSession { endpoint, user_id, tokens })?;
        let expires_at = file.read()?.and_then(|session| session.tokens.expires_at());
        Ok(of_session(file, origin, expires_at))
    }

    /// The stored session is only for its own user and endpoint, so that its tokens go nowhere else.
    fn of_login(&self) -> anyhow::Result<Granted> {
        let Some((file, session)) = &self.session else {
            bail!(
                "no credentials: run {}; or set KOODRIVE_ACCESS_TOKEN to an access token of \
                 the user, or both KOODRIVE_APP_ID and KOODRIVE_APP_SECRET; or set the same keys in {}",
                config::login_command(),
                config::display_path()
            );
        };
        for (key, now, stored) in [
            ("endpoint", self.endpoint(), &session.endpoint),
            ("user_id", self.required_user_id()?, &session.user_id),
        ] {
            if now.trim_end_matches('/') != stored.trim_end_matches('/') {
                bail!(
                    "no credentials for {now}: the session of `koodrive login` is for {stored}; log in \
                     again, or do not set {key}"
                );
            }
        }
        Ok(of_session(file.clone(), file.name(), session.tokens.expires_at()))
    }
}

fn of_app(id: String, secret: &SecretString, is_in_variables: bool) -> Granted {
    let origin =
        if is_in_variables { "environment variables".to_owned() } else { config::display_path() };
    let credentials = AppCredentials::new(id, secret.expose_secret()).into();
    Granted { credentials, kind: CredentialKind::App, origin, expires_at: None }
}

fn of_session(file: SessionFile, origin: String, expires_at: Option<SystemTime>) -> Granted {
    let credentials = Session::stored(file).into();
    Granted { credentials, kind: CredentialKind::Session, origin, expires_at }
}

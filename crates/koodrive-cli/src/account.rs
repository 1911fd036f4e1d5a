//! The account: who asks the service, and with which credentials.
//!
//! Variables take precedence over the configuration file, and both over the session of `koodrive login`.

use std::time::SystemTime;

use anyhow::{Context as _, anyhow, bail};
use koodrive::{AccessToken, AppCredentials, Credentials, Session, SessionTokens, endpoint};

use crate::{
    choices::word,
    config::{self, Key, Settings},
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
        let session = file.read()?.map(|session| (file.owned_by(&session), session));
        Ok(Self { session, ..account })
    }

    fn get(&self, key: Key) -> Option<&str> {
        self.variables.get(key).or_else(|| self.file.get(key))
    }

    /// The id or name of the album to use if no argument names one.
    pub(crate) fn album(&self) -> Option<String> {
        self.get(Key::AlbumId).map(str::to_owned)
    }

    pub(crate) fn user_id(&self) -> Option<String> {
        let of_session = || Some(&*self.session.as_ref()?.1.user_id);
        self.get(Key::UserId).or_else(of_session).map(str::to_owned)
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

    /// The endpoint, unless it is the default one. A slash at its end makes no difference, so it is left out.
    pub(crate) fn named_endpoint(&self) -> Option<&str> {
        let of_session = || Some(&*self.session.as_ref()?.1.endpoint);
        self.get(Key::Endpoint).or_else(of_session).map(|it| it.trim_end_matches('/'))
    }

    pub(crate) fn endpoint(&self) -> String {
        self.named_endpoint().unwrap_or(endpoint::INTERNATIONAL).to_owned()
    }

    /// The limits of requests, from arguments, variables or the file.
    ///
    /// # Errors
    ///
    /// If a value has no meaning.
    pub(crate) fn limits(&self) -> anyhow::Result<Limits> {
        let chosen = config::chosen().limits;
        Ok(Limits {
            timeout: chosen.timeout.or(self.parsed(Key::Timeout, parse_timeout)?),
            max_attempts: chosen.max_attempts.or(self.parsed(Key::MaxAttempts, parse_attempts)?),
        })
    }

    fn parsed<T>(
        &self,
        key: Key,
        parse: fn(&str) -> Result<T, &'static str>,
    ) -> anyhow::Result<Option<T>> {
        let bad = |what| anyhow!("{} ({}) is not valid: {what}", key.variable(), word(&key));
        self.get(key).map(|text| parse(text).map_err(bad)).transpose()
    }

    /// # Errors
    ///
    /// If there are none, or only half of a pair.
    pub(crate) fn credentials(&self) -> anyhow::Result<Granted> {
        let (settings, origin) = if self.variables.have_credentials() {
            (&self.variables, "environment variables".to_owned())
        } else {
            (&self.file, config::display_path())
        };
        if settings.get(Key::AccessToken).or(settings.get(Key::RefreshToken)).is_some() {
            return self.of_token(settings, origin);
        }
        // One half of the pair may be in the variables, the other in the file.
        match (self.get(Key::AppId), self.get(Key::AppSecret)) {
            (Some(id), Some(secret)) => {
                let credentials = AppCredentials::new(id, secret).into();
                Ok(Granted { credentials, kind: CredentialKind::App, origin, expires_at: None })
            }
            (Some(_), None) => bail!("app id without app secret: also set KOODRIVE_APP_SECRET"),
            (None, Some(_)) => bail!("app secret without app id: also set KOODRIVE_APP_ID"),
            (None, None) => self.of_login(),
        }
    }

    fn of_token(&self, settings: &Settings, origin: String) -> anyhow::Result<Granted> {
        let Some(access_token) = settings.get(Key::AccessToken) else {
            bail!(
                "refresh token without access token: also set KOODRIVE_ACCESS_TOKEN; an expired one will do"
            );
        };
        let Some(refresh_token) = settings.get(Key::RefreshToken) else {
            let (kind, credentials) =
                (CredentialKind::AccessToken, AccessToken::new(access_token).into());
            return Ok(Granted { credentials, kind, origin, expires_at: None });
        };
        let tokens = SessionTokens::new(access_token, refresh_token, None);
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
            if now != stored.trim_end_matches('/') {
                bail!(
                    "no credentials for {now}: the session of `koodrive login` is for {stored}; log in \
                     again, or do not set {key}"
                );
            }
        }
        Ok(of_session(file.clone(), file.name(), session.tokens.expires_at()))
    }
}

fn of_session(file: SessionFile, origin: String, expires_at: Option<SystemTime>) -> Granted {
    let credentials = Session::stored(file).into();
    Granted { credentials, kind: CredentialKind::Session, origin, expires_at }
}

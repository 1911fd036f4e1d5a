//! How a caller wants to authenticate, and what authorizes each attempt. Nothing here can be printed, and
//! nothing is sent from here.

use std::{fmt, sync::Arc};

use reqwest::Request;

use super::{
    access_token::AccessToken,
    app::{AppCredentials, Signer},
    provider::TokenProvider,
    refresh::session_cache,
    session::Session,
    token::TokenSource,
    token_cache::TokenCache,
};
use crate::{
    error::Result,
    wire::{authorization::Authorization, transport::Transport},
};

/// How a [`Client`](crate::Client) authenticates.
///
/// Create it from an [`AccessToken`], [`AppCredentials`] or a [`Session`], or with
/// [`Credentials::provider`].
#[derive(Clone)]
pub struct Credentials(Kind);

#[derive(Clone)]
enum Kind {
    Token(AccessToken),
    App(AppCredentials),
    Session(Session),
    Provider(Arc<dyn TokenSource>),
}

impl Credentials {
    /// Tokens from a source of your own: another process, a vault, your own login.
    ///
    /// See [`TokenProvider`] for an example.
    pub fn provider(provider: impl TokenProvider) -> Self {
        Self(Kind::Provider(Arc::new(provider)))
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

/// Credentials in use: what authorizes the next attempt.
pub(crate) enum Authorizer {
    Fixed(Authorization),
    Cached(Arc<TokenCache>),
}

impl Authorizer {
    /// Checks the credentials and prepares what they need.
    pub(crate) fn new(credentials: Credentials, transport: &Transport) -> Result<Self> {
        Ok(match credentials.0 {
            Kind::Token(token) => Self::Fixed(Authorization::Token(token.header()?)),
            Kind::App(app) => {
                let signer = Signer::new(&app)?;
                let sign = Arc::new(move |request: &Request| signer.authorization(request));
                Self::Fixed(Authorization::Signature(sign))
            }
            Kind::Session(session) => Self::Cached(session_cache(session, transport.clone())?),
            Kind::Provider(source) => {
                Self::Cached(TokenCache::new(source, transport.clock.clone(), None))
            }
        })
    }

    /// The authorization of the next attempt, with the generation of its token if newer ones may follow.
    /// Waits only if there is no valid token.
    pub(crate) async fn authorization(&self) -> Result<(Authorization, Option<u64>)> {
        match self {
            Self::Fixed(authorization) => Ok((authorization.clone(), None)),
            Self::Cached(cache) => {
                let token = cache.token().await?;
                Ok((Authorization::Token(token.value.clone()), Some(token.generation)))
            }
        }
    }

    /// The service refused a token of this generation. Returns true if a newer one can be had.
    pub(crate) fn refused(&self, generation: Option<u64>) -> bool {
        let (Self::Cached(cache), Some(generation)) = (self, generation) else { return false };
        cache.refused(generation);
        true
    }

    /// Waits for a token refresh under way, if there is one.
    pub(crate) async fn settle(&self) {
        if let Self::Cached(cache) = self {
            cache.settle().await;
        }
    }
}

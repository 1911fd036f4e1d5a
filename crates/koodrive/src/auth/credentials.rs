//! How a caller wants to authenticate. Nothing here can be printed, and nothing is sent from here.

use std::{fmt, sync::Arc};

use super::{
    access_token::AccessToken, app::AppCredentials, provider::TokenProvider, session::Session,
    token::TokenSource,
};

/// How a [`Client`](crate::Client) authenticates.
///
/// Create it from an [`AccessToken`], [`AppCredentials`] or a [`Session`], or with
/// [`Credentials::provider`].
#[derive(Clone)]
pub struct Credentials(pub(super) Kind);

#[derive(Clone)]
pub(super) enum Kind {
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

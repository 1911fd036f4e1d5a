//! Credentials in use: what authorizes the next attempt.

use std::sync::Arc;

use reqwest::Request;

use super::{
    app::Signer,
    credentials::{Credentials, Kind},
    refresh::session_cache,
    token_cache::TokenCache,
};
use crate::{
    error::Result,
    wire::{authorization::Authorization, transport::Transport},
};

pub(crate) enum Authorizer {
    Fixed(Authorization),
    Cached(TokenCache),
}

impl Authorizer {
    /// Checks the credentials and prepares what they need.
    pub(crate) fn new(credentials: Credentials, transport: &Transport) -> Result<Self> {
        Ok(match credentials.0 {
            Kind::Token(token) => Self::Fixed(Authorization::fixed(token.header()?)),
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

    /// The authorization of the next attempt. Waits only if there is no valid token.
    pub(crate) async fn authorization(&self) -> Result<Authorization> {
        match self {
            Self::Fixed(authorization) => Ok(authorization.clone()),
            Self::Cached(cache) => {
                let token = cache.token().await?;
                let (value, generation) = (token.value.clone(), Some(token.generation));
                Ok(Authorization::Token { value, generation })
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

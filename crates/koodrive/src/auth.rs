//! Which headers an attempt carries: credentials → what the low level needs to authorise a request.

pub(crate) mod app;
pub(crate) mod credentials;
pub(crate) mod provider;
pub(crate) mod refresh;
pub(crate) mod session;
pub(crate) mod signature;
pub(crate) mod token_cache;
pub(crate) mod token_state;

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use koodrive_api::{Exchange, Sending};

pub(crate) use self::signature::Signer;
use self::{
    refresh::{Provided, Renewing},
    token_cache::TokenCache,
};
use crate::{
    auth::credentials::{Credentials, Kind},
    error::{Result, text::Redactor},
    wire::clock::Clock,
    wire::transport::{Transport, Wire},
};

/// Credentials at work.
pub(crate) enum Auth {
    Token(HeaderValue),
    App(Arc<Signer>),
    Cached(TokenCache),
}

impl Auth {
    /// Checks the credentials, and makes ready what they need.
    pub(crate) fn new(credentials: Credentials, transport: &Transport) -> Result<Self> {
        let clock = transport.clock.clone();
        Ok(match credentials.0 {
            Kind::Token(token) => Self::Token(token.header()?),
            Kind::App(app) => Self::App(Arc::new(Signer::new(&app)?)),
            Kind::Session(session) => {
                let first = Provided::new(&session.access_token, &clock)?;
                let renewing = Renewing::new(session, transport.clone())?;
                Self::Cached(TokenCache::new(Box::new(renewing), clock, Some(first)))
            }
            Kind::Provider(provider) => {
                let source = refresh::Provider { provider, clock: clock.clone() };
                Self::Cached(TokenCache::new(Box::new(source), clock, None))
            }
        })
    }

    /// What the next attempt shows, waiting for it only if there is nothing that holds.
    pub(crate) async fn proof(&self) -> Result<Proof> {
        Ok(match self {
            Self::Token(value) => Proof { means: Means::Value(value.clone()), generation: None },
            Self::App(signer) => {
                Proof { means: Means::Signature(Arc::clone(signer)), generation: None }
            }
            Self::Cached(cache) => {
                let token = cache.token().await?;
                let generation = Some(token.generation);
                Proof { means: Means::Value(token.value.clone()), generation }
            }
        })
    }

    /// The service refused `proof`. Whether another try can have a newer one.
    pub(crate) fn refused(&self, proof: &Proof) -> bool {
        match (self, proof.generation) {
            (Self::Cached(cache), Some(generation)) => {
                cache.refused(generation);
                true
            }
            _ => false,
        }
    }
}

/// What one attempt shows, and which generation of tokens it is of.
#[derive(Clone)]
pub(crate) struct Proof {
    means: Means,
    generation: Option<u64>,
}

#[derive(Clone)]
enum Means {
    Value(HeaderValue),
    Signature(Arc<Signer>),
}

impl Proof {
    /// A value that is shown as it is.
    fn value(value: HeaderValue) -> Self {
        Self { means: Means::Value(value), generation: None }
    }
}

/// One exchange with the service, as its hooks see it.
pub(crate) struct Attempt {
    proof: Proof,
    clock: Clock,
    wire: Arc<dyn Wire>,
    shown: OnceLock<HeaderValue>,
    head: OnceLock<HeaderMap>,
    body: OnceLock<Bytes>,
}

impl Attempt {
    pub(crate) fn new(proof: Proof, transport: &Transport) -> Self {
        Self {
            proof,
            clock: transport.clock.clone(),
            wire: Arc::clone(&transport.wire),
            shown: OnceLock::new(),
            head: OnceLock::new(),
            body: OnceLock::new(),
        }
    }

    /// The headers of the response, if there was one; the low level's errors do not keep them.
    pub(crate) fn head(&self) -> HeaderMap {
        self.head.get().cloned().unwrap_or_default()
    }

    /// The body of a 200, if one came.
    pub(crate) fn body(&self) -> Bytes {
        self.body.get().cloned().unwrap_or_default()
    }

    /// Blots out what must not come out again if the service echoes it: the token or the signature that
    /// was shown, and `others`.
    pub(crate) fn redactor<'a>(&'a self, others: impl IntoIterator<Item = &'a str>) -> Redactor {
        let shown = self.shown.get().and_then(|value| value.to_str().ok()).unwrap_or_default();
        let token = shown.split_once([' ', '+']).map_or("", |(_scheme, token)| token);
        let signature = shown.rsplit_once("Signature=").map_or("", |(_, signature)| signature);
        let app_id = shown.split_once("AppId=").and_then(|(_, rest)| rest.split(',').next());
        let parts = [shown, token, signature, app_id.unwrap_or_default()];
        Redactor::new(parts.into_iter().chain(others))
    }
}

impl Exchange for Attempt {
    fn authorize(&self, request: &reqwest::Request) -> HeaderValue {
        let value = match &self.proof.means {
            Means::Value(value) => value.clone(),
            Means::Signature(signer) => signer.authorization(request),
        };
        self.shown.get_or_init(|| value).clone()
    }

    fn send(&self, request: reqwest::Request) -> Sending<'_> {
        self.wire.send(request)
    }

    fn received(&self, head: &HeaderMap) {
        self.clock.learn(head);
        self.head.get_or_init(|| head.clone());
    }

    fn received_body(&self, body: &Bytes) {
        self.body.get_or_init(|| body.clone());
    }
}

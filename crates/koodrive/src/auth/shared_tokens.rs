//! The newest tokens of a session. Its clones share them, and with a store other programs do, too.

use std::sync::{Arc, Mutex};

use super::{
    session_store::{AnyStore, LockedStore},
    session_tokens::SessionTokens,
};
use crate::{
    error::{Error, ErrorKind, Result},
    wire::sync::lock,
};

pub(super) struct SharedTokens {
    own: Mutex<Option<Own>>,
    store: Option<Arc<dyn AnyStore>>,
}

/// What this program was given or got from the service.
#[derive(Clone)]
struct Own {
    tokens: SessionTokens,
    /// The tokens that they replaced. As long as a store still holds these, ours are not saved.
    replaced: Option<SessionTokens>,
}

impl SharedTokens {
    pub(super) fn new(tokens: SessionTokens) -> Self {
        Self { own: Mutex::new(Some(Own { tokens, replaced: None })), store: None }
    }

    pub(super) fn stored(store: Arc<dyn AnyStore>) -> Self {
        Self { own: Mutex::default(), store: Some(store) }
    }

    /// The newest tokens, unless a store has to be asked.
    pub(super) fn known(&self) -> Option<SessionTokens> {
        lock(&self.own).clone().filter(|_| self.store.is_none()).map(|own| own.tokens)
    }

    /// Keeps other programs from using the refresh token.
    pub(super) async fn lock(&self) -> Result<LockedTokens<'_>> {
        let store = match &self.store {
            Some(store) => Some(LockedStore::lock(store).await?),
            None => None,
        };
        Ok(LockedTokens { shared: self, store })
    }
}

/// Tokens that no other program changes.
pub(super) struct LockedTokens<'a> {
    shared: &'a SharedTokens,
    store: Option<LockedStore>,
}

impl LockedTokens<'_> {
    /// The newest tokens. Those that could not be saved before are saved first.
    pub(super) async fn read(&mut self) -> Result<SessionTokens> {
        let own = lock(&self.shared.own).clone();
        let stored = match &mut self.store {
            Some(store) => Some(store.load().await?),
            None => None,
        };
        match (own, stored) {
            (Some(own), Some(stored))
                if own.replaced.as_ref().is_some_and(|old| old.are(&stored)) =>
            {
                self.save(own.tokens.clone()).await?;
                Ok(own.tokens)
            }
            (_, Some(stored)) => Ok(stored),
            (Some(own), None) => Ok(own.tokens),
            (None, None) => Err(Error::new(ErrorKind::Credentials, "the session has no tokens")),
        }
    }

    /// From here on these are the newest tokens, even if saving them fails.
    pub(super) fn replace(&mut self, old: SessionTokens, new: SessionTokens) {
        *lock(&self.shared.own) = Some(Own { tokens: new, replaced: Some(old) });
    }

    pub(super) async fn save(&mut self, tokens: SessionTokens) -> Result<()> {
        match &mut self.store {
            Some(store) => store.save(tokens).await,
            None => Ok(()),
        }
    }
}

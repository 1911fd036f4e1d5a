//! The next token of a session: from its store, if another program has refreshed it, or else from the
//! service's refresh call.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use http::HeaderValue;
use koodrive_api::types::RefreshTokenRequest;
use tracing::warn;

use super::{
    session::Session,
    session_calls,
    session_tokens::SessionTokens,
    shared_tokens::LockedTokens,
    token::{FreshToken, Token, TokenFuture, TokenSource},
    token_cache::TokenCache,
};
use crate::{
    error::Result,
    telemetry,
    wire::{
        authorization::Authorization, clock::Clock, exchange::exchange, trace_id,
        transport::Transport,
    },
};

/// The tokens of a session. Nothing is sent, and a store is not read, before the first is asked for.
pub(super) fn session_cache(session: Session, transport: Transport) -> Result<Arc<TokenCache>> {
    let clock = transport.clock.clone();
    let first = session.tokens.known().map(|tokens| tokens.fresh(&clock)).transpose()?;
    Ok(TokenCache::new(Arc::new(SessionRefresh { session, transport }), clock, first))
}

struct SessionRefresh {
    session: Session,
    transport: Transport,
}

impl SessionRefresh {
    async fn next(&self, current: Option<Arc<Token>>) -> Result<FreshToken> {
        let locked = self.session.tokens.lock().await?;
        let tokens = locked.read().await?;
        let newest = tokens.fresh(&self.transport.clock)?;
        if newest.is_newer_than(current.as_ref().map(|token| &token.value)) {
            return Ok(newest);
        }
        let (used, trace_id) = (newest.value, trace_id::random());
        telemetry::refreshing(&trace_id);
        let outcome = self.refresh(&locked, tokens, used.clone(), &trace_id).await;
        let Err(error) = outcome else { return outcome };
        let error = error.with(|facts| (facts.trace_id, facts.attempts) = (Some(trace_id), 1));
        // Another program may have used the refresh token without the lock.
        let again = locked.read().await.and_then(|tokens| tokens.fresh(&self.transport.clock));
        again.ok().filter(|again| again.is_newer_than(Some(&used))).ok_or(error)
    }

    async fn refresh(
        &self,
        locked: &LockedTokens<'_>,
        old: SessionTokens,
        authorization: HeaderValue,
        trace_id: &str,
    ) -> Result<FreshToken> {
        let refresh_token = old.refresh_token().to_owned();
        let request = RefreshTokenRequest { refresh_token };
        let authorization = Authorization::Token(authorization);
        let session = exchange(&self.transport, &request, authorization, trace_id).await?;

        let refresh_token = session.refresh_token.clone().filter(|text| !text.is_empty());
        let refresh_token = refresh_token.map_or_else(|| old.refresh_token.clone(), Into::into);
        let tokens = session_calls::tokens(session, &self.transport.clock);
        // The old refresh token may be used up, even if the access token is of no use.
        let new = tokens.as_ref().unwrap_or(&old).clone();
        let new = SessionTokens { refresh_token, ..new };
        locked.replace(old, new.clone());
        tokens?;
        // A hook that panics does not cost the tokens.
        if let Some(save) = &self.session.on_refresh
            && catch_unwind(AssertUnwindSafe(|| save(&new))).is_err()
        {
            warn!(target: telemetry::TARGET, "`on_refresh` panicked; its tokens may not be saved");
        }
        locked.save(new.clone()).await?;
        new.fresh(&self.transport.clock)
    }
}

impl TokenSource for SessionRefresh {
    fn next<'a>(&'a self, current: Option<Arc<Token>>, _: &'a Clock) -> TokenFuture<'a> {
        Box::pin(self.next(current))
    }
}

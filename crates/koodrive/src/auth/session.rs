//! A session of a user: an access token, and a refresh token that gets the next one.

use std::{sync::Arc, time::SystemTime};

use super::{
    session_store::SessionStore, session_tokens::SessionTokens, shared_tokens::SharedTokens,
};

/// An access token that is refreshed by the service's refresh call.
///
/// It is refreshed before it expires, while requests still use the current one; if its expiry is not
/// known, it is refreshed when the service refuses it. Clones of a client share each refresh.
///
/// On a current-thread runtime, the call that needs the refresh waits for it. On other runtimes a task of
/// its own drives it, which outlives the client. Before a runtime shuts down, call
/// [`Client::settle`](crate::Client::settle): a refresh that is cut off may have used up the refresh
/// token.
///
/// The service may issue a new refresh token each time. Save what [`on_refresh`](Self::on_refresh)
/// receives, or the next start of the program only has old tokens. If several programs, or several clients,
/// share a session, keep it in a [store](Self::stored).
///
/// ```
/// use koodrive::{Client, Session};
///
/// # fn store(_: &str, _: &str) {}
/// # fn main() -> koodrive::Result<()> {
/// let session = Session::new("AT 3b911d723003f70a", "0e0e72d3c7e9e444")
///     .on_refresh(|tokens| store(tokens.access_token(), tokens.refresh_token()));
/// let client = Client::builder().user_id("1765263620687613825").credentials(session).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Session {
    pub(super) tokens: Arc<SharedTokens>,
    pub(super) on_refresh: Option<OnRefresh>,
}

type OnRefresh = Arc<dyn Fn(&SessionTokens) + Send + Sync>;

impl Session {
    /// The tokens of a login. The access token may start with its scheme.
    pub fn new(access_token: impl Into<String>, refresh_token: impl Into<String>) -> Self {
        SessionTokens::new(access_token, refresh_token, None).into()
    }

    /// A session that several programs, or several clients, share. See [`SessionStore`] for an example.
    ///
    /// The store is read when the first request needs a token, and again before each refresh: if it then has
    /// newer tokens, these are used, and none are requested. New tokens are saved before any request uses
    /// them. If saving them fails, requests that need them fail, and the next try saves them again; they are
    /// lost only if the program ends before that succeeds.
    pub fn stored(store: impl SessionStore) -> Self {
        Self { tokens: Arc::new(SharedTokens::stored(Arc::new(store))), on_refresh: None }
    }

    /// When the access token expires: the login's `issuedAt` plus `expiresIn`. A [stored](Self::stored)
    /// session knows that from its store.
    #[must_use]
    pub fn expires_at(mut self, time: SystemTime) -> Self {
        if let Some(tokens) = self.tokens.known() {
            let tokens = SessionTokens { expires_at: Some(time), ..tokens };
            self.tokens = Arc::new(SharedTokens::new(tokens));
        }
        self
    }

    /// Calls `save` with the new tokens after each refresh, before any request uses them.
    ///
    /// It should be quick: requests that need the new token wait for it. If it panics, the new tokens are
    /// used all the same, and a warning is logged.
    #[must_use]
    pub fn on_refresh(mut self, save: impl Fn(&SessionTokens) + Send + Sync + 'static) -> Self {
        self.on_refresh = Some(Arc::new(save));
        self
    }
}

impl From<SessionTokens> for Session {
    fn from(tokens: SessionTokens) -> Self {
        Self { tokens: Arc::new(SharedTokens::new(tokens)), on_refresh: None }
    }
}

redacted!(Session);

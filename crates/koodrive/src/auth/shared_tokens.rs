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
    pub(super) async fn read(&self) -> Result<SessionTokens> {
        let own = lock(&self.shared.own).clone();
        let Some(store) = &self.store else {
            let none = || Error::new(ErrorKind::Credentials, "the session has no tokens");
            return own.map(|own| own.tokens).ok_or_else(none);
        };
        let stored = store.load().await?;
        match own {
            Some(Own { tokens, replaced: Some(old) }) if old.are(&stored) => {
                store.save(tokens.clone()).await?;
                Ok(tokens)
            }
            _ => Ok(stored),
        }
    }

    /// From here on these are the newest tokens, even if saving them fails.
    pub(super) fn replace(&self, old: SessionTokens, new: SessionTokens) {
        *lock(&self.shared.own) = Some(Own { tokens: new, replaced: Some(old) });
    }

    pub(super) async fn save(&self, tokens: SessionTokens) -> Result<()> {
        match &self.store {
            Some(store) => store.save(tokens).await,
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as StdError;

    use tokio::time::{Duration, Instant};

    use super::*;
    use crate::auth::session_store::SessionStore;

    type Outcome<T> = std::result::Result<T, Box<dyn StdError + Send + Sync>>;

    /// Tokens, whether another program has locked them, and whether they can be written.
    struct Disk(Mutex<(SessionTokens, bool, bool)>);

    impl SessionStore for Arc<Disk> {
        type Lock = ();

        fn try_lock(&self) -> Outcome<Option<()>> {
            Ok((!lock(&self.0).1).then_some(()))
        }

        fn load(&self, (): &mut ()) -> Outcome<SessionTokens> {
            Ok(lock(&self.0).0.clone())
        }

        fn save(&self, (): &mut (), tokens: &SessionTokens) -> Outcome<()> {
            let disk = &mut *lock(&self.0);
            disk.2.then(|| disk.0 = tokens.clone()).ok_or_else(|| "it is full".into())
        }
    }

    fn tokens(number: u8) -> SessionTokens {
        SessionTokens::new(format!("AT {number}"), number.to_string(), None)
    }

    fn shared(is_locked: bool, is_writable: bool) -> (SharedTokens, Arc<Disk>) {
        let disk = Arc::new(Disk(Mutex::new((tokens(1), is_locked, is_writable))));
        (SharedTokens::stored(Arc::new(Arc::clone(&disk))), disk)
    }

    async fn read(shared: &SharedTokens) -> Result<String> {
        Ok(shared.lock().await?.read().await?.refresh_token().to_owned())
    }

    #[tokio::test]
    async fn tokens_that_could_not_be_saved_are_saved_before_they_are_read() {
        let (shared, disk) = shared(false, false);
        let locked = shared.lock().await.unwrap();
        locked.replace(tokens(1), tokens(2));
        assert!(locked.save(tokens(2)).await.is_err());
        drop(locked);

        assert!(read(&shared).await.is_err());
        lock(&disk.0).2 = true;
        assert_eq!(read(&shared).await.unwrap(), "2");
        assert_eq!(lock(&disk.0).0.refresh_token(), "2");
    }

    #[tokio::test]
    async fn tokens_that_could_not_be_saved_give_way_to_newer_ones() {
        let (shared, disk) = shared(false, false);
        shared.lock().await.unwrap().replace(tokens(1), tokens(2));
        lock(&disk.0).0 = tokens(3);

        assert_eq!(read(&shared).await.unwrap(), "3");
    }

    #[tokio::test]
    async fn without_a_store_the_newest_tokens_are_those_of_the_program() {
        let shared = SharedTokens::new(tokens(1));
        assert_eq!(read(&shared).await.unwrap(), "1");
        shared.lock().await.unwrap().replace(tokens(1), tokens(2));
        assert_eq!(read(&shared).await.unwrap(), "2");
        assert!(shared.known().is_some_and(|known| known.are(&tokens(2))));
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_stays_locked_is_an_error_after_a_while() {
        let (shared, _disk) = shared(true, true);
        let start = Instant::now();

        let error = shared.lock().await.map(drop).unwrap_err();

        assert_eq!(error.kind(), ErrorKind::Credentials);
        assert!(error.to_string().contains("another program keeps it locked"), "{error}");
        assert!(start.elapsed() >= Duration::from_secs(15));
    }
}

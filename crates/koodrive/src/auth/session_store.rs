//! Where programs that share a session keep its tokens. A caller's store may block, so it is called on
//! threads made for that.

use std::{
    error::Error as StdError,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    task::spawn_blocking,
    time::{sleep, timeout},
};

use super::session_tokens::SessionTokens;
use crate::error::{Error, ErrorKind, Result};

/// How long to wait for another program. It leaves a refresh half of its time.
const LONGEST_WAIT: Duration = Duration::from_secs(15);
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

type BoxError = Box<dyn StdError + Send + Sync>;
type Outcome<T> = Result<T, BoxError>;

/// Where several programs, or several clients, keep the tokens of a session that they share: a file, a
/// database.
///
/// A service that issues a new refresh token each time accepts the old one only once. So a client locks the
/// store before a refresh, and reads it. If another program has refreshed the tokens, the client uses those.
/// Otherwise it refreshes them, saves them, and unlocks the store. The methods may block: they run on threads
/// for blocking work.
///
/// ```
/// use std::{
///     error::Error,
///     fs::{self, File, TryLockError},
///     io::Write as _,
///     path::PathBuf,
/// };
///
/// use koodrive::{Session, SessionStore, SessionTokens};
///
/// type BoxError = Box<dyn Error + Send + Sync>;
///
/// /// A file in a directory that only the user can open.
/// struct SessionFile(PathBuf);
///
/// impl SessionStore for SessionFile {
///     type Lock = File;
///
///     fn try_lock(&self) -> Result<Option<File>, BoxError> {
///         // A file of its own, because `save` replaces the other one.
///         let file = File::create(self.0.with_extension("lock"))?;
///         match file.try_lock() {
///             Ok(()) => Ok(Some(file)),
///             Err(TryLockError::WouldBlock) => Ok(None),
///             Err(TryLockError::Error(error)) => Err(error.into()),
///         }
///     }
///
///     fn load(&self, _: &mut File) -> Result<SessionTokens, BoxError> {
///         Ok(serde_json::from_slice(&fs::read(&self.0)?)?)
///     }
///
///     fn save(&self, _: &mut File, tokens: &SessionTokens) -> Result<(), BoxError> {
///         let new = self.0.with_extension("new");
///         let mut file = File::create(&new)?;
///         file.write_all(&serde_json::to_vec(tokens)?)?;
///         file.sync_all()?; // otherwise a power cut could leave an empty file
///         Ok(fs::rename(new, &self.0)?)
///     }
/// }
///
/// # fn main() -> Result<(), BoxError> {
/// # let path = std::env::temp_dir().join(format!("koodrive-session-{}", std::process::id()));
/// let store = SessionFile(path.clone());
/// # let mut lock = store.try_lock()?.unwrap();
/// # assert!(store.try_lock()?.is_none());
/// # store.save(&mut lock, &SessionTokens::new("AT 1", "2", None))?;
/// # assert_eq!(store.load(&mut lock)?.refresh_token(), "2");
/// # drop(lock);
/// # assert!(store.try_lock()?.is_some());
/// # for path in [path.clone(), path.with_extension("lock")] { fs::remove_file(path)?; }
/// let session = Session::stored(store);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// If a method fails or panics, requests that wait for a token fail with an error of kind
/// [`Credentials`](ErrorKind::Credentials), and the method's error is among its [sources](StdError::source).
/// Requests with a valid token are not affected. The text of the error should hold no secret.
pub trait SessionStore: Send + Sync + 'static {
    /// Keeps the store locked until it is dropped or its program is killed. It can hold what `load` and
    /// `save` need, such as a transaction.
    type Lock: Send + 'static;

    /// Locks the store, or returns `None` at once if another client or program has locked it. The client tries
    /// again for up to 15 seconds.
    ///
    /// # Errors
    ///
    /// If the store cannot be locked.
    fn try_lock(&self) -> Result<Option<Self::Lock>, Box<dyn StdError + Send + Sync>>;

    /// Reads what was saved last.
    ///
    /// # Errors
    ///
    /// If there is nothing, or it cannot be read.
    fn load(&self, lock: &mut Self::Lock)
    -> Result<SessionTokens, Box<dyn StdError + Send + Sync>>;

    /// Replaces what is stored, completely or not at all.
    ///
    /// # Errors
    ///
    /// If the old tokens are still there, or may be.
    fn save(
        &self,
        lock: &mut Self::Lock,
        tokens: &SessionTokens,
    ) -> Result<(), Box<dyn StdError + Send + Sync>>;
}

/// A store of any type.
pub(super) trait AnyStore: Send + Sync {
    fn try_lock(self: Arc<Self>) -> Outcome<Option<Locked>>;
}

type Locked = Arc<Mutex<dyn AnyLocked>>;

pub(super) trait AnyLocked: Send {
    fn load(&mut self) -> Outcome<SessionTokens>;
    fn save(&mut self, tokens: &SessionTokens) -> Outcome<()>;
}

impl<S: SessionStore> AnyStore for S {
    fn try_lock(self: Arc<Self>) -> Outcome<Option<Locked>> {
        let lock = SessionStore::try_lock(&*self)?;
        Ok(lock.map(|lock| Arc::new(Mutex::new((self, lock))) as Locked))
    }
}

impl<S: SessionStore> AnyLocked for (Arc<S>, S::Lock) {
    fn load(&mut self) -> Outcome<SessionTokens> {
        self.0.load(&mut self.1)
    }

    fn save(&mut self, tokens: &SessionTokens) -> Outcome<()> {
        self.0.save(&mut self.1, tokens)
    }
}

/// A store that this program has locked, until this is dropped.
pub(super) struct LockedStore(Locked);

impl LockedStore {
    pub(super) async fn lock(store: &Arc<dyn AnyStore>) -> Result<Self> {
        let locking = async {
            loop {
                let store = Arc::clone(store);
                if let Some(locked) = blocking("be locked", || store.try_lock()).await? {
                    return Ok(Self(locked));
                }
                sleep(BETWEEN_TRIES).await;
            }
        };
        let late = |_| Err(failure("be locked: another program keeps it locked"));
        timeout(LONGEST_WAIT, locking).await.unwrap_or_else(late)
    }

    pub(super) async fn load(&self) -> Result<SessionTokens> {
        self.call("be read", |locked| locked.load()).await
    }

    pub(super) async fn save(&self, tokens: SessionTokens) -> Result<()> {
        self.call("be written", move |locked| locked.save(&tokens)).await
    }

    /// The lock goes along, so that it is not given back before `call` has ended. After a panic it is of no
    /// more use.
    async fn call<T: Send + 'static>(
        &self,
        what: &'static str,
        call: impl FnOnce(&mut dyn AnyLocked) -> Outcome<T> + Send + 'static,
    ) -> Result<T> {
        let locked = Arc::clone(&self.0);
        let call = move || call(&mut *locked.lock().map_err(|_| "it panicked before")?);
        blocking(what, call).await
    }
}

async fn blocking<T: Send + 'static>(
    what: &'static str,
    call: impl FnOnce() -> Outcome<T> + Send + 'static,
) -> Result<T> {
    let outcome = spawn_blocking(call).await.unwrap_or_else(|end| {
        // The text of a panic may hold a token.
        Err(if end.is_panic() { "it panicked" } else { "the runtime was shut down" }.into())
    });
    outcome.map_err(|cause| failure(what).with(|facts| facts.source = Some(cause)))
}

fn failure(what: &str) -> Error {
    Error::new(ErrorKind::Credentials, format!("the session's store could not {what}"))
}

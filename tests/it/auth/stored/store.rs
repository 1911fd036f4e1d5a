//! A store in memory that does as it is told, and one in a file.

use std::{
    error::Error as StdError,
    fs::{self, File, TryLockError},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard},
};

use koodrive::{SessionStore, SessionTokens};
use koodrive_testing::AlbumServer;

type BoxError = Box<dyn StdError + Send + Sync>;

/// A store in memory. Its clones are the same store.
#[derive(Clone)]
pub(super) struct Shelf(Arc<Mutex<Inner>>);

type OnCall = Arc<dyn Fn(&'static str, &mut SessionTokens) + Send + Sync>;

pub(super) struct Inner {
    pub(super) tokens: SessionTokens,
    is_locked: bool,
    /// The calls so far, except those of `try_lock` that found it locked.
    pub(super) calls: Vec<&'static str>,
    /// The next call of this name fails or panics, so many times.
    pub(super) trouble: (&'static str, Trouble, usize),
    pub(super) on_call: Option<OnCall>,
}

#[derive(Clone, Copy)]
pub(super) enum Trouble {
    Fails,
    Panics,
}

impl Shelf {
    pub(super) fn new(tokens: SessionTokens) -> Self {
        let (calls, trouble) = (Vec::new(), ("", Trouble::Fails, 0));
        let inner = Inner { tokens, is_locked: false, calls, trouble, on_call: None };
        Self(Arc::new(Mutex::new(inner)))
    }

    /// With the server's first tokens.
    pub(super) fn of(server: &AlbumServer) -> Self {
        Self::new(SessionTokens::new(server.access_token(), server.refresh_token(), None))
    }

    pub(super) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(super) fn is_locked(&self) -> bool {
        self.inner().is_locked
    }

    pub(super) fn calls(&self) -> Vec<&'static str> {
        self.inner().calls.clone()
    }

    /// From now on, `name` fails or panics this many times.
    pub(super) fn trouble(&self, name: &'static str, trouble: Trouble, times: usize) {
        self.inner().trouble = (name, trouble, times);
    }

    fn call(&self, name: &'static str) -> Result<MutexGuard<'_, Inner>, BoxError> {
        let mut inner = self.inner();
        inner.calls.push(name);
        if let Some(on_call) = inner.on_call.clone() {
            on_call(name, &mut inner.tokens);
        }
        match &mut inner.trouble {
            (troubled, trouble, times @ 1..) if *troubled == name => {
                *times -= 1;
                match trouble {
                    Trouble::Fails => Err("the disk is full".into()),
                    Trouble::Panics => panic!("the disk is full"),
                }
            }
            _ => Ok(inner),
        }
    }
}

/// The lock of a [`Shelf`].
pub(super) struct Key(Shelf);

impl Drop for Key {
    fn drop(&mut self) {
        self.0.inner().is_locked = false;
    }
}

impl SessionStore for Shelf {
    type Lock = Key;

    fn try_lock(&self) -> Result<Option<Key>, BoxError> {
        if std::mem::replace(&mut self.inner().is_locked, true) {
            return Ok(None);
        }
        let key = Key(self.clone());
        drop(self.call("lock")?);
        Ok(Some(key))
    }

    fn load(&self, _: &mut Key) -> Result<SessionTokens, BoxError> {
        assert!(self.is_locked());
        Ok(self.call("load")?.tokens.clone())
    }

    fn save(&self, _: &mut Key, tokens: &SessionTokens) -> Result<(), BoxError> {
        assert!(self.is_locked());
        self.call("save")?.tokens = tokens.clone();
        Ok(())
    }
}

/// A file, and another one for the lock.
pub(super) struct SessionFile(pub(super) PathBuf);

impl SessionStore for SessionFile {
    type Lock = File;

    fn try_lock(&self) -> Result<Option<File>, BoxError> {
        let file = File::create(self.0.with_extension("lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    fn load(&self, _: &mut File) -> Result<SessionTokens, BoxError> {
        Ok(serde_json::from_slice(&fs::read(&self.0)?)?)
    }

    fn save(&self, _: &mut File, tokens: &SessionTokens) -> Result<(), BoxError> {
        let new = self.0.with_extension("new");
        fs::write(&new, serde_json::to_vec(tokens)?)?;
        Ok(fs::rename(new, &self.0)?)
    }
}

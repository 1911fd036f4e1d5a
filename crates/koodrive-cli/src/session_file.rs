//! A session, in a file that all commands share. Only its owner can read it.
//!
//! `koodrive login` writes it. The tokens of the configuration are not written back there: once they have
//! been refreshed, the newer ones are in a file of their own, named after the refresh token given.

use std::{
    env, fs, io,
    path::PathBuf,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, anyhow, bail};
use etcetera::BaseStrategy as _;
use koodrive::{SessionStore, SessionTokens};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{
    config,
    file_lock::{FileLock, Holder},
    paths, private_file,
};

/// How long another command may keep the file locked: as long as a logout takes that refreshes before and after it is
/// refused, so four requests of 30 s.
const LONGEST_WAIT: Duration = Duration::from_secs(130);

/// A session, and whose it is.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoredSession {
    pub(crate) endpoint: String,
    pub(crate) user_id: String,
    #[serde(flatten)]
    pub(crate) tokens: SessionTokens,
}

impl StoredSession {
    /// Its endpoint and user.
    fn owner(&self) -> [&str; 2] {
        [self.endpoint.trim_end_matches('/'), &self.user_id]
    }
}

/// Where a session is stored.
#[derive(Clone)]
pub(crate) struct SessionFile {
    path: PathBuf,
    /// Whose session it has to be: its endpoint and user.
    owner: Option<[String; 2]>,
    /// The session, as long as the file does not exist.
    seed: Option<StoredSession>,
}

impl SessionFile {
    /// The file of `koodrive login`: `KOODRIVE_SESSION`, or else one in the user's state directory. That of a
    /// profile is beside it.
    pub(crate) fn of_login() -> anyhow::Result<Self> {
        let named = env::var_os("KOODRIVE_SESSION").filter(|path| !path.is_empty());
        let path = match named {
            Some(path) => path.into(),
            None => {
                let directories = etcetera::choose_base_strategy()
                    .context("no home directory: set KOODRIVE_SESSION to a file for the session")?;
                let folder = directories.state_dir().unwrap_or_else(|| directories.data_dir());
                folder.join("koodrive").join("session.json")
            }
        };
        let path = match config::profile()? {
            Some(name) => path.with_file_name(format!("profile-{name}.json")),
            None => path,
        };
        Ok(Self { path, owner: None, seed: None })
    }

    /// The file of a session that the configuration gives.
    pub(crate) fn of_settings(seed: StoredSession) -> anyhow::Result<Self> {
        let parts = [&seed.endpoint, &seed.user_id, seed.tokens.refresh_token()];
        let digest = Sha256::digest(parts.join("\n").as_bytes());
        let name = hex::encode(digest.first_chunk::<8>().copied().unwrap_or_default());
        let path = Self::of_login()?.path.with_file_name(format!("session-{name}.json"));
        Ok(Self { path, owner: None, seed: Some(seed) })
    }

    /// The same file, as long as it holds a session of this one's user and endpoint: another login may replace
    /// it at any time, and its tokens must not go to this endpoint.
    pub(crate) fn owned_by(self, session: &StoredSession) -> Self {
        Self { owner: Some(session.owner().map(str::to_owned)), ..self }
    }

    /// For messages.
    pub(crate) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// The session; `None` if none is stored.
    pub(crate) fn read(&self) -> anyhow::Result<Option<StoredSession>> {
        let text = match fs::read(&self.path) {
            Err(error) if paths::is_missing(&error) => return Ok(self.seed.clone()),
            text => text.with_context(|| format!("cannot read the session in {}", self.name()))?,
        };
        private_file::check_permissions(&self.path)?;
        // The parser's own message may quote the file.
        serde_json::from_slice(&text).map(Some).map_err(|_| {
            anyhow!("{} does not hold a session; run `koodrive login` again", self.name())
        })
    }

    /// Stores a session in place of any other.
    pub(crate) fn write(&self, session: &StoredSession) -> anyhow::Result<()> {
        self.create_folder()
            .and_then(|()| private_file::replace_durably(&self.path, session))
            .with_context(|| format!("cannot write the session to {}", self.name()))
    }

    pub(crate) fn remove(&self) -> anyhow::Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", self.name()))
            }
            _ => Ok(()),
        }
    }

    /// Locks the file, once no other command uses it.
    pub(crate) fn lock(&self) -> anyhow::Result<FileLock> {
        let began = Instant::now();
        loop {
            match self.try_acquire()? {
                Ok(lock) => return Ok(lock),
                Err(_) if began.elapsed() < LONGEST_WAIT => sleep(Duration::from_millis(50)),
                Err(holder) => bail!("{} is in use by another koodrive{holder}", self.name()),
            }
        }
    }

    /// The session, and the lock of its file; `None` if none is stored.
    pub(crate) fn locked(&self) -> anyhow::Result<Option<(FileLock, StoredSession)>> {
        // A lock would create the folder.
        if self.read()?.is_none() {
            return Ok(None);
        }
        let lock = self.lock()?;
        Ok(self.read()?.map(|session| (lock, session)))
    }

    fn try_acquire(&self) -> anyhow::Result<Result<FileLock, Holder>> {
        let locked = self.create_folder().and_then(|()| FileLock::try_acquire(&self.path));
        locked.with_context(|| format!("cannot lock the session in {}", self.name()))
    }

    fn create_folder(&self) -> io::Result<()> {
        self.path.parent().map_or(Ok(()), fs::create_dir_all)
    }

    fn required(&self) -> anyhow::Result<StoredSession> {
        let name = self.name();
        let session = self.read()?.with_context(|| format!("no session is stored in {name}"))?;
        if self.owner.as_ref().is_some_and(|owner| *owner != session.owner()) {
            bail!("{name} holds the session of a later login now, with another user or endpoint");
        }
        Ok(session)
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

impl SessionStore for SessionFile {
    type Lock = FileLock;

    fn try_lock(&self) -> Result<Option<FileLock>, Failure> {
        Ok(self.try_acquire()?.ok())
    }

    fn load(&self, _: &mut FileLock) -> Result<SessionTokens, Failure> {
        Ok(self.required()?.tokens)
    }

    fn save(&self, _: &mut FileLock, tokens: &SessionTokens) -> Result<(), Failure> {
        let session = StoredSession { tokens: tokens.clone(), ..self.required()? };
        Ok(self.write(&session)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(endpoint: &str, user_id: &str) -> StoredSession {
        let tokens = SessionTokens::new("AT 1", "2", None);
        StoredSession { endpoint: endpoint.to_owned(), user_id: user_id.to_owned(), tokens }
    }

    #[test]
    fn the_session_of_a_later_login_does_not_reach_the_account_of_an_earlier_one() {
        let folder = tempfile::tempdir().unwrap();
        let file =
            SessionFile { path: folder.path().join("session.json"), owner: None, seed: None };
        let first = session("https://a.example", "17");
        let own = file.clone().owned_by(&first);
        let mut lock = own.try_lock().unwrap().unwrap();
        for (later, is_own) in [
            (first, true),
            (session("https://b.example", "17"), false),
            (session("https://a.example", "18"), false),
        ] {
            file.write(&later).unwrap();
            assert_eq!(own.load(&mut lock).is_ok(), is_own, "{}", later.endpoint);
            assert_eq!(own.save(&mut lock, &later.tokens).is_ok(), is_own, "{}", later.user_id);
        }
    }
}

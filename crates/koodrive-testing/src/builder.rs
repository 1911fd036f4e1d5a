//! What a server is to serve, set piece by piece before it starts.

use std::collections::BTreeMap;
use std::fmt;
use std::net::TcpListener;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use crate::albums::file::AlbumFile;
use crate::albums::generated::Album;
use crate::albums::store::{Albums, Contents};
use crate::auth::access::Account;
use crate::auth::signature::App;
use crate::auth::tokens::{SessionRules, Tokens};
use crate::dates;
use crate::replies::fault::Fault;
use crate::requests::log::Log;
use crate::script::Script;
use crate::server::AlbumServer;
use crate::service::{Clock, Service};

/// What an [`AlbumServer`] is to serve; from [`AlbumServer::builder`].
#[must_use = "nothing listens until `start` is awaited"]
pub struct AlbumServerBuilder {
    files: u64,
    album_id: String,
    custom: BTreeMap<String, Contents>,
    account: Account,
    refresh_token: String,
    rules: SessionRules,
    clock: Clock,
    script: Script,
    listener: Option<TcpListener>,
}

impl AlbumServer {
    /// An album of 250 files, a default account and the system's clock, all of which can be set.
    pub fn builder() -> AlbumServerBuilder {
        AlbumServerBuilder::new()
    }
}

impl AlbumServerBuilder {
    fn new() -> Self {
        Self {
            files: 250,
            album_id: "1795607640592646273".to_owned(),
            custom: BTreeMap::new(),
            account: Account {
                user_id: "1765263620687613825".to_owned(),
                access_token: "5e1fa1b0c2d34e5f60718293a4b5c6d7e8f9010203040506".to_owned(),
                app: App {
                    id: "6b1f0c9d8e7a4352b1c0d9e8f7a6b5c4d3e2f1a0918273645546372819a0b1c2"
                        .to_owned(),
                    secret: "c3d2e1f00f1e2d3c4b5a69788796a5b4".to_owned(),
                },
            },
            refresh_token: "9f8e7d6c5b4a39281706f5e4d3c2b1a0918273645f6e7d8c".to_owned(),
            rules: SessionRules::default(),
            clock: Box::new(SystemTime::now),
            script: Script::default(),
            listener: None,
        }
    }

    /// How many files the computed album has: 0 to 1,000,000,000 (more is taken as that); 250 if not set.
    ///
    /// Files are computed when they are listed, so their number costs neither memory nor time.
    pub fn files(mut self, files: u64) -> Self {
        self.files = files;
        self
    }

    /// The computed album's id; its files depend on it.
    pub fn album_id(mut self, album_id: impl Into<String>) -> Self {
        self.album_id = album_id.into();
        self
    }

    /// Adds an album of your custom, with these files and no others; beside the computed one, or in its
    /// place if it has the same id. `album("empty", [])` is an empty one.
    ///
    /// The server sorts the files, as it does those that it computes: by the time asked for, and then
    /// by id. [`put_file`](AlbumServer::put_file) and [`remove_file`](AlbumServer::remove_file) change
    /// them later.
    ///
    /// ```
    /// use futures::TryStreamExt;
    /// use koodrive_testing::{AlbumFile, AlbumServer};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> koodrive::Result<()> {
    /// let old = AlbumFile::new("F1").created_time("2025-06-01T08:00:00.000Z");
    /// let new = AlbumFile::new("F2").created_time("2025-07-01T08:00:00.000Z").file_name("sea.jpg");
    /// let server = AlbumServer::builder().album("holidays", [old, new]).start().await;
    ///
    /// let files = server.client().list_album_content("holidays").stream();
    /// let files: Vec<_> = files.try_collect().await?;
    /// assert_eq!((files[0].id(), files[1].id()), ("F2", "F1")); // the newest first
    /// # Ok(())
    /// # }
    /// ```
    pub fn album(
        mut self,
        album_id: impl Into<String>,
        files: impl IntoIterator<Item = AlbumFile>,
    ) -> Self {
        let files = files.into_iter().collect();
        self.custom.insert(album_id.into(), Contents::Custom(files));
        self
    }

    /// The user to whom the album and the tokens belong.
    pub fn user_id(mut self, user_id: impl Into<String>) -> Self {
        self.account.user_id = user_id.into();
        self
    }

    /// The first token that is accepted. It may have a scheme in front, as the service's login gives
    /// it.
    pub fn access_token(mut self, access_token: impl Into<String>) -> Self {
        self.account.access_token = access_token.into();
        self
    }

    /// The first refresh token that is accepted.
    pub fn refresh_token(mut self, refresh_token: impl Into<String>) -> Self {
        self.refresh_token = refresh_token.into();
        self
    }

    /// The app whose signature is accepted in place of a token, and the secret that it signs with.
    pub fn app_credentials(
        mut self,
        app_id: impl Into<String>,
        app_secret: impl Into<String>,
    ) -> Self {
        self.account.app = App { id: app_id.into(), secret: app_secret.into() };
        self
    }

    /// How long every access token lives by the server's clock, the first one from the start on.
    ///
    /// If not set, the first token never expires, and one from a refresh lives the 1800 seconds that
    /// its `expiresIn` says. That field holds whole seconds: a fraction is held to, but not told.
    pub fn token_life(mut self, life: Duration) -> Self {
        self.rules.life = Some(life);
        self
    }

    /// Whether each refresh gives a new refresh token and makes the old one worthless; if not set, the
    /// refresh token stays the same.
    pub fn rotating_refresh_tokens(mut self, rotating: bool) -> Self {
        self.rules.rotating = rotating;
        self
    }

    /// Whether a refreshed session is the reply's `data` itself, as the vendor's table has it; if not
    /// set, it is in `data.sessionInfo`, as in the vendor's example.
    pub fn flat_sessions(mut self, flat: bool) -> Self {
        self.script.flat_sessions = flat;
        self
    }

    /// Holds back every page for so long, as a service far away would; not what is refused, nor a fault.
    pub fn page_delay(mut self, delay: Duration) -> Self {
        self.script.page_delay = delay;
        self
    }

    /// Holds back the reply to every successful refresh for so long. The new token is valid from the
    /// moment the request came.
    pub fn refresh_delay(mut self, delay: Duration) -> Self {
        self.script.refresh_delay = delay;
        self
    }

    /// The server's own clock, read once for each request; the system's if not set.
    ///
    /// By it `X-Date` and the life of tokens are judged, and the `Date` header, the pre-signed URLs
    /// and `issuedAt` are stamped. With a [`token_life`](Self::token_life) it is also read at the start.
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Answers one list request with `fault` instead, whatever the request says.
    ///
    /// `request_number` counts the list requests received, from 0, retries included. A second fault
    /// for the same request takes the place of the first.
    pub fn fault(mut self, request_number: usize, fault: Fault) -> Self {
        self.script.faults.insert(request_number, fault);
        self
    }

    /// The same [`fault`](Self::fault) for several list requests: `3..6` is an outage of three.
    pub fn faults(
        mut self,
        request_numbers: impl IntoIterator<Item = usize>,
        fault: Fault,
    ) -> Self {
        let faults = request_numbers.into_iter().map(|number| (number, fault.clone()));
        self.script.faults.extend(faults);
        self
    }

    /// Answers one refresh request with `fault` instead, whatever the request says. No token is handed
    /// out, and the refresh token stays what it is.
    ///
    /// `request_number` counts the refresh requests received, from 0. A second fault for the same
    /// request takes the place of the first.
    pub fn refresh_fault(mut self, request_number: usize, fault: Fault) -> Self {
        self.script.refresh_faults.insert(request_number, fault);
        self
    }

    /// Serves on this socket, instead of on a free port of the loopback interface.
    pub fn listener(mut self, listener: TcpListener) -> Self {
        self.listener = Some(listener);
        self
    }

    /// Starts the server; it accepts requests when this returns.
    ///
    /// It runs on a thread of its custom, so that any executor will do, and even `block_on`. The client
    /// that asks it may want more: `koodrive` and reqwest need a Tokio runtime.
    ///
    /// # Panics
    ///
    /// If no loopback port can be bound.
    pub async fn start(mut self) -> AlbumServer {
        let listener = self.listener.take();
        AlbumServer::start(self.service(), listener).await
    }

    pub(crate) fn service(self) -> Service {
        // A clock that a test counts out is not read for a token that has no end.
        let now = || dates::from_system_time((self.clock)());
        let start = self.rules.life.map_or(Timestamp::UNIX_EPOCH, |_| now());
        let tokens =
            Tokens::new(&self.account.access_token, &self.refresh_token, self.rules, start);
        let mut albums = self.custom;
        let computed = || Contents::Generated(Album::new(&self.album_id, self.files));
        albums.entry(self.album_id.clone()).or_insert_with(computed);
        Service {
            albums: Albums::new(albums),
            album_id: self.album_id,
            account: self.account,
            tokens: Mutex::new(tokens),
            clock: self.clock,
            script: self.script,
            log: Log::default(),
        }
    }
}

impl fmt::Debug for AlbumServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AlbumServerBuilder")
            .field("files", &self.files)
            .field("album_id", &self.album_id)
            .field("rules", &self.rules)
            .field("script", &self.script)
            .finish_non_exhaustive()
    }
}

//! The settings of a server, before it starts.

mod faults;
mod storage;

use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use crate::albums::file::AlbumFile;
use crate::albums::generated::Album;
use crate::albums::info::AlbumInfo;
use crate::albums::presign::{self, Links};
use crate::albums::store::{Albums, Contents, StoredAlbum};
use crate::auth::access::{Account, CarrierLogin};
use crate::auth::signature::App;
use crate::auth::tokens::{SessionRules, Tokens};
use crate::dates;
use crate::requests::log::Log;
use crate::script::Script;
use crate::server::AlbumServer;
use crate::service::{Clock, Service};
use crate::storage::log::DownloadLog;

/// The settings of an [`AlbumServer`]; made by [`AlbumServer::builder`].
#[must_use = "nothing listens until `start` is awaited"]
pub struct AlbumServerBuilder {
    files: u64,
    album_id: String,
    albums: BTreeMap<String, StoredAlbum>,
    account: Account,
    refresh_token: String,
    rules: SessionRules,
    clock: Clock,
    script: Script,
    listener: Option<TcpListener>,
    storage_listener: Option<TcpListener>,
    storage_uri: Option<String>,
    link_life: Duration,
}

impl AlbumServer {
    /// Starts from an album of 250 files, a default account and the system clock. All of them can be
    /// changed.
    pub fn builder() -> AlbumServerBuilder {
        AlbumServerBuilder {
            files: 250,
            album_id: "1795607640592646273".to_owned(),
            albums: BTreeMap::new(),
            account: Account {
                user_id: "1765263620687613825".to_owned(),
                access_token: "5e1fa1b0c2d34e5f60718293a4b5c6d7e8f9010203040506".to_owned(),
                app: App {
                    id: "6b1f0c9d8e7a4352b1c0d9e8f7a6b5c4d3e2f1a0918273645546372819a0b1c2"
                        .to_owned(),
                    secret: "c3d2e1f00f1e2d3c4b5a69788796a5b4".to_owned(),
                },
                login: CarrierLogin {
                    agent: "DemoCarrier".to_owned(),
                    account: "demo".to_owned(),
                    password: "demo-password".to_owned(),
                },
            },
            refresh_token: "9f8e7d6c5b4a39281706f5e4d3c2b1a0918273645f6e7d8c".to_owned(),
            rules: SessionRules::default(),
            clock: Box::new(SystemTime::now),
            script: Script::default(),
            listener: None,
            storage_listener: None,
            storage_uri: None,
            link_life: presign::LIFE,
        }
    }
}

impl AlbumServerBuilder {
    /// The number of files in the generated album: 0 to 1,000,000,000, and 250 by default. Larger
    /// numbers are reduced to the maximum.
    ///
    /// Files are generated when they are listed, so large albums take neither memory nor time.
    pub fn files(mut self, files: u64) -> Self {
        self.files = files;
        self
    }

    /// The id of the generated album. Its files depend on it.
    ///
    /// It is a personal collection album with the name "Demo album".
    pub fn album_id(mut self, album_id: impl Into<String>) -> Self {
        self.album_id = album_id.into();
        self
    }

    /// Adds a custom album with exactly these files: a manual album with this id, or one that an
    /// [`AlbumInfo`] describes. It replaces the generated album if it has the same id.
    /// `album("empty", [])` adds an empty album.
    ///
    /// The server sorts the files as it sorts generated ones: by the requested time, then by id.
    /// [`put_file`](AlbumServer::put_file) and [`remove_file`](AlbumServer::remove_file) change the
    /// album later.
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
        album: impl Into<AlbumInfo>,
        files: impl IntoIterator<Item = AlbumFile>,
    ) -> Self {
        self.add(album.into(), Contents::Custom(files.into_iter().collect()));
        self
    }

    /// Adds a generated album, with 0 to 1,000,000,000 files that depend on its id. It replaces the
    /// [first](Self::files) one if it has the same id.
    pub fn generated_album(mut self, album: impl Into<AlbumInfo>, files: u64) -> Self {
        let album = album.into();
        let contents = Contents::Generated(Album::new(&album.id, files));
        self.add(album, contents);
        self
    }

    fn add(&mut self, info: AlbumInfo, contents: Contents) {
        self.albums.insert(info.id.clone(), StoredAlbum { info, contents });
    }

    /// The user who owns the albums and the tokens.
    pub fn user_id(mut self, user_id: impl Into<String>) -> Self {
        self.account.user_id = user_id.into();
        self
    }

    /// The first access token. It may include a scheme, as the tokens of the service's login do.
    pub fn access_token(mut self, access_token: impl Into<String>) -> Self {
        self.account.access_token = access_token.into();
        self
    }

    /// The first refresh token.
    pub fn refresh_token(mut self, refresh_token: impl Into<String>) -> Self {
        self.refresh_token = refresh_token.into();
        self
    }

    /// The app whose signature is accepted instead of a token, and its secret.
    pub fn app_credentials(
        mut self,
        app_id: impl Into<String>,
        app_secret: impl Into<String>,
    ) -> Self {
        self.account.app = App { id: app_id.into(), secret: app_secret.into() };
        self
    }

    /// What a carrier's customer signs in with: the carrier's name (`x-hw-agentName`), the account and
    /// its password.
    pub fn carrier_login(
        mut self,
        agent_name: impl Into<String>,
        account: impl Into<String>,
        password: impl Into<String>,
    ) -> Self {
        let (agent, account, password) = (agent_name.into(), account.into(), password.into());
        self.account.login = CarrierLogin { agent, account, password };
        self
    }

    /// The lifetime of every access token, by the server's clock. The first token's lifetime begins when
    /// the server starts.
    ///
    /// By default the first token never expires, and tokens from a login or a refresh live for 1800
    /// seconds. Their `expiresIn` is in whole seconds: it leaves out a fraction, although the token lives
    /// that much longer.
    pub fn token_life(mut self, life: Duration) -> Self {
        self.rules.life = Some(life);
        self
    }

    /// Whether each refresh issues a new refresh token and invalidates the old one. By default the
    /// refresh token stays the same.
    pub fn rotating_refresh_tokens(mut self, rotating: bool) -> Self {
        self.rules.rotating = rotating;
        self
    }

    /// Whether a refreshed session is the reply's `data` itself, as in the vendor's table. By default it
    /// is in `data.sessionInfo`, as in the vendor's example.
    pub fn flat_sessions(mut self, flat: bool) -> Self {
        self.script.flat_sessions = flat;
        self
    }

    /// Delays every page, as a distant service would. Refusals and faults are not delayed.
    pub fn page_delay(mut self, delay: Duration) -> Self {
        self.script.page_delay = delay;
        self
    }

    /// Delays the reply to every successful refresh. The new token is valid as soon as the request has
    /// arrived.
    pub fn refresh_delay(mut self, delay: Duration) -> Self {
        self.script.refresh_delay = delay;
        self
    }

    /// The server's clock, by default the system's. It is read once for each request.
    ///
    /// It decides whether an `X-Date` is accepted and when tokens expire, and it stamps the `Date`
    /// header, the pre-signed URLs and `issuedAt`. With a [`token_life`](Self::token_life) it is also
    /// read when the server starts.
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Serves on this socket. By default the server takes a free loopback port.
    pub fn listener(mut self, listener: TcpListener) -> Self {
        self.listener = Some(listener);
        self
    }

    /// Starts the server. It accepts requests as soon as this returns.
    ///
    /// The server and its storage run on threads of their own, so any executor works, even `block_on`.
    /// Their clients may need more: `koodrive` and reqwest need a Tokio runtime.
    ///
    /// # Panics
    ///
    /// If no loopback port can be bound, or no thread started.
    #[allow(clippy::expect_used, reason = "a test without a server should fail here")]
    pub async fn start(mut self) -> AlbumServer {
        let bind = |listener: Option<TcpListener>| {
            let listener = listener.map_or_else(|| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)), Ok);
            listener.expect("no loopback port can be bound")
        };
        let storage = bind(self.storage_listener.take());
        let address = storage.local_addr().expect("a listener has an address");
        let uri = self.storage_uri.take().unwrap_or_else(|| format!("http://{address}"));
        let listener = bind(self.listener.take());
        AlbumServer::start(self.service(uri), listener, storage)
    }

    /// The service, whose links lead to `storage_uri`.
    pub(crate) fn service(self, storage_uri: String) -> Service {
        // Without a token life the clock is not read here, so that a test can count its readings.
        let now = || dates::from_system_time((self.clock)());
        let start = self.rules.life.map_or(Timestamp::UNIX_EPOCH, |_| now());
        let tokens =
            Tokens::new(&self.account.access_token, &self.refresh_token, self.rules, start);
        let mut albums = self.albums;
        let generated = || StoredAlbum {
            info: AlbumInfo::collection(&self.album_id).name("Demo album").cover(true),
            contents: Contents::Generated(Album::new(&self.album_id, self.files)),
        };
        albums.entry(self.album_id.clone()).or_insert_with(generated);
        Service {
            albums: Albums::new(albums),
            album_id: self.album_id,
            account: self.account,
            tokens: Mutex::new(tokens),
            clock: self.clock,
            script: self.script,
            log: Log::default(),
            links: Links {
                base: storage_uri.trim_end_matches('/').to_owned(),
                life: self.link_life,
            },
            downloads: DownloadLog::default(),
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

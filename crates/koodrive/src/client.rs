//! The client as its users see it: how it is built, and which operations it has.

mod env;

use std::sync::Arc;

pub use crate::calls::context::Client;
use crate::{
    albums::{content::AlbumContent, list_albums::ListAlbums, list_content::ListAlbumContent},
    auth::credentials::{Authorizer, Credentials},
    calls::{context::Context, policy::RetryPolicy, timeouts::Timeouts},
    download::Download,
    error::{Error, ErrorKind, Result},
    input,
    wire::{
        clock::{Clock, TimeSource},
        endpoint::{self, Endpoint},
        storage::Storage,
        transport::{Transport, http_client},
    },
};

impl Client {
    /// The defaults are the international site and the system's clock. A user id and credentials must be
    /// set.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Lists the user's albums (the vendor's "Listing Albums"). Nothing is sent yet.
    pub fn list_albums(&self) -> ListAlbums {
        ListAlbums::new(self.clone())
    }

    /// Lists the files of an album (the vendor's "Listing Album Files"). Nothing is sent yet.
    ///
    /// [`list_albums`](Self::list_albums) finds the ids of albums.
    pub fn list_album_content(&self, album_id: impl Into<String>) -> ListAlbumContent {
        ListAlbumContent::new(self.clone(), album_id.into())
    }

    /// Downloads a file of an album: to a path, whole or not at all, or as a stream of bytes. Nothing is sent
    /// yet.
    ///
    /// An expired link is renewed by listing the page of the file again. A file that was deserialised knows no
    /// page, and can be downloaded only as long as its link works.
    ///
    /// ```
    /// use futures::TryStreamExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use koodrive_testing::{AlbumFile, AlbumServer};
    /// # let files = [AlbumFile::new("F1").content("the sea"), AlbumFile::new("F2").content("a hill")];
    /// # let server = AlbumServer::builder().album("holidays", files).start().await;
    /// # let (client, album_id) = (server.client(), "holidays");
    /// # let folder = tempfile::tempdir()?;
    /// # let photos = folder.path();
    /// let mut files = client.list_album_content(album_id).stream();
    /// while let Some(file) = files.try_next().await? {
    ///     // In hexadecimal, an id is a safe file name on every system.
    ///     let name: String = file.id().bytes().map(|byte| format!("{byte:02x}")).collect();
    ///     client.download(&file).to_path(photos.join(name)).await?;
    /// }
    /// # assert_eq!(std::fs::read_to_string(photos.join("4631"))?, "the sea");
    /// # assert_eq!(std::fs::read_dir(photos)?.count(), 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn download(&self, file: &AlbumContent) -> Download {
        Download::new(self.clone(), file.clone())
    }

    /// Waits for a token refresh under way, if there is one.
    ///
    /// Call it before the runtime shuts down: a refresh that is cut off may have used up the refresh token
    /// of a [`Session`](crate::Session).
    pub async fn settle(&self) {
        self.0.authorizer.settle().await;
    }
}

debug_only!(Client, |it| endpoint: it.0.transport.endpoint.base);

/// Settings of a [`Client`]; from [`Client::builder`].
#[derive(Clone, Default)]
#[must_use = "nothing is built before `build`"]
pub struct ClientBuilder {
    endpoint: Option<String>,
    allow_plain_http: bool,
    user_id: Option<String>,
    credentials: Option<Credentials>,
    language: Option<String>,
    retry: RetryPolicy,
    timeouts: Timeouts,
    http: Option<reqwest::Client>,
    storage: Option<reqwest::Client>,
    clock: Clock,
}

impl ClientBuilder {
    /// The service's base URL: [`endpoint::INTERNATIONAL`], which is the default, [`endpoint::CHINA`], or that
    /// of a carrier or partner.
    pub fn endpoint(mut self, url: &str) -> Self {
        self.endpoint = Some(url.to_owned());
        self
    }

    /// Accepts a plain `http` endpoint on other machines, too. **The token then crosses the network
    /// unencrypted**, to a proxy if the environment names one.
    pub fn allow_plain_http(mut self, allow: bool) -> Self {
        self.allow_plain_http = allow;
        self
    }

    /// The KooDrive id of the user for whom requests are made (`X-User-Id`). Mandatory.
    pub fn user_id(mut self, id: impl Into<String>) -> Self {
        self.user_id = Some(id.into());
        self
    }

    /// How requests authenticate (`Authorization`). Mandatory.
    pub fn credentials(mut self, credentials: impl Into<Credentials>) -> Self {
        self.credentials = Some(credentials.into());
        self
    }

    /// The language of the service's messages (`language`): `en_us`, `zh-CN`, …, sent unchanged. The vendor's
    /// pages disagree about its form.
    pub fn language(mut self, code: impl Into<String>) -> Self {
        self.language = Some(code.into());
        self
    }

    /// When requests are retried. The default fits most programs.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// The time limits.
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Sends requests through your own HTTP client, for its proxy, its root certificates or its connection
    /// pool.
    ///
    /// Build it with these settings:
    ///
    /// - `redirect(Policy::none())` and `referer(false)`: otherwise a redirect takes the user id, and the
    ///   `Referer` a cursor, to other hosts.
    /// - `retry(reqwest::retry::never())`: the [`RetryPolicy`] decides about retries.
    /// - `connect_timeout` and `read_timeout`: reqwest has no default, and those of [`Timeouts`] do not apply.
    /// - `http2_keep_alive_interval` and `http2_keep_alive_timeout`, together shorter than the `read_timeout`:
    ///   otherwise every attempt uses the same dead connection.
    ///
    /// The [guide](crate::guide#bring-your-own-http-client) has a complete example.
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.http = Some(client);
        self
    }

    /// Downloads files through your own HTTP client, for its proxy, its root certificates or its connection
    /// pool.
    ///
    /// It fetches from the service's storage, and never sees a token. Do not share it with anything that adds
    /// headers or cookies. Build it with these settings:
    ///
    /// - `redirect(Policy::none())` and `referer(false)`: otherwise links, which are secrets, reach other hosts.
    /// - `retry(reqwest::retry::never())`: the [`RetryPolicy`] decides about retries.
    /// - `connect_timeout` and `read_timeout`: reqwest has no default, and those of [`Timeouts`] do not apply.
    ///   No `timeout`: it would limit the time of a whole file.
    /// - `no_gzip()`, and so on, if reqwest's features for content codings are enabled.
    pub fn storage_client(mut self, client: reqwest::Client) -> Self {
        self.storage = Some(client);
        self
    }

    /// Reads the time from `source` instead of the system's clock.
    pub fn time_source(mut self, source: impl TimeSource) -> Self {
        self.clock = Clock::new(Arc::new(source));
        self
    }

    /// Checks the settings. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) for an invalid setting,
    /// [`Credentials`](ErrorKind::Credentials) without credentials, [`Tls`](ErrorKind::Tls) if the system has
    /// no usable root certificates, or if the program was built without TLS.
    ///
    /// # Panics
    ///
    /// With the feature `rustls-no-provider`, if the program has not installed a crypto provider.
    pub fn build(self) -> Result<Client> {
        let endpoint = self.endpoint.as_deref().unwrap_or(endpoint::INTERNATIONAL);
        let endpoint = Endpoint::parse(endpoint, self.allow_plain_http)?;
        let no_user = || Error::invalid("no user id; set `user_id` to a KooDrive user id");
        let user_id = self.user_id.ok_or_else(no_user)?;
        input::word("user id", &user_id)?;
        if let Some(language) = &self.language {
            input::word("language", language)?;
        }
        let message = "no credentials; set `credentials` to an access token";
        let no_credentials = || Error::new(ErrorKind::Credentials, message);
        let credentials = self.credentials.ok_or_else(no_credentials)?;
        let (retry, timeouts) = (self.retry.checked()?, self.timeouts.checked()?);
        let http = self
            .http
            .map_or_else(|| http_client(&endpoint, timeouts.connect, timeouts.read), Ok)?;
        let given = self.storage.map(|client| Arc::new(client) as _);
        let storage = Storage::new(given, &endpoint, timeouts.connect, timeouts.read);
        let transport = Transport::new(endpoint, http, self.clock, retry.codes.clone());
        let authorizer = Authorizer::new(credentials, &transport)?;
        let (budget, language) = (retry.new_budget(), self.language);
        let context =
            Context { transport, storage, authorizer, retry, budget, timeouts, user_id, language };
        Ok(Client(Arc::new(context)))
    }
}

debug_only!(ClientBuilder, |_|);

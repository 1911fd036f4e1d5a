//! The client: what all requests share.

mod env;

use std::{fmt, sync::Arc};

use crate::{
    albums::list_content::ListAlbumContent,
    auth::Auth,
    auth::credentials::Credentials,
    calls::timeouts::Timeouts,
    calls::{budget::Budget, policy::RetryPolicy},
    error::{Error, ErrorKind, Result},
    input,
    wire::clock::{Clock, TimeSource},
    wire::endpoint::{self, Endpoint},
    wire::transport::{Transport, http_client},
};

/// A client of the KooDrive service, for one user.
///
/// Cheap to clone; clones share connections, credentials and the budget for retries.
///
/// ```
/// use koodrive::{AccessToken, Client};
///
/// # fn main() -> koodrive::Result<()> {
/// let client = Client::builder()
///     .user_id("1765263620687613825")
///     .credentials(AccessToken::new("013b911d723003f7"))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client(pub(crate) Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) transport: Transport,
    pub(crate) auth: Auth,
    pub(crate) retry: RetryPolicy,
    pub(crate) budget: Budget,
    pub(crate) timeouts: Timeouts,
    pub(crate) user_id: String,
    pub(crate) language: Option<String>,
}

impl Client {
    /// Starts with the international site and the system's clock; a user id and credentials must be
    /// given.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Lists the files of an album (the vendor's "Listing Album Files"). Nothing is sent yet.
    ///
    /// An album's id is what creating the album returned.
    pub fn list_album_content(&self, album_id: impl Into<String>) -> ListAlbumContent {
        ListAlbumContent::new(self.clone(), album_id.into())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &self.0.transport.endpoint.base)
            .finish_non_exhaustive()
    }
}

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
    clock: Clock,
}

impl ClientBuilder {
    /// The service's base URL: [`endpoint::INTERNATIONAL`] unless set, [`endpoint::CHINA`], or a
    /// carrier's or partner's own.
    pub fn endpoint(mut self, url: &str) -> Self {
        self.endpoint = Some(url.to_owned());
        self
    }

    /// Takes a plain `http` endpoint also where it is not this machine. **The token then crosses the
    /// network in the clear**, to a proxy if the environment names one.
    pub fn allow_plain_http(mut self, allow: bool) -> Self {
        self.allow_plain_http = allow;
        self
    }

    /// The KooDrive id of the user on whose behalf requests are made (`X-User-Id`). Mandatory.
    pub fn user_id(mut self, id: impl Into<String>) -> Self {
        self.user_id = Some(id.into());
        self
    }

    /// How requests authenticate (`Authorization`). Mandatory.
    pub fn credentials(mut self, credentials: impl Into<Credentials>) -> Self {
        self.credentials = Some(credentials.into());
        self
    }

    /// The language of the service's messages (`language`): `en_us`, `zh-CN`, …, sent as given. The
    /// vendor's pages differ about its form.
    pub fn language(mut self, code: impl Into<String>) -> Self {
        self.language = Some(code.into());
        self
    }

    /// When a page is tried again after an error. Anything but the default is for special needs.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How long to wait, and for what.
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Sends requests through a client of your own, for its proxy, its root certificates or its
    /// connection pool.
    ///
    /// Build it with `redirect(Policy::none())` and `referer(false)`, or a redirect carries the user
    /// id, and the `Referer` a cursor, to wherever it leads; with `retry(reqwest::retry::never())`,
    /// because that is decided by the [`RetryPolicy`]; with a `connect_timeout` and a
    /// `read_timeout`: reqwest has none by default, and those of [`Timeouts`] are set where the client is
    /// built; and with `http2_keep_alive_interval` and `http2_keep_alive_timeout`, together shorter than
    /// the `read_timeout`, or every attempt goes to the same dead connection. The
    /// [guide](crate#bring-your-own-http-client) has it in full.
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.http = Some(client);
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
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a setting that cannot be used,
    /// [`Credentials`](ErrorKind::Credentials) without credentials, [`Tls`](ErrorKind::Tls) where
    /// the system has no usable root certificates, or the program was built without TLS.
    ///
    /// # Panics
    ///
    /// With the feature `rustls-no-provider`, if the program has installed no crypto provider.
    pub fn build(self) -> Result<Client> {
        let endpoint = self.endpoint.as_deref().unwrap_or(endpoint::INTERNATIONAL);
        let endpoint = Endpoint::parse(endpoint, self.allow_plain_http)?;
        let user_id = self
            .user_id
            .ok_or_else(|| Error::invalid("no user id; set `user_id` to a KooDrive user id"))?;
        input::word("user id", &user_id)?;
        if let Some(language) = &self.language {
            input::word("language", language)?;
        }
        let credentials = self.credentials.ok_or_else(|| {
            Error::new(
                ErrorKind::Credentials,
                "no credentials; set `credentials` to an access token",
            )
        })?;
        let (retry, timeouts) = (self.retry.checked()?, self.timeouts.checked()?);
        let http = self.http.map_or_else(|| http_client(&endpoint, &timeouts), Ok)?;
        let transport = Transport {
            endpoint: Arc::new(endpoint),
            wire: Arc::new(http.clone()),
            http,
            clock: self.clock,
            codes: Arc::new(retry.codes.clone()),
        };
        let auth = Auth::new(credentials, &transport)?;
        let (budget, language) = (retry.new_budget(), self.language);
        Ok(Client(Arc::new(Shared { transport, auth, retry, budget, timeouts, user_id, language })))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").finish_non_exhaustive()
    }
}

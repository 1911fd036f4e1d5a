//! The server that a test starts: a [`Service`] behind a socket.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use koodrive::{AccessToken, TimeSource};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer};

use crate::album::Album;
use crate::fault::Fault;
use crate::record::{Log, ReceivedRequest};
use crate::request::Account;
use crate::service::{Clock, Service};

/// A KooDrive album server on a loopback port of this process, with one account and one album.
///
/// It serves until it is dropped; replies that are then still owed are not sent. Its port is its own,
/// so tests that each start one can run side by side. See the [crate documentation](crate) for an
/// example and for what it checks.
///
/// It keeps what it received for as long as it lives: about ten kilobytes for each request, most of
/// them wiremock's own.
#[must_use = "dropping the server stops it"]
pub struct AlbumServer {
    socket: MockServer,
    service: Arc<Service>,
}

impl AlbumServer {
    /// An album of 250 files, a default account and the system's clock, all of which can be set.
    pub fn builder() -> AlbumServerBuilder {
        AlbumServerBuilder::new()
    }

    /// The endpoint to give to a client: `http://127.0.0.1:<port>`, without a slash at the end.
    pub fn uri(&self) -> String {
        self.socket.uri()
    }

    /// The id of the one album that there is.
    pub fn album_id(&self) -> &str {
        &self.service.album_id
    }

    /// The user whose album it is: what `X-User-Id` has to say.
    pub fn user_id(&self) -> &str {
        &self.service.account.user_id
    }

    /// The token to send in `Authorization`: as it is, or after `Bearer `, `Bearer+` or `AT `.
    pub fn access_token(&self) -> &str {
        &self.service.account.access_token
    }

    /// A client of this server: its endpoint, its account and its clock.
    ///
    /// # Panics
    ///
    /// If the user id or the token that the builder was given is none that a client accepts.
    #[allow(clippy::expect_used, reason = "a test that set a bad account should fail here")]
    pub fn client(&self) -> koodrive::Client {
        self.client_builder().build().expect("the account of the AlbumServer suits no client")
    }

    /// The settings of [`client`](Self::client), to be changed before it is built.
    pub fn client_builder(&self) -> koodrive::ClientBuilder {
        koodrive::Client::builder()
            .endpoint(&self.uri())
            .user_id(self.user_id())
            .credentials(AccessToken::new(self.access_token()))
            .time_source(ServerTime(Arc::clone(&self.service)))
    }

    /// Every request since the start, in the order received, the refused ones too.
    pub fn received_requests(&self) -> Vec<ReceivedRequest> {
        self.service.log.requests()
    }

    /// The `pageCursor` of every list request since the start, decoded; `None` where there was none.
    ///
    /// A list request is a `GET` of `/koodrive/ose/v1/album/{albumId}/list` for whatever album,
    /// whether it was then answered with a page, a refusal or a fault.
    pub fn received_cursors(&self) -> Vec<Option<String>> {
        self.service.log.cursors()
    }
}

impl fmt::Debug for AlbumServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AlbumServer")
            .field("uri", &self.uri())
            .field("album_id", &self.album_id())
            .field("files", &self.service.album.files())
            .finish_non_exhaustive()
    }
}

/// What an [`AlbumServer`] is to serve; from [`AlbumServer::builder`].
#[must_use = "nothing listens until `start` is awaited"]
pub struct AlbumServerBuilder {
    files: u64,
    album_id: String,
    account: Account,
    clock: Clock,
    faults: BTreeMap<usize, Fault>,
}

impl AlbumServerBuilder {
    fn new() -> Self {
        Self {
            files: 250,
            album_id: "1795607640592646273".to_owned(),
            account: Account {
                user_id: "1765263620687613825".to_owned(),
                access_token: "5e1fa1b0c2d34e5f60718293a4b5c6d7e8f9010203040506".to_owned(),
            },
            clock: Box::new(SystemTime::now),
            faults: BTreeMap::new(),
        }
    }

    /// How many files the album has: 0 to 1,000,000,000 (more is taken as that); 250 if not set.
    ///
    /// Files are computed when they are listed, so their number costs neither memory nor time.
    pub fn files(mut self, files: u64) -> Self {
        self.files = files;
        self
    }

    /// The album's id; the album's files depend on it.
    pub fn album_id(mut self, album_id: impl Into<String>) -> Self {
        self.album_id = album_id.into();
        self
    }

    /// The user to whom the album and the token belong.
    pub fn user_id(mut self, user_id: impl Into<String>) -> Self {
        self.account.user_id = user_id.into();
        self
    }

    /// The token that is accepted. It may have a scheme in front, as the service's login gives it.
    pub fn access_token(mut self, access_token: impl Into<String>) -> Self {
        self.account.access_token = access_token.into();
        self
    }

    /// The server's own clock, read once for each request; the system's if not set.
    ///
    /// By it `X-Date` is judged, and the `Date` header and the pre-signed URLs are stamped.
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Answers one list request with `fault` instead, whatever the request says.
    ///
    /// `request_number` counts the list requests received, from 0, retries included. A second fault
    /// for the same request takes the place of the first.
    pub fn fault(mut self, request_number: usize, fault: Fault) -> Self {
        self.faults.insert(request_number, fault);
        self
    }

    /// Starts the server; it accepts requests when this returns. Needs a Tokio runtime.
    ///
    /// # Panics
    ///
    /// If no loopback port can be bound.
    pub async fn start(self) -> AlbumServer {
        let service = Arc::new(Service {
            album: Album::new(&self.album_id, self.files),
            album_id: self.album_id,
            account: self.account,
            clock: self.clock,
            faults: self.faults,
            log: Log::default(),
        });
        let socket = MockServer::builder().disable_request_recording().start().await;
        Mock::given(any()).respond_with(responder(&service)).mount(&socket).await;
        AlbumServer { socket, service }
    }
}

impl fmt::Debug for AlbumServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AlbumServerBuilder")
            .field("files", &self.files)
            .field("album_id", &self.album_id)
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}

/// The server's clock as a client reads it, so that a server with a clock of its own can be used.
struct ServerTime(Arc<Service>);

impl TimeSource for ServerTime {
    fn now(&self) -> SystemTime {
        (self.0.clock)()
    }
}

fn responder(service: &Arc<Service>) -> impl wiremock::Respond + 'static {
    let service = Arc::clone(service);
    move |request: &wiremock::Request| service.respond(request.into())
}

#[cfg(test)]
mod tests;

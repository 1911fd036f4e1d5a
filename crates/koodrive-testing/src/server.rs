//! The server that a test starts: a [`Service`] behind a socket.

mod time;

use std::fmt;
use std::net::TcpListener;
use std::sync::Arc;

use koodrive::AccessToken;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer};

use self::time::ServerTime;
use crate::albums::file::AlbumFile;
use crate::requests::received::ReceivedRequest;
use crate::service::Service;

/// A KooDrive album server on a loopback port of this process, with one account and its albums.
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
    pub(crate) async fn start(service: Service, listener: Option<TcpListener>) -> Self {
        let service = Arc::new(service);
        let builder = MockServer::builder().disable_request_recording();
        let builder = match listener {
            Some(listener) => builder.listener(listener),
            None => builder,
        };
        let socket = builder.start().await;
        Mock::given(any()).respond_with(responder(&service)).mount(&socket).await;
        Self { socket, service }
    }

    /// The endpoint to give to a client: `http://127.0.0.1:<port>`, without a slash at the end.
    pub fn uri(&self) -> String {
        self.socket.uri()
    }

    /// The id of the computed album.
    pub fn album_id(&self) -> &str {
        &self.service.album_id
    }

    /// The user whose album it is: what `X-User-Id` has to say.
    pub fn user_id(&self) -> &str {
        &self.service.account.user_id
    }

    /// The first token to send in `Authorization`: as it is, or after `Bearer `, `Bearer+` or `AT `.
    pub fn access_token(&self) -> &str {
        &self.service.account.access_token
    }

    /// The token that the latest refresh handed out, with its `AT `; before any, the first one.
    pub fn newest_access_token(&self) -> String {
        self.service.tokens().newest_access_token().to_owned()
    }

    /// The one refresh token that the next refresh may bring.
    pub fn refresh_token(&self) -> String {
        self.service.tokens().refresh_token().to_owned()
    }

    /// The app whose signature is accepted in place of a token.
    pub fn app_id(&self) -> &str {
        &self.service.account.app.id
    }

    /// The secret that the app signs with.
    pub fn app_secret(&self) -> &str {
        &self.service.account.app.secret
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
            .time_source(ServerTime::starting_now(Arc::clone(&self.service)))
    }

    /// Adds a file to an album of your own, or puts it in the place of the one of the same id, also
    /// while the album is listed.
    ///
    /// Cursors count files. So one that is added before the place that a listing has reached makes it
    /// see a file twice, and one that is removed there makes it miss one: the vendor does not say how
    /// the service fares, and this is the worst of it.
    ///
    /// # Panics
    ///
    /// If there is no album of your own of this id: computed ones do not change.
    #[track_caller]
    pub fn put_file(&self, album_id: &str, file: AlbumFile) {
        assert!(self.service.albums.put(album_id, file), "{album_id:?} is no album of your own");
    }

    /// Takes a file out of an album of your own, also while the album is listed.
    ///
    /// # Panics
    ///
    /// If no album of your own of this id has such a file.
    #[track_caller]
    pub fn remove_file(&self, album_id: &str, file_id: &str) {
        let was_there = self.service.albums.remove(album_id, file_id);
        assert!(was_there, "no album of your own {album_id:?} with a file {file_id:?}");
    }

    /// Refuses an access token from now on, with status 401, whatever is left of its life.
    ///
    /// A scheme before it is ignored. It can still be refreshed with, as an expired one can; a text
    /// that is no token of this server changes nothing.
    pub fn revoke(&self, access_token: &str) {
        self.service.tokens().revoke(access_token);
    }

    /// Refuses every access token handed out until now, as [`revoke`](Self::revoke) does one.
    pub fn revoke_all(&self) {
        self.service.tokens().revoke_all();
    }

    /// How many access tokens were handed out by refreshes: the successful ones, whether or not the
    /// reply arrived.
    pub fn issued_tokens(&self) -> usize {
        self.service.tokens().refreshes()
    }

    /// Every request since the start, in the order received, the refused ones too.
    pub fn received_requests(&self) -> Vec<ReceivedRequest> {
        self.service.log.requests()
    }

    /// Checks that every fault of the script was used: a test whose fault never came tests nothing.
    ///
    /// # Panics
    ///
    /// If a fault is left; the message says for which request.
    #[track_caller]
    pub fn assert_faults_used(&self) {
        let log = &self.service.log;
        let unused = self.service.script.unused(log.list_count(), log.refresh_count());
        assert!(
            unused.is_empty(),
            "faults that were never used, for want of requests: {}",
            unused.join(", ")
        );
    }

    /// How many refresh requests came, whether then answered with a session, a refusal or a fault.
    ///
    /// A refresh request is a `POST` of `/koodrive/ose/v1/auth/refreshToken`.
    pub fn received_refreshes(&self) -> usize {
        self.service.log.refresh_count()
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
            .field("albums", &self.service.albums.lock().len())
            .finish_non_exhaustive()
    }
}

fn responder(service: &Arc<Service>) -> impl wiremock::Respond + 'static {
    let service = Arc::clone(service);
    move |request: &wiremock::Request| service.respond(ReceivedRequest::new(request))
}

#[cfg(test)]
mod tests;

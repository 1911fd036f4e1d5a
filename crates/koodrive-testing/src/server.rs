//! The server that a test starts: a [`Service`] behind a socket.

mod time;

use std::fmt;
use std::net::TcpListener;
use std::sync::Arc;

use koodrive::AccessToken;

use self::time::ServerTime;
use crate::albums::file::AlbumFile;
use crate::replies::reply::Reply;
use crate::requests::received::ReceivedRequest;
use crate::requests::route::Call;
use crate::service::Service;
use crate::socket::{Responder, Socket};
use crate::storage::log::ReceivedDownload;

/// A KooDrive album server on a loopback port of this process, with one account and its albums.
///
/// ```
/// use futures::TryStreamExt;
/// use koodrive_testing::AlbumServer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> koodrive::Result<()> {
/// let server = AlbumServer::builder().files(3).start().await;
/// let files = server.client().list_album_content(server.album_id()).stream();
/// assert_eq!(files.try_collect::<Vec<_>>().await?.len(), 3);
/// assert_eq!(server.received_requests()[0].parameter("pageSize").as_deref(), Some("100"));
/// # Ok(())
/// # }
/// ```
///
/// Each server has a port of its own, so tests can run side by side. The server stops when it is
/// dropped; replies still pending are not sent. The [crate documentation](crate) says what it checks.
///
/// The server keeps every request until it is dropped: about two kilobytes each.
#[must_use = "dropping the server stops it"]
pub struct AlbumServer {
    uri: String,
    _sockets: [Socket; 2],
    service: Arc<Service>,
}

impl AlbumServer {
    #[allow(clippy::expect_used, reason = "a test without a server should fail here")]
    pub(crate) fn start(service: Service, listener: TcpListener, storage: TcpListener) -> Self {
        let address = listener.local_addr().expect("a listener has an address");
        let service = Arc::new(service);
        let start = |listener, respond: fn(&Service, ReceivedRequest) -> Option<Reply>| {
            let service = Arc::clone(&service);
            let responder: Arc<Responder> = Arc::new(move |request| respond(&service, request));
            Socket::start(listener, responder).expect("the server cannot be started")
        };
        let sockets = [start(listener, Service::respond), start(storage, Service::download)];
        Self { uri: format!("http://{address}"), _sockets: sockets, service }
    }

    /// The endpoint for a client: `http://127.0.0.1:<port>`, without a trailing slash.
    pub fn uri(&self) -> String {
        self.uri.clone()
    }

    /// The URL that links start with, such as `http://127.0.0.1:<port>`: the storage's, unless
    /// [`storage_uri`](crate::AlbumServerBuilder::storage_uri) set another.
    pub fn storage_uri(&self) -> &str {
        &self.service.links.base
    }

    /// The id of the generated album.
    pub fn album_id(&self) -> &str {
        &self.service.album_id
    }

    /// The owner of the albums: the expected value of `X-User-Id`.
    pub fn user_id(&self) -> &str {
        &self.service.account.user_id
    }

    /// The first access token. `Authorization` may hold it as it is, or after `Bearer `, `Bearer+` or
    /// `AT `.
    pub fn access_token(&self) -> &str {
        &self.service.account.access_token
    }

    /// The access token that the latest login or refresh issued, including its `AT `. Before that, the
    /// first one.
    pub fn newest_access_token(&self) -> String {
        self.service.tokens().newest_access_token().to_owned()
    }

    /// The refresh token of the latest login or refresh. Before that, the first one. Each session has one.
    pub fn refresh_token(&self) -> String {
        self.service.tokens().refresh_token().to_owned()
    }

    /// The app whose signature is accepted instead of a token.
    pub fn app_id(&self) -> &str {
        &self.service.account.app.id
    }

    /// The app's secret, which signs its requests.
    pub fn app_secret(&self) -> &str {
        &self.service.account.app.secret
    }

    /// The carrier's name, which a login must send as `x-hw-agentName`.
    pub fn agent_name(&self) -> &str {
        &self.service.account.login.agent
    }

    /// The account that can sign in.
    pub fn login_account(&self) -> &str {
        &self.service.account.login.account
    }

    /// The account's password.
    pub fn login_password(&self) -> &str {
        &self.service.account.login.password
    }

    /// A client with this server's endpoint, account and clock.
    ///
    /// # Panics
    ///
    /// If the builder was given a user id or a token that the client rejects.
    #[allow(clippy::expect_used, reason = "a test that set a bad account should fail here")]
    pub fn client(&self) -> koodrive::Client {
        self.client_builder().build().expect("the client rejects the account of this AlbumServer")
    }

    /// A builder with the settings of [`client`](Self::client), for tests that change some of them.
    pub fn client_builder(&self) -> koodrive::ClientBuilder {
        koodrive::Client::builder()
            .endpoint(&self.uri())
            .user_id(self.user_id())
            .credentials(AccessToken::new(self.access_token()))
            .time_source(ServerTime::starting_now(Arc::clone(&self.service)))
    }

    /// Adds a file to a custom album, or replaces the file with the same id. This works while the album
    /// is being listed.
    ///
    /// Cursors count files. If a file is added before the point that a listing has reached, the listing
    /// sees one file twice; if one is removed there, it misses a file. The vendor does not document
    /// this case; the server simulates the worst.
    ///
    /// # Panics
    ///
    /// If no custom album has this id. The generated album cannot change.
    #[track_caller]
    pub fn put_file(&self, album_id: &str, file: AlbumFile) {
        let was_put = self.service.albums.put(album_id, file);
        assert!(was_put, "there is no custom album {album_id:?}");
    }

    /// Removes a file from a custom album. This works while the album is being listed.
    ///
    /// # Panics
    ///
    /// If no custom album with this id has such a file.
    #[track_caller]
    pub fn remove_file(&self, album_id: &str, file_id: &str) {
        let was_there = self.service.albums.remove(album_id, file_id);
        assert!(was_there, "there is no custom album {album_id:?} with a file {file_id:?}");
    }

    /// Revokes an access token before it expires. List requests with it get status 401.
    ///
    /// A scheme before the token is ignored. Like an expired token, a revoked one can still be
    /// refreshed. Revoking an unknown token has no effect.
    pub fn revoke(&self, access_token: &str) {
        self.service.tokens().revoke(access_token);
    }

    /// [Revokes](Self::revoke) every access token issued so far.
    pub fn revoke_all(&self) {
        self.service.tokens().revoke_all();
    }

    /// The number of access tokens that refreshes have issued, including those whose reply never
    /// arrived.
    pub fn issued_tokens(&self) -> usize {
        self.service.tokens().refreshes()
    }

    /// Every request since the start, in the order received, including refused ones.
    pub fn received_requests(&self) -> Vec<ReceivedRequest> {
        self.service.log.requests()
    }

    /// Every request to the storage since the start, in the order received, including refused ones. They
    /// are not among [`received_requests`](Self::received_requests).
    ///
    /// ```
    /// use koodrive_testing::{AlbumFile, AlbumServer};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sea = AlbumFile::new("F1").content("the sea");
    /// let server = AlbumServer::builder().album("holidays", [sea]).start().await;
    /// let page = server.client().list_album_content("holidays").send().await?;
    /// let link = page.contents()[0].content_url().unwrap();
    ///
    /// let part = reqwest::Client::new().get(link.as_str()).header("range", "bytes=4-").send().await?;
    /// assert_eq!(part.text().await?, "sea");
    ///
    /// let downloads = server.received_downloads();
    /// assert_eq!((downloads[0].file_id(), downloads[0].bytes_sent()), (Some("F1"), 3));
    /// assert_eq!(downloads[0].header("authorization"), None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn received_downloads(&self) -> Vec<ReceivedDownload> {
        self.service.downloads.requests()
    }

    /// Asserts that every fault was sent. A test whose fault was never sent tests nothing.
    ///
    /// # Panics
    ///
    /// If a fault was not sent. The message names the request that it was meant for.
    #[track_caller]
    pub fn assert_faults_used(&self) {
        let Service { log, downloads, script, .. } = &*self.service;
        let unused = script.unused(|call| match call {
            Call::Download => downloads.count(),
            call => log.count(call),
        });
        assert!(
            unused.is_empty(),
            "these requests never arrived, so their faults were not sent: {}",
            unused.join(", ")
        );
    }

    /// The number of refresh requests received, whether the reply was a session, a refusal or a fault.
    ///
    /// A refresh request is a `POST` to `/koodrive/ose/v1/auth/refreshToken`.
    pub fn received_refreshes(&self) -> usize {
        self.service.log.count(Call::Refresh)
    }

    /// The number of requests for the list of albums, whatever the reply was: `GET` of
    /// `/koodrive/ose/v1/album/list`.
    pub fn received_album_lists(&self) -> usize {
        self.service.log.count(Call::Albums)
    }

    /// The number of logins received, whatever the reply was: `POST` to `/koodrive/ose/v1/auth/login`.
    pub fn received_logins(&self) -> usize {
        self.service.log.count(Call::Login)
    }

    /// The number of logouts received, whatever the reply was: `POST` to `/koodrive/ose/v1/auth/logout`.
    pub fn received_logouts(&self) -> usize {
        self.service.log.count(Call::Logout)
    }

    /// The decoded `pageCursor` of every list request since the start; `None` if a request had none.
    ///
    /// A list request is a `GET` of `/koodrive/ose/v1/album/{albumId}/list` for any album, whether the
    /// reply was a page, a refusal or a fault.
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

#[cfg(test)]
mod tests;

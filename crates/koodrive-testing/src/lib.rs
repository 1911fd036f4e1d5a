//! A KooDrive album server in your own process, for tests and demos.
//!
//! [`AlbumServer`] listens on a free port of the loopback interface and answers
//! `GET /koodrive/ose/v1/album/{albumId}/list` the way the service does: it checks the token or the
//! signature, the date window, the user, the trace id and every parameter, sorts by three keys in two
//! directions, pages behind opaque cursors, and answers mistakes in the service's own envelope.
//! `POST /koodrive/ose/v1/auth/refreshToken` renews the session.
//!
//! ```
//! use futures::TryStreamExt;
//! use koodrive_testing::{AlbumServer, Fault};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let server = AlbumServer::builder()
//!     .files(250)
//!     .fault(2, Fault::status(503).header("retry-after", "0")) // the third list request fails
//!     .start()
//!     .await;
//!
//! let files = server.client().list_album_content(server.album_id()).stream();
//! assert_eq!(files.try_collect::<Vec<_>>().await.unwrap().len(), 250);
//!
//! // The page that failed was asked for again.
//! let cursors = server.received_cursors();
//! assert_eq!((cursors.len(), &cursors[2]), (4, &cursors[3]));
//! # }
//! ```
//!
//! Other clients can be tested too: point them at [`AlbumServer::uri`], with
//! [`access_token`](AlbumServer::access_token) and [`user_id`](AlbumServer::user_id).
//!
//! # A test of your own code
//!
//! Code that takes a [`Client`](koodrive::Client) and an album id can be tested as it is. A [`Fault`]
//! takes the place of one reply; which, is counted over all list requests, retries included:
//!
//! ```
//! use futures::TryStreamExt;
//! use koodrive::ListAlbumContent;
//! use koodrive_testing::{AlbumServer, Fault};
//!
//! /// The code to be tested.
//! async fn copy_names(album: ListAlbumContent, names: &mut Vec<String>) -> koodrive::Result<()> {
//!     let mut files = album.stream();
//!     while let Some(file) = files.try_next().await? {
//!         names.push(file.file_name().unwrap_or("?").to_owned());
//!     }
//!     Ok(())
//! }
//!
//! # mod tokio { pub use ::tokio::*; pub use ::tokio::main as test; } // so that it runs here
//! #[tokio::test]
//! async fn a_copy_that_was_refused_goes_on_where_it_stood() {
//!     // The second page meets an overload, which passes, and then a refusal, which does not.
//!     let server = AlbumServer::builder()
//!         .files(250)
//!         .fault(1, Fault::status(503))
//!         .fault(2, Fault::status(403))
//!         .start()
//!         .await;
//!     let album = server.client().list_album_content(server.album_id());
//!     let mut names = Vec::new();
//!
//!     let error = copy_names(album.clone(), &mut names).await.unwrap_err();
//!     assert_eq!((names.len(), error.status()), (100, Some(403)));
//!
//!     let checkpoint = error.checkpoint().unwrap().clone();
//!     copy_names(album.resume(checkpoint), &mut names).await.unwrap();
//!     assert_eq!(names.len(), 250);
//!
//!     // Each page was asked for once, but for the second, which took three requests.
//!     let cursors = server.received_cursors();
//!     assert_eq!(cursors.len(), 5);
//!     assert!(cursors[1] == cursors[2] && cursors[2] == cursors[3]);
//!     server.assert_faults_used();
//! }
//! # fn main() { a_copy_that_was_refused_goes_on_where_it_stood() }
//! ```
//!
//! What was received can be looked at in three ways:
//! [`received_cursors`](AlbumServer::received_cursors) for how an album was paged,
//! [`received_requests`](AlbumServer::received_requests) for each request with its album, parameters,
//! headers and time, and [`assert_faults_used`](AlbumServer::assert_faults_used) for whether the
//! script was played to its end.
//!
//! The server runs on a thread and a port of its own. So it works under `#[tokio::test]` of either
//! flavour, under other executors, in a plain `#[test]` by `block_on`, and with others beside it. The
//! client is another matter: `koodrive` needs a Tokio runtime.
//!
//! # The albums
//!
//! There is always one that is **computed**, [`AlbumServerBuilder::files`] long. Its files follow from
//! its id and are made when they are asked for, so a million of them cost no memory, and the same id and
//! number of files give the same album in every run. Photos were taken from January 2021, uploaded from
//! September 2022 and last edited from April 2024 on, up to the end of September 2025. Many share a time
//! to the millisecond; such ties are broken by id.
//!
//! **Your own** have the files that you give them, each an [`AlbumFile`]: any number of albums by
//! [`AlbumServerBuilder::album`], which [`put_file`](AlbumServer::put_file) and
//! [`remove_file`](AlbumServer::remove_file) change while they are listed. A file with
//! [`content`](AlbumFile::content) can be downloaded; the links of all others lead nowhere.
//!
//! # Credentials
//!
//! A list request is let through with an access token, or with the signature of the app
//! ([`app_id`](AlbumServer::app_id), [`app_secret`](AlbumServer::app_secret)). Access tokens stay valid
//! until they expire or are revoked, so that several can be valid at a time; each refresh hands out one
//! more. They are computed like the album is, and so are the same in every run.
//!
//! A signature is computed again from the request that was received: path segments and query are
//! decoded and spelt anew by RFC 3986, parameters sorted by name, values of headers trimmed. The
//! header must be written as `HMAC-SHA256 AppId=…,SignedHeaders=host;x-date;x-user-id,Signature=…`:
//! no spaces after the commas, names in small letters and ascending, `x-date` and `x-user-id` among them.
//!
//! # What the vendor does not say
//!
//! The vendor documents no reply for a bad token, date or user; they get status 401 and an envelope
//! whose `code` is 401. `X-Date` and `X-User-Id` are demanded with every list request, because the
//! reference marks both as mandatory. A `+` in a query means a space, as in an HTML form, so a
//! cursor whose `+` was not percent-encoded is refused.
//!
//! A bad signature, or one whose date is outside the window, gets status 401 and `APIG.0303` with the
//! words of Huawei Cloud's API gateway, whose scheme it follows. Like the gateway, these words repeat
//! what was received: **the canonical request, with the cursor in it**. Clients should not print them.
//!
//! A refresh must bring an access token that was handed out at some time; expired and revoked ones
//! will do, since the vendor does not say whether "the current" one may have expired. It needs neither
//! date nor user, and takes no signature. An unknown refresh token is answered like any bad parameter:
//! status 400, `code` 13000102.

mod albums;
mod auth;
mod builder;
mod calls;
mod dates;
mod hash;
mod replies;
mod requests;
mod script;
mod server;
mod service;

pub use albums::file::AlbumFile;
pub use builder::AlbumServerBuilder;
pub use replies::fault::Fault;
pub use requests::received::ReceivedRequest;
pub use server::AlbumServer;

/// The README's example runs.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

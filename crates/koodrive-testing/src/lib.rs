//! A KooDrive album server in your own process, for tests and demos.
//!
//! [`AlbumServer`] listens on a free loopback port and answers
//! `GET /koodrive/ose/v1/album/{albumId}/list` as the service does. It checks the token or the
//! signature, the date, the user, the trace id and every parameter; sorts by three keys in two
//! directions; pages behind opaque cursors; and reports errors in the service's own format.
//! `POST /koodrive/ose/v1/auth/refreshToken` refreshes the session.
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
//! // The client retried the page that failed.
//! let cursors = server.received_cursors();
//! assert_eq!((cursors.len(), &cursors[2]), (4, &cursors[3]));
//! # }
//! ```
//!
//! Other clients can be tested too: point them at [`AlbumServer::uri`], with
//! [`access_token`](AlbumServer::access_token) and [`user_id`](AlbumServer::user_id).
//!
//! # Testing your own code
//!
//! Code that takes a [`Client`](koodrive::Client) and an album id can be tested unchanged. A [`Fault`]
//! replaces one reply. Faults are numbered by list request, from 0; retries count:
//!
//! ```
//! use futures::TryStreamExt;
//! use koodrive::ListAlbumContent;
//! use koodrive_testing::{AlbumServer, Fault};
//!
//! /// The code under test.
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
//! async fn a_refused_copy_resumes_where_it_stopped() {
//!     // The second page fails twice: an overload, which is retried, then a refusal, which is not.
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
//!     // One request for each page, except the second, which took three.
//!     let cursors = server.received_cursors();
//!     assert_eq!(cursors.len(), 5);
//!     assert!(cursors[1] == cursors[2] && cursors[2] == cursors[3]);
//!     server.assert_faults_used();
//! }
//! # fn main() { a_refused_copy_resumes_where_it_stopped() }
//! ```
//!
//! Three methods show what the server received:
//!
//! - [`received_cursors`](AlbumServer::received_cursors): how albums were paged;
//! - [`received_requests`](AlbumServer::received_requests): each request with its album, parameters,
//!   headers and time;
//! - [`assert_faults_used`](AlbumServer::assert_faults_used): whether every fault was sent.
//!
//! Each server has a thread and a port of its own. It therefore works under both flavours of
//! `#[tokio::test]`, under other executors, in a plain `#[test]` with `block_on`, and beside other
//! servers. The `koodrive` client itself needs a Tokio runtime.
//!
//! # The albums
//!
//! Every server has one **generated** album, with as many files as
//! [`AlbumServerBuilder::files`] says. Files are generated on request, so a million of them take no
//! memory, and the same album id and number of files give the same album in every run. Its files were
//! taken from January 2021 on, uploaded from September 2022 on and last edited from April 2024 on; the
//! last time is at the end of September 2025. Many files share a time to the millisecond; ties are
//! broken by id.
//!
//! **Custom** albums hold the files that you give them, each an [`AlbumFile`]. Add any number of them
//! with [`AlbumServerBuilder::album`]; change them with [`put_file`](AlbumServer::put_file) and
//! [`remove_file`](AlbumServer::remove_file), even while they are being listed. A file with
//! [`content`](AlbumFile::content) can be downloaded; the links of all other files lead nowhere.
//!
//! # Credentials
//!
//! A list request needs an access token, or a signature made with
//! [`app_id`](AlbumServer::app_id) and [`app_secret`](AlbumServer::app_secret). Access tokens stay valid
//! until they expire or are revoked, so several can be valid at once; each refresh issues one more.
//! Issued tokens are the same in every run.
//!
//! The server computes the expected signature from the request that it received. It decodes the path
//! segments and the query and encodes them again by RFC 3986, sorts parameters by name, and trims header
//! values. The header must have the form
//! `HMAC-SHA256 AppId=…,SignedHeaders=host;x-date;x-user-id,Signature=…`: no spaces after the commas, and
//! header names in lower case and ascending order, with `x-date` and `x-user-id` among them.
//!
//! # Where the vendor is silent
//!
//! The vendor documents no reply for a bad token, date or user. They get status 401 and a body
//! whose `code` is 401. Every list request must have `X-Date` and `X-User-Id`, because the
//! reference marks both as mandatory. A `+` in a query means a space, as in an HTML form, so a
//! cursor with a `+` that was not percent-encoded is refused.
//!
//! A bad signature, or one whose date is outside the window, gets status 401 and `APIG.0303` in the
//! words of Huawei Cloud's API gateway, whose scheme it follows. Like the gateway, the message repeats
//! what was received: **the canonical request, including the cursor**. Clients should not print it.
//!
//! A refresh needs an access token that this server issued. Expired and revoked ones are accepted,
//! since the vendor does not say whether "the current" token may have expired. A refresh needs no
//! date and no user, and accepts no signature. An unknown refresh token is answered like any bad
//! parameter: status 400, `code` 13000102.

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
mod storage;

pub use albums::file::AlbumFile;
pub use albums::info::AlbumInfo;
pub use builder::AlbumServerBuilder;
pub use replies::fault::Fault;
pub use requests::received::ReceivedRequest;
pub use server::AlbumServer;
pub use storage::log::ReceivedDownload;

/// Runs the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

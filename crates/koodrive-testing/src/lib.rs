//! A KooDrive album server in your own process, for tests and demos.
//!
//! [`AlbumServer`] listens on a free loopback port and answers
//! `GET /koodrive/ose/v1/album/{albumId}/list` as the service does. It checks the token or the
//! signature, the date, the user, the trace id and every parameter; sorts by three keys in two
//! directions; pages behind opaque cursors; and reports errors in the service's own format.
//! `GET …/album/list` lists the albums, and `POST …/auth/login`, `…/auth/refreshToken` and
//! `…/auth/logout` begin, refresh and end a session. A second socket is the storage that links lead to.
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
//!     // The second page fails twice: an overload is retried, a refusal is not.
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
//! These methods show what the server received:
//!
//! - [`received_cursors`](AlbumServer::received_cursors): how albums were paged;
//! - [`received_requests`](AlbumServer::received_requests): each request with its album, parameters,
//!   headers and time;
//! - [`received_downloads`](AlbumServer::received_downloads): each request to the storage, with its file,
//!   its headers and how much was sent;
//! - [`received_album_lists`](AlbumServer::received_album_lists),
//!   [`received_refreshes`](AlbumServer::received_refreshes),
//!   [`received_logins`](AlbumServer::received_logins) and
//!   [`received_logouts`](AlbumServer::received_logouts): the number of other requests;
//! - [`assert_faults_used`](AlbumServer::assert_faults_used): whether every fault was sent.
//!
//! Each server has threads and ports of its own. It therefore works under both flavours of
//! `#[tokio::test]`, under other executors, in a plain `#[test]` with `block_on`, and beside other
//! servers. The `koodrive` client itself needs a Tokio runtime.
//!
//! # The albums
//!
//! Every server has a **generated** album, with as many files as [`AlbumServerBuilder::files`] says;
//! [`generated_album`](AlbumServerBuilder::generated_album) adds others. Files are generated on request, so
//! a million of them take no memory, and the same album id and number of files give the same album in
//! every run. Its files were taken from January 2021 on, uploaded from September 2022 on and last edited
//! from April 2024 on; the last time is at the end of September 2025. Many files share a time to the
//! millisecond; ties are broken by id.
//!
//! **Custom** albums hold the files that you give them, each an [`AlbumFile`]. Add any number of them
//! with [`AlbumServerBuilder::album`]; change them with [`put_file`](AlbumServer::put_file) and
//! [`remove_file`](AlbumServer::remove_file), even while they are being listed.
//!
//! An [`AlbumInfo`] says what kind and type of album it is, and what the list of albums shows of it. A
//! collection album says when its pictures were taken (`takeTime`), a manual one when its files were added
//! and by whom (`addTime`, `adderUserId`).
//!
//! # The storage
//!
//! `contentUrl` and `thumbnailUrl` lead to an object store on a port of its own. JPEGs and PNGs are
//! pictures that viewers open; other files are noise of any length ([`AlbumFile`] has the details). The
//! store answers a `GET` by pre-signed link:
//!
//! - A link is checked when the request arrives: 403 `SignatureDoesNotMatch` if method, host, path or
//!   query is another, 403 `AccessDenied` once the link's [life](AlbumServerBuilder::link_life) is over. An
//!   `Authorization` beside a link is refused (400), and a removed file is not found (404).
//! - A single range is answered with 206, and a range that starts behind the end with 416. Any other
//!   `Range` is ignored, and the whole object sent. `If-Match` and `If-Unmodified-Since` can fail with 412,
//!   and `If-None-Match` leads to 304 if the client has that version; `If-Range` is ignored.
//! - An `ETag` is that of an upload in parts, `"<32 hexadecimal digits>-<parts>"`. It is the same as long
//!   as the content is.
//!
//! [`download_fault`](AlbumServerBuilder::download_fault) replaces one reply, or changes it: a lost
//! connection, a cut, another range, a slow body. [`download_delay`](AlbumServerBuilder::download_delay)
//! and [`download_rate`](AlbumServerBuilder::download_rate) slow all of them.
//!
//! ```
//! use koodrive_testing::{AlbumFile, AlbumServer, Fault};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = AlbumServer::builder()
//!     .album("holidays", [AlbumFile::new("F1").size(1_000_000)])
//!     .download_fault(0, Fault::own_reply().cut_after(300_000))
//!     .start()
//!     .await;
//! let page = server.client().list_album_content("holidays").send().await?;
//! let link = page.contents()[0].content_url().unwrap();
//!
//! let cut = reqwest::get(link.as_str()).await?;
//! assert_eq!(cut.content_length(), Some(1_000_000));
//! assert!(cut.bytes().await.is_err());
//! assert_eq!(server.received_downloads()[0].bytes_sent(), 300_000);
//! # Ok(())
//! # }
//! ```
//!
//! # Credentials
//!
//! A list request needs an access token, or a signature made with
//! [`app_id`](AlbumServer::app_id) and [`app_secret`](AlbumServer::app_secret). Access tokens stay valid
//! until they expire or are revoked, so several can be valid at once; each refresh issues one more.
//! Issued tokens are the same in every run.
//!
//! A login with [`agent_name`](AlbumServer::agent_name), [`login_account`](AlbumServer::login_account) and
//! [`login_password`](AlbumServer::login_password) begins another session, with an access token and a
//! refresh token of its own. A logout revokes its access tokens and forgets its refresh token.
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
//!
//! A login with a wrong name, account or password is answered the same way, since 401 would ask a client
//! to renew a token that it does not have yet. A login with a verification code (`authType` 2) is always
//! refused. A logout needs a valid access token, and no date or user.
//!
//! The list of albums is in the order of their ids, and ignores `groupId`. A collection album has neither
//! name nor cover, because the vendor promises them for manual albums; [`AlbumInfo`] can change that.

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
mod socket;
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

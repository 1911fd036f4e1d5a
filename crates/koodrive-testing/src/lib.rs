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
//! # The album
//!
//! Its files are computed from the album id when they are asked for, so a million of them cost no
//! memory, and the same id and number of files give the same album in every run. Photos were taken
//! from January 2021, uploaded from September 2022 and last edited from April 2024 on, up to the
//! end of September 2025. Many share a time to the millisecond; such ties are broken by id.
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

mod access;
mod album;
mod canonical;
mod cursor;
mod dates;
mod fault;
mod item;
mod media;
mod presign;
mod query;
mod record;
mod refresh;
mod reply;
mod request;
mod server;
mod service;
mod shuffle;
mod signature;
mod tokens;

pub use fault::Fault;
pub use record::ReceivedRequest;
pub use server::{AlbumServer, AlbumServerBuilder};

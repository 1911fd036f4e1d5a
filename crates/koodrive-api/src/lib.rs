//! The low-level KooDrive client: the wire format, and nothing above it.
//!
//! `cargo xtask codegen` generates `generated.rs` from `openapi/koodrive.yaml`. The hooks add what an
//! OpenAPI document cannot express: the authorisation of a request, the encoding of its query, and the
//! limit of its response. Paging, retries, credentials and errors that are safe to print are in the
//! `koodrive` crate. Depend on that one.
//!
//! **Not safe to print:** [`Error`] and the request types show URLs, headers and bodies unredacted.

mod decode;
mod escapes;
#[rustfmt::skip] // its re-indented block comments would break rustdoc
#[allow(missing_docs, unreachable_pub, rustdoc::all, reason = "generated")]
#[allow(clippy::all, clippy::pedantic, clippy::restriction, reason = "generated")]
mod generated;
#[rustfmt::skip]
#[allow(rustdoc::all, reason = "generated")]
mod fields;
mod hooks;
mod list;
mod reading;
mod record;
mod url;

pub use decode::json_text;
pub use fields::Field;
pub use generated::{Client, Error, ResponseValue, types};
pub use hooks::{Exchange, Hooks, RESERVED, Sending};
pub use list::{AlbumContentList, AlbumList, IdList, List};
pub use record::AlbumContent;
pub use url::RedactedUrl;

//! The low-level KooDrive client: the wire, and nothing above it.
//!
//! `generated.rs` comes out of `openapi/koodrive.yaml` by `cargo xtask codegen`. What an OpenAPI
//! document cannot say (who authorises a request, how its query is spelt, how large its answer may
//! be) stands in the hooks beside it. Pages, retries, credentials and errors that are safe to print
//! belong to the `koodrive` crate, which is the one to depend on.
//!
//! **Not safe to print:** [`Error`] and the request types show URLs, headers and bodies as they are.

#[rustfmt::skip] // its re-indented block comments would break rustdoc
#[allow(missing_docs, unreachable_pub, rustdoc::all, reason = "generated")]
#[allow(clippy::all, clippy::pedantic, clippy::restriction, reason = "generated")]
mod generated;
mod hooks;
mod list;

pub use generated::{Client, Error, ResponseValue, types};
pub use hooks::{Exchange, Hooks, RESERVED, Sending};
pub use list::{AlbumContentList, IdList, List};

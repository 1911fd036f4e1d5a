//! What all calls of a client share.

use std::sync::Arc;

use super::{budget::Budget, policy::RetryPolicy, timeouts::Timeouts};
use crate::{
    auth::credentials::Authorizer,
    wire::{storage::Storage, transport::Transport},
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
pub struct Client(pub(crate) Arc<Context>);

pub(crate) struct Context {
    pub(crate) transport: Transport,
    pub(crate) storage: Storage,
    pub(crate) authorizer: Authorizer,
    pub(crate) retry: RetryPolicy,
    pub(crate) budget: Budget,
    pub(crate) timeouts: Timeouts,
    pub(crate) user_id: String,
    pub(crate) language: Option<String>,
}

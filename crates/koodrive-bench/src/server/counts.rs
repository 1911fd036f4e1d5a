//! What the server has seen since it was last asked.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Requests for a page.
    pub requests: u64,
    /// The bytes of the replies to them.
    pub bytes: u64,
    /// Connections on which a page was requested.
    pub connections: u64,
    pub refreshes: u64,
}

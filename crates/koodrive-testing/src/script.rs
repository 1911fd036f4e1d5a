//! What a test changes about the service's replies.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::replies::fault::Fault;
use crate::requests::route::Call;
use crate::storage::reply::StorageReply;

/// The faults, by request number, and other changes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    pub(crate) faults: BTreeMap<usize, Fault>,
    pub(crate) refresh_faults: BTreeMap<usize, Fault>,
    pub(crate) download_faults: BTreeMap<usize, Fault>,
    pub(crate) page_delay: Duration,
    pub(crate) refresh_delay: Duration,
    pub(crate) download_delay: Duration,
    /// Bytes a second.
    pub(crate) download_rate: Option<u64>,
    pub(crate) flat_sessions: bool,
}

impl Script {
    /// The fault for a request, given its index among requests with the same call.
    pub(crate) fn fault(&self, call: &Call, index: usize) -> Option<&Fault> {
        match call {
            Call::List { .. } => self.faults.get(&index),
            Call::Refresh => self.refresh_faults.get(&index),
        }
    }

    /// A reply of the storage's own, slowed as the test wants it.
    pub(crate) fn paced(&self, reply: StorageReply) -> StorageReply {
        StorageReply { delay: self.download_delay, rate: self.download_rate, ..reply }
    }

    /// The requests that never arrived although they have a fault, given how many did arrive.
    pub(crate) fn unused(&self, lists: usize, refreshes: usize, downloads: usize) -> Vec<String> {
        let unused = |faults: &BTreeMap<usize, Fault>, received, what| -> Vec<String> {
            faults.range(received..).map(|(number, _)| format!("{what} {number}")).collect()
        };
        let lists = unused(&self.faults, lists, "list request");
        let refreshes = unused(&self.refresh_faults, refreshes, "refresh request");
        [lists, refreshes, unused(&self.download_faults, downloads, "download request")].concat()
    }
}

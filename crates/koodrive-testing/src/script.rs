//! What a test changes about the server's replies.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::replies::fault::Fault;
use crate::replies::reply::Reply;
use crate::requests::route::Call;

/// The faults, by call and request number, and other changes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    pub(crate) faults: BTreeMap<(Call, usize), Fault>,
    pub(crate) page_delay: Duration,
    pub(crate) refresh_delay: Duration,
    pub(crate) download_delay: Duration,
    /// Bytes a second.
    pub(crate) download_rate: Option<u64>,
    pub(crate) flat_sessions: bool,
}

impl Script {
    /// The fault for a request, given its index among requests with the same call.
    pub(crate) fn fault(&self, call: Call, index: usize) -> Option<&Fault> {
        self.faults.get(&(call, index))
    }

    /// A reply of the storage's own, slowed as the test wants it.
    pub(crate) fn paced(&self, reply: Reply) -> Reply {
        Reply { delay: self.download_delay, rate: self.download_rate, ..reply }
    }

    /// The requests that never arrived although they have a fault, given how many did arrive.
    pub(crate) fn unused(&self, received: impl Fn(Call) -> usize) -> Vec<String> {
        let unused = self.faults.keys().filter(|(call, number)| *number >= received(*call));
        unused.map(|(call, number)| format!("{call} {number}")).collect()
    }
}

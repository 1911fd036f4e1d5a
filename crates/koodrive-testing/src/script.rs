//! What a test wants otherwise than the service would have it.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::replies::fault::Fault;
use crate::requests::route::Call;

/// What a test wants otherwise than the service would have it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    pub(crate) faults: BTreeMap<usize, Fault>,
    pub(crate) refresh_faults: BTreeMap<usize, Fault>,
    pub(crate) page_delay: Duration,
    pub(crate) refresh_delay: Duration,
    pub(crate) flat_sessions: bool,
}

impl Script {
    /// The fault for a request, by its index among those that ask for the same.
    pub(crate) fn fault(&self, call: &Call, index: usize) -> Option<&Fault> {
        match call {
            Call::List { .. } => self.faults.get(&index),
            Call::Refresh => self.refresh_faults.get(&index),
            Call::Download => None,
        }
    }

    /// The faults for requests that did not come, of so many that did.
    pub(crate) fn unused(&self, lists: usize, refreshes: usize) -> Vec<String> {
        let unused = |faults: &BTreeMap<usize, Fault>, received, what| -> Vec<String> {
            faults.range(received..).map(|(number, _)| format!("{what} {number}")).collect()
        };
        let lists = unused(&self.faults, lists, "list request");
        [lists, unused(&self.refresh_faults, refreshes, "refresh request")].concat()
    }
}

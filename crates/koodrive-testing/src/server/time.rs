//! The server's clock, as its own clients read it.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use koodrive::TimeSource;

use crate::service::Service;

/// Lets a client share the server's clock. If a test's clock stops or jumps, the client's time does
/// too.
pub(super) struct ServerTime {
    service: Arc<Service>,
    start: (Instant, SystemTime),
}

impl ServerTime {
    pub(super) fn starting_now(service: Arc<Service>) -> Self {
        let start = (Instant::now(), (service.clock)());
        Self { service, start }
    }
}

impl TimeSource for ServerTime {
    fn now(&self) -> SystemTime {
        (self.service.clock)()
    }

    fn monotonic(&self) -> Instant {
        let passed = self.now().duration_since(self.start.1).unwrap_or_default();
        self.start.0.checked_add(passed).unwrap_or(self.start.0)
    }
}

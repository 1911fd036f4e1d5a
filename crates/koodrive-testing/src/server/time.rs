//! The server's clock, for its clients.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use koodrive::TimeSource;

use crate::service::Service;

/// The server's clock as a client reads it, so that a server with a clock of its own can be used:
/// where that one stands still, or leaps, time does for the client too.
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

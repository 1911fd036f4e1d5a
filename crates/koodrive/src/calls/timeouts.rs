//! Time limits.

use std::time::Duration;

use crate::{error::Result, input::ensure};

/// The time limits of a [`Client`](crate::Client).
///
/// Whatever a server does, a page or an error arrives within [`page`](Self::page). The shorter limits
/// leave time for another attempt. After an error, the next poll may wait this long again before its first
/// attempt.
///
/// ```
/// use std::time::Duration;
///
/// use koodrive::Timeouts;
///
/// let patient = Timeouts::default().attempt(Duration::from_secs(60)).page(Duration::from_secs(300));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Timeouts {
    pub(crate) connect: Duration,
    pub(crate) read: Duration,
    pub(crate) attempt: Duration,
    pub(crate) page: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            read: Duration::from_secs(15),
            attempt: Duration::from_secs(30),
            page: Duration::from_secs(60),
        }
    }
}

impl Timeouts {
    /// Effectively no limit, but small enough to add to any `Instant`.
    const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

    /// Time to connect: name resolution, TCP and TLS. Default: 5 s. It does not apply to a client of your
    /// own, set by [`http_client`](crate::ClientBuilder::http_client).
    pub fn connect(mut self, limit: Duration) -> Self {
        self.connect = limit;
        self
    }

    /// Time between two reads of a response. Default: 15 s. An HTTP/2 connection that is silent for half of
    /// it is pinged, and closed if a further quarter passes without an answer. It does not apply to a client
    /// of your own, set by [`http_client`](crate::ClientBuilder::http_client).
    pub fn read(mut self, limit: Duration) -> Self {
        self.read = limit;
        self
    }

    /// Time for one attempt, from the connection to the last byte. Default: 30 s.
    pub fn attempt(mut self, limit: Duration) -> Self {
        self.attempt = limit;
        self
    }

    /// Time for a page: all attempts, the pauses between them, and the wait for a token. Default: 60 s. Time
    /// in which the machine sleeps does not count.
    pub fn page(mut self, limit: Duration) -> Self {
        self.page = limit;
        self
    }

    pub(crate) fn checked(mut self) -> Result<Self> {
        for limit in [&mut self.connect, &mut self.read, &mut self.attempt, &mut self.page] {
            ensure(!limit.is_zero(), "a time limit is 0; set a longer one or leave it unset")?;
            *limit = Self::LONGEST.min(*limit);
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_of_zero_is_refused_and_an_endless_one_is_shortened() {
        let zero = Duration::ZERO;
        let base = Timeouts::default();
        for bad in [base.connect(zero), base.read(zero), base.attempt(zero), base.page(zero)] {
            assert!(bad.checked().is_err(), "{bad:?}");
        }
        let cut = base.page(Duration::MAX).checked().unwrap();
        assert_eq!(cut, base.page(Timeouts::LONGEST));
    }
}

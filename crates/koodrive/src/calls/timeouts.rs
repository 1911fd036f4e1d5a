//! How long to wait, and for what.

use std::time::Duration;

use crate::error::{Error, Result};

/// The time limits of a [`Client`](crate::Client).
///
/// However a server misbehaves, a page, or the error in its place, comes within
/// [`page`](Self::page); the others are there so that one slow attempt leaves time for the next. Who
/// polls past an error may wait as long again before that begins.
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
    /// Longer than this is as good as for ever, and shorter than what any clock overflows at.
    const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

    /// Until a connection stands: name, TCP and TLS. 5 s unless set. Without effect on a client of
    /// your own, set by [`http_client`](crate::ClientBuilder::http_client).
    pub fn connect(mut self, limit: Duration) -> Self {
        self.connect = limit;
        self
    }

    /// Between two reads of an answer. 15 s unless set. An HTTP/2 connection that is silent for half of
    /// it is pinged, and left if a quarter of it passes without an answer.
    /// Without effect on a client of your own, set by [`http_client`](crate::ClientBuilder::http_client).
    pub fn read(mut self, limit: Duration) -> Self {
        self.read = limit;
        self
    }

    /// For one attempt at a page, from the connection to the last byte. 30 s unless set.
    pub fn attempt(mut self, limit: Duration) -> Self {
        self.attempt = limit;
        self
    }

    /// For a page with all its attempts, the pauses between them and the wait for a token. 60 s unless
    /// set.
    pub fn page(mut self, limit: Duration) -> Self {
        self.page = limit;
        self
    }

    pub(crate) fn checked(self) -> Result<Self> {
        let Self { connect, read, attempt, page } = self;
        if [connect, read, attempt, page].iter().any(Duration::is_zero) {
            return Err(Error::invalid("a time limit is 0; expected more, or no setting at all"));
        }
        let [connect, read, attempt, page] =
            [connect, read, attempt, page].map(|limit| limit.min(Self::LONGEST));
        Ok(Self { connect, read, attempt, page })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_of_nothing_is_refused_and_one_without_end_is_cut() {
        let zero = Duration::ZERO;
        let base = Timeouts::default();
        for bad in [base.connect(zero), base.read(zero), base.attempt(zero), base.page(zero)] {
            assert!(bad.checked().is_err(), "{bad:?}");
        }
        let cut = base.page(Duration::MAX).checked().unwrap();
        assert_eq!(cut, base.page(Timeouts::LONGEST));
    }
}

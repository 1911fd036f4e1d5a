//! How the storage behaves, and where it is.

use std::net::TcpListener;
use std::time::Duration;

use crate::builder::AlbumServerBuilder;

impl AlbumServerBuilder {
    /// Delays every reply of the storage. Faults have a delay of their own.
    pub fn download_delay(mut self, delay: Duration) -> Self {
        self.script.download_delay = delay;
        self
    }

    /// Sends the body of every reply of the storage at this rate, at least 1. Faults have a rate of their
    /// own.
    pub fn download_rate(mut self, bytes_per_second: u64) -> Self {
        self.script.download_rate = Some(bytes_per_second.max(1));
        self
    }

    /// How long links live, by the server's clock: an hour by default. A link's date and life are in whole
    /// seconds, and any fraction is left out. A request counts when it arrives, however long its reply
    /// takes.
    pub fn link_life(mut self, life: Duration) -> Self {
        self.link_life = life;
        self
    }

    /// Where links lead: by default to the server's own storage.
    ///
    /// With a proxy in front of the storage this is the proxy's URL, such as `http://127.0.0.1:8080`, and
    /// the proxy must not change the `Host` header. With a host that does not exist, links lead nowhere,
    /// and a fixed [`clock`](Self::clock) gives the same links in every run.
    pub fn storage_uri(mut self, uri: impl Into<String>) -> Self {
        self.storage_uri = Some(uri.into());
        self
    }

    /// Serves the storage on this socket. By default it takes a free loopback port.
    pub fn storage_listener(mut self, listener: TcpListener) -> Self {
        self.storage_listener = Some(listener);
        self
    }
}

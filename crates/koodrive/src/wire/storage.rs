//! The HTTP client for the service's storage, where links lead. It shares nothing with the service's own
//! client: the storage must see no token, cookie or referer.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use reqwest::Url;

use super::{
    endpoint::Endpoint,
    transport::{HttpService, built, client_builder, ensure_tls},
};
use crate::error::Result;

/// A program that downloads nothing pays nothing for it: it is built when it is first used.
pub(crate) struct Storage {
    service: OnceLock<Arc<dyn HttpService>>,
    /// Set by the caller, so it may have a TLS of its own.
    is_given: bool,
    connect: Duration,
    read: Duration,
    is_loopback: bool,
}

impl Storage {
    pub(crate) fn new(
        given: Option<Arc<dyn HttpService>>,
        endpoint: &Endpoint,
        connect: Duration,
        read: Duration,
    ) -> Self {
        let (is_given, is_loopback) = (given.is_some(), endpoint.is_loopback);
        let service = given.map_or_else(OnceLock::new, OnceLock::from);
        Self { service, is_given, connect, read, is_loopback }
    }

    /// What fetches `link`. A content coding is not decoded: it would hide how long the file is.
    pub(crate) fn service(&self, link: &Url) -> Result<&dyn HttpService> {
        if !self.is_given {
            ensure_tls(link.scheme() == "https", "storage_client")?;
        }
        if let Some(service) = self.service.get() {
            return Ok(&**service);
        }
        let builder = client_builder(self.connect, self.read, self.is_loopback);
        let client = built(builder.no_gzip().no_brotli().no_zstd().no_deflate())?;
        Ok(&**self.service.get_or_init(|| Arc::new(client)))
    }
}

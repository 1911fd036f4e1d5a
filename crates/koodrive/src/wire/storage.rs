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
    /// Set by the caller, so it may have a TLS of its own.
    given: Option<Arc<dyn HttpService>>,
    own: OnceLock<reqwest::Client>,
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
        let (own, is_loopback) = (OnceLock::new(), endpoint.is_loopback);
        Self { given, own, connect, read, is_loopback }
    }

    /// What fetches `link`. A content coding is not decoded: it would hide how long the file is.
    pub(crate) fn service(&self, link: &Url) -> Result<&dyn HttpService> {
        if let Some(given) = &self.given {
            return Ok(&**given);
        }
        ensure_tls(link.scheme() == "https", "storage_client")?;
        if let Some(own) = self.own.get() {
            return Ok(own);
        }
        let builder = client_builder(self.connect, self.read, self.is_loopback);
        let client = built(builder.no_gzip().no_brotli().no_zstd().no_deflate())?;
        Ok(self.own.get_or_init(|| client))
    }
}

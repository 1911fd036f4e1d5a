//! The service. The id of an album says what it is like: `<files>.<latency in ms>.<fixture>`, optionally
//! followed by anything that makes it another album, or `photos.<files>.<size>.<latency in ms>`.

use std::{
    mem,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, Result};
use clap::ValueEnum as _;
use serde_json::json;

use super::{
    albums::{Albums, Place, gzip, page_of},
    counts::Counts,
    http::{Request, reply},
    storage,
};
use crate::fixture::{Fixture, PAGE};

pub struct Pages {
    url: String,
    albums: Albums,
    counts: Mutex<Counts>,
}

impl Pages {
    pub async fn new(url: String) -> Result<Self> {
        Ok(Self { url, albums: Albums::new().await?, counts: Mutex::default() })
    }

    /// What to send, and after what time. `is_new`: it is the first request of its connection.
    pub fn reply(&self, request: &Request<'_>, is_new: bool) -> Result<(Duration, Vec<u8>)> {
        match request.path {
            "/counts" => {
                let counts = serde_json::to_vec(&self.count(mem::take))?;
                Ok((Duration::ZERO, reply("", &counts)))
            }
            "/koodrive/ose/v1/auth/refreshToken" => {
                self.count(|counts| counts.refreshes += 1);
                Ok((Duration::ZERO, reply("", session().as_bytes())))
            }
            path => {
                let page = self.page(request);
                let (latency, page) = page.with_context(|| format!("not a page: {path}"))?;
                self.count(|counts| {
                    counts.requests += 1;
                    counts.bytes += page.len() as u64;
                    counts.connections += u64::from(is_new);
                });
                Ok((latency, page))
            }
        }
    }

    fn page(&self, request: &Request<'_>) -> Option<(Duration, Vec<u8>)> {
        assert_eq!(request.parameter("pageSize"), Some(PAGE.to_string().as_str()));
        let page = request.parameter("pageCursor").map_or(Some(0), page_of)?;
        let album = request.path.split(['/', '?']).nth(5)?;
        if let Some(album) = album.strip_prefix("photos.") {
            let body = storage::page(album, page, &self.url)?;
            return Some((Duration::ZERO, reply("", body.as_bytes())));
        }
        let mut album = album.split('.');
        let files = album.next()?.parse().ok()?;
        let latency = Duration::from_millis(album.next()?.parse().ok()?);
        let fixture = Fixture::from_str(album.next()?, false).ok()?;
        let is_downwards = request.parameter("sortDirection") == Some("2");
        let body = self.albums.body(Place { page, files, is_downwards, fixture });
        let page = match fixture {
            Fixture::Gzip => reply("Content-Encoding: gzip\r\n", &gzip(&body).ok()?),
            Fixture::Plain | Fixture::Real => reply("", body.as_bytes()),
        };
        Some((latency, page))
    }

    fn count<T>(&self, change: impl FnOnce(&mut Counts) -> T) -> T {
        change(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// New tokens, which expire soon.
fn session() -> String {
    let token = format!("{:032x}", fastrand::u128(..));
    let session = json!({ "accessToken": token, "expiresIn": 2, "refreshToken": token });
    json!({ "code": 0, "msg": "Success", "data": { "sessionInfo": session } }).to_string()
}

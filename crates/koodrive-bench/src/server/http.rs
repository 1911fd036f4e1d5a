//! As much of HTTP/1.1 as the measurements need.

use std::{str, time::SystemTime};

use anyhow::{Context as _, Result};

pub struct Request<'a> {
    pub method: &'a str,
    /// With its query.
    pub path: &'a str,
}

impl<'a> Request<'a> {
    /// `None` while some of it is missing.
    pub fn parse(received: &'a [u8]) -> Result<Option<Self>> {
        let Some((head, body)) = str::from_utf8(received)?.split_once("\r\n\r\n") else {
            return Ok(None);
        };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
        });
        let mut words = head.split(' ');
        let (method, path) = words.next().zip(words.next()).context("no request line")?;
        Ok((body.len() >= length.unwrap_or(0)).then_some(Self { method, path }))
    }

    pub fn parameter(&self, name: &str) -> Option<&'a str> {
        let (_, query) = self.path.split_once('?')?;
        query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }
}

/// A reply with the usual headers.
pub fn reply(headers: &str, body: &[u8]) -> Vec<u8> {
    let now = jiff::Timestamp::try_from(SystemTime::now()).unwrap_or_default();
    let date = now.strftime("%a, %d %b %Y %H:%M:%S GMT");
    let head = format!(
        "HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Type: application/json;charset=UTF-8\r\n\
         Server: api-gateway\r\nX-Request-Id: 7f1f9b2f5ad04d6c9d1f0b6ab3f9a7c2\r\n\
         {headers}Content-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

//! The service's addresses: the vendor's two sites, or one that a carrier or partner runs.

use std::net::IpAddr;

use reqwest::Url;

use crate::error::{Error, Result};

/// The international site (Singapore).
pub const INTERNATIONAL: &str = "https://intl.myhuaweicloud-koodrive.com";

/// The site for China (Beijing4).
pub const CHINA: &str = "https://cn.myhuaweicloud-koodrive.com";

/// A checked base URL, without a `/` at its end.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub(crate) base: String,
    /// With its port, as errors name it.
    pub(crate) host: String,
    /// This machine itself, which is reached without a proxy.
    pub(crate) is_loopback: bool,
    allows_plain_http: bool,
}

impl Endpoint {
    pub(crate) fn parse(text: &str, allow_plain_http: bool) -> Result<Self> {
        let url = Url::parse(text).map_err(|_| refuse("is not a URL"))?;
        let is_loopback = is_loopback(&url);
        match url.scheme() {
            "https" => {}
            "http" if is_loopback || allow_plain_http => {}
            "http" => {
                return Err(refuse("is plain http, which would send the token in the clear"));
            }
            _ => return Err(refuse("has another scheme than https")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("holds a user name or password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("has a query or a fragment"));
        }
        let base = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { base, host: host(&url), is_loopback, allows_plain_http: allow_plain_http })
    }

    /// Whether a link of the service may be followed: over plain http, anyone on the way would see the file.
    pub(crate) fn admits(&self, link: &Url) -> bool {
        match link.scheme() {
            "https" => true,
            "http" => self.allows_plain_http || (self.is_loopback && is_loopback(link)),
            _ => false,
        }
    }

    pub(crate) fn is_https(&self) -> bool {
        self.base.starts_with("https:")
    }
}

/// The host as in the `Host` header: with its port, unless that is the scheme's default.
pub(crate) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The message does not repeat the text: it may hold a password.
fn refuse(why: &'static str) -> Error {
    Error::invalid(format!("the endpoint {why}; expected something like {INTERNATIONAL}"))
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_https_or_on_this_machine() {
        for (text, base) in [
            (INTERNATIONAL, Some("https://intl.myhuaweicloud-koodrive.com")),
            ("https://drive.example.com:8443/", Some("https://drive.example.com:8443")),
            ("https://example.com/stem/", Some("https://example.com/stem")),
            ("http://localhost:1", Some("http://localhost:1")),
            ("http://127.0.0.9:80", Some("http://127.0.0.9")),
            ("http://[::1]:8080", Some("http://[::1]:8080")),
            ("http://example.com", None),
            ("http://localhost.example.com", None),
            ("http://169.254.169.254", None),
            ("ftp://example.com", None),
            ("file:///etc/passwd", None),
            ("https://user:secret@example.com", None),
            ("https://example.com/?a=b", None),
            ("https://example.com/#a", None),
            ("example.com", None),
            ("", None),
        ] {
            let endpoint = Endpoint::parse(text, false).ok().map(|endpoint| endpoint.base);
            assert_eq!(endpoint.as_deref(), base, "{text}");
        }
        assert!(Endpoint::parse("http://10.32.45.165", true).is_ok());
    }

    #[test]
    fn a_link_is_https_or_on_this_machine_if_the_endpoint_is() {
        let remote = Endpoint::parse(INTERNATIONAL, false).unwrap();
        let open = Endpoint::parse(INTERNATIONAL, true).unwrap();
        let local = Endpoint::parse("http://127.0.0.1:8080", false).unwrap();
        for (link, expected) in [
            ("https://obs.example.com/a?b", [true, true, true]),
            ("http://obs.example.com/a?b", [false, true, false]),
            ("http://127.0.0.1:9/a?b", [false, true, true]),
            ("file:///etc/passwd", [false, false, false]),
        ] {
            let link_url = Url::parse(link).unwrap();
            let admitted = [&remote, &open, &local].map(|endpoint| endpoint.admits(&link_url));
            assert_eq!(admitted, expected, "{link}");
        }
    }

    #[test]
    fn errors_name_the_host_with_its_port() {
        let host = |text| Endpoint::parse(text, false).unwrap().host;
        assert_eq!(host("https://example.com/stem"), "example.com");
        assert_eq!(host("http://127.0.0.1:8080"), "127.0.0.1:8080");
    }
}

//! What the environment of a process decides: trusted roots, proxies and the number of file
//! descriptors.

use std::{env, fs, path::PathBuf, process};

use super::proxy::{assert_discreet, good_proxy};
use super::{child, good_page};
use crate::support::tcp::{Script, ScriptedServer};
use crate::support::tls;

/// The root certificate of these tests in a file.
pub(super) struct Root(PathBuf);

impl Root {
    pub(super) fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("koodrive-{name}-{}.pem", process::id()));
        fs::write(&path, tls::authority_pem()).unwrap();
        Self(path)
    }

    pub(super) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        fs::remove_file(&self.0).ok();
    }
}

#[tokio::test]
async fn building_a_client_without_root_certificates_fails() {
    let nothing = [("SSL_CERT_FILE", "/dev/null"), ("SSL_CERT_DIR", "/dev/null")];

    let outcome = child::list("https://koodrive.test", &nothing).await;

    let expected = "Tls: cannot set up TLS; check the system's root certificates";
    assert_eq!(outcome.result, expected);
}

#[tokio::test]
async fn ssl_cert_file_decides_which_roots_are_trusted() {
    let server = Script::secured(tls::trusted("127.0.0.1")).and(good_page());
    let server = ScriptedServer::play([server]).await;
    let root = Root::new("trusted");

    let outcome = child::list(&server.https_uri(), &[("SSL_CERT_FILE", root.path())]).await;

    assert_eq!(outcome.result, "2");
}

#[tokio::test]
async fn a_lack_of_file_descriptors_is_a_connect_error_and_is_retried() {
    let server = ScriptedServer::play([good_page()]).await;

    let outcome = child::list(&server.uri(), &[(child::HOARD, "1")]).await;

    assert!(outcome.result.starts_with("Connect: cannot connect to 127.0.0.1"), "{outcome:?}");
    assert!(outcome.result.contains("2 attempts"), "{outcome:?}");
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn https_proxy_is_used_except_for_this_machine() {
    let proxy = ScriptedServer::play([good_proxy()]).await;
    let (uri, root) = (proxy.uri(), Root::new("proxied"));
    let variables = [
        ("SSL_CERT_FILE", root.path()),
        ("HTTPS_PROXY", uri.as_str()),
        ("https_proxy", uri.as_str()),
        ("NO_PROXY", ""),
        ("no_proxy", ""),
    ];

    let far = child::list("https://koodrive.test", &variables).await;

    assert_eq!((far.result.as_str(), proxy.connections()), ("2", 1), "{far:?}");
    assert_discreet(&proxy);
    let server = Script::secured(tls::trusted("127.0.0.1")).and(good_page());
    let server = ScriptedServer::play([server]).await;
    let near = child::list(&server.https_uri(), &variables).await;
    assert_eq!((near.result.as_str(), proxy.connections()), ("2", 1), "{near:?}");
}

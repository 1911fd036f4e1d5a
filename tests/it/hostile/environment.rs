//! What the environment decides: whom a process trusts, through which proxy it goes, and whether it can
//! have one more connection.

use std::{env, fs, path::PathBuf, process};

use super::proxy::{assert_discreet, good_proxy};
use super::{child, good_page};
use crate::support::tcp::{Script, ScriptedServer};
use crate::support::tls;

/// The root certificate of these tests, as a file.
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
async fn a_system_without_root_certificates_is_told_when_the_client_is_built() {
    let nothing = [("SSL_CERT_FILE", "/dev/null"), ("SSL_CERT_DIR", "/dev/null")];

    let outcome = child::list("https://koodrive.test", &nothing).await;

    let expected = "Tls: TLS cannot be set up; check the system's root certificates";
    assert_eq!(outcome.told, expected);
}

#[tokio::test]
async fn the_environment_decides_who_is_trusted() {
    let server = Script::secured(tls::trusted("127.0.0.1")).and(good_page());
    let server = ScriptedServer::play([server]).await;
    let root = Root::new("trusted");

    let outcome = child::list(&server.https_uri(), &[("SSL_CERT_FILE", root.path())]).await;

    assert_eq!(outcome.told, "2");
}

#[tokio::test]
async fn a_process_without_a_file_descriptor_cannot_connect_and_tries_again() {
    let server = ScriptedServer::play([good_page()]).await;

    let outcome = child::list(&server.uri(), &[(child::HOARD, "1")]).await;

    assert!(outcome.told.starts_with("Connect: cannot connect to 127.0.0.1"), "{outcome:?}");
    assert!(outcome.told.contains("2 attempts"), "{outcome:?}");
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn the_environment_decides_which_proxy_is_used_but_not_on_the_way_to_this_machine() {
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

    assert_eq!((far.told.as_str(), proxy.connections()), ("2", 1), "{far:?}");
    assert_discreet(&proxy);
    let server = Script::secured(tls::trusted("127.0.0.1")).and(good_page());
    let server = ScriptedServer::play([server]).await;
    let near = child::list(&server.https_uri(), &variables).await;
    assert_eq!((near.told.as_str(), proxy.connections()), ("2", 1), "{near:?}");
}

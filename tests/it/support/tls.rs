//! Certificates, good and bad, and clients that trust them.

use std::sync::{Arc, LazyLock};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd,
};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The authority that issues the certificates of these tests.
static AUTHORITY: LazyLock<CertifiedIssuer<'static, KeyPair>> = LazyLock::new(|| {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
});

/// A server with a valid certificate for `host`.
pub(crate) fn trusted(host: &str) -> Arc<ServerConfig> {
    issued(params(host))
}

/// The same for HTTP/2.
pub(crate) fn trusted_h2(host: &str) -> Arc<ServerConfig> {
    let mut config = Arc::unwrap_or_clone(trusted(host));
    config.alpn_protocols = vec![b"h2".to_vec()];
    Arc::new(config)
}

/// A server whose certificate for `host` expired in 2001.
pub(crate) fn expired(host: &str) -> Arc<ServerConfig> {
    let mut params = params(host);
    params.not_before = date_time_ymd(2000, 1, 1);
    params.not_after = date_time_ymd(2001, 1, 1);
    issued(params)
}

/// A server with a self-signed certificate.
pub(crate) fn self_signed(host: &str) -> Arc<ServerConfig> {
    let key = KeyPair::generate().unwrap();
    let certificate = params(host).self_signed(&key).unwrap();
    config(certificate, &key)
}

/// The certificate of the authority, to be written to a file.
#[cfg(target_os = "linux")]
pub(crate) fn authority_pem() -> String {
    AUTHORITY.pem()
}

/// The settings of an HTTP client that trusts only the authority of these tests, and that neither
/// follows redirects nor retries: that is up to the client above it.
pub(crate) fn trusting() -> reqwest::ClientBuilder {
    let authority = reqwest::Certificate::from_der(AUTHORITY.der()).unwrap();
    reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([authority])
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
}

fn params(host: &str) -> CertificateParams {
    CertificateParams::new([host.to_owned()]).unwrap()
}

fn issued(params: CertificateParams) -> Arc<ServerConfig> {
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &AUTHORITY).unwrap();
    config(certificate, &key)
}

fn config(certificate: Certificate, key: &KeyPair) -> Arc<ServerConfig> {
    let chain = vec![CertificateDer::from(certificate)];
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key);
    Arc::new(config.unwrap())
}

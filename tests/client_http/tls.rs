//! Over TLS, by a certificate that is made for the test.

use std::sync::Arc;

use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use serde_json::json;
use toolwright::client::rustls::crypto::ring;
use toolwright::client::rustls::{ClientConfig, RootCertStore};
use toolwright::client::{CallError, Client, HyperClient, KnownServers};
use toolwright::http::{HttpOptions, Tls};
use toolwright::prelude::*;
use toolwright::{Limits, Revision};

use crate::config;
use crate::remote::serve_http;

#[tool]
fn ping() -> &'static str {
    "pong"
}

fn certificate() -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap()
}

/// What trusts this certificate and no other.
fn trusting(certified: &CertifiedKey<KeyPair>) -> HyperClient {
    let mut roots = RootCertStore::empty();
    roots.add(certified.cert.der().clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    HyperClient::new(&Limits::default()).tls(config)
}

async fn connect(revision: Revision, url: &str, http: HyperClient) -> Result<Client, CallError> {
    let builder = Client::builder(config().pin(revision))
        .http_client(http)
        .known_servers(KnownServers::new());
    builder.connect(url).await
}

#[tokio::test]
async fn a_server_over_tls_is_reached_by_who_trusts_its_certificate_and_by_nobody_else() {
    let certified = certificate();
    let tls = Tls::pem(certified.cert.pem(), certified.signing_key.serialize_pem()).unwrap();
    let server = Server::new("secret", "1.0.0").tool::<ping>();
    let url = serve_http(server, HttpOptions::default().tls(tls)).await;
    let url = url.replace("http://", "https://");
    for revision in [Revision::NEWEST_LEGACY, Revision::NEWEST_MODERN] {
        let client = connect(revision, &url, trusting(&certified)).await.unwrap();
        let answer = client.call("ping", json!({})).await.unwrap();
        assert_eq!(answer.content[0].as_text(), Some("pong"));
    }
    let stranger = connect(Revision::NEWEST_LEGACY, &url, trusting(&certificate())).await;
    let error = stranger.unwrap_err();
    assert!(matches!(error, CallError::Unreachable(_)), "{error}");
}

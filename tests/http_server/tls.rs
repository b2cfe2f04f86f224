//! The endpoint over TLS, by a certificate that is made for the test.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use toolwright::http::rustls::crypto::ring;
use toolwright::http::rustls::pki_types::ServerName;
use toolwright::http::rustls::{ClientConfig, RootCertStore};
use toolwright::http::{HttpOptions, Tls};

use crate::peer::call;
use crate::server::{Live, start_with};

fn certificate() -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap()
}

async fn serving(certified: &CertifiedKey<KeyPair>) -> Live {
    serving_within(certified, Duration::from_millis(500)).await
}

/// A server that waits so long for a handshake, and for hours until it gives up what it began.
async fn serving_within(certified: &CertifiedKey<KeyPair>, head_timeout: Duration) -> Live {
    let tls = Tls::pem(certified.cert.pem(), certified.signing_key.serialize_pem()).unwrap();
    let limits = toolwright::Limits {
        head_timeout,
        drain: Duration::from_secs(36_000),
        ..toolwright::Limits::default()
    };
    let options = HttpOptions::default().tls(tls);
    start_with(|server| server.limits(limits), options).await
}

/// A client that trusts this certificate and speaks these protocols.
async fn connect(
    server: &Live,
    trusted: &CertifiedKey<KeyPair>,
    protocols: &[&str],
) -> io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.cert.der().clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols
        .iter()
        .map(|name| name.as_bytes().to_vec())
        .collect();
    let stream = TcpStream::connect(server.address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

fn chosen(stream: &TlsStream<TcpStream>) -> Option<&[u8]> {
    stream.get_ref().1.alpn_protocol()
}

#[tokio::test]
async fn a_call_goes_over_tls_like_any_other() {
    let certified = certificate();
    let server = serving(&certified).await;
    let mut stream = connect(&server, &certified, &["http/1.1"]).await.unwrap();
    assert_eq!(chosen(&stream), Some(&b"http/1.1"[..]));

    let request = String::from_utf8(call(1, "add", json!({ "a": 2, "b": 3 }))).unwrap();
    let request = request.replacen("\r\n", "\r\nconnection: close\r\n", 1);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains(r#""text":"5""#), "{answer}");
}

#[tokio::test]
async fn a_client_that_knows_http_2_gets_it() {
    const SETTINGS: u8 = 4;
    let certified = certificate();
    let server = serving(&certified).await;
    let mut stream = connect(&server, &certified, &["http/1.1", "h2"])
        .await
        .unwrap();
    assert_eq!(chosen(&stream), Some(&b"h2"[..]));

    stream
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .await
        .unwrap();
    stream
        .write_all(&[0, 0, 0, SETTINGS, 0, 0, 0, 0, 0])
        .await
        .unwrap();
    let mut frame = [0; 9];
    stream.read_exact(&mut frame).await.unwrap();
    assert_eq!(frame[3], SETTINGS);
}

#[tokio::test]
async fn a_client_that_trusts_another_certificate_ends_no_one_but_itself() {
    let certified = certificate();
    let server = serving(&certified).await;
    let distrust = connect(&server, &certificate(), &["h2"]).await;
    assert_eq!(distrust.unwrap_err().kind(), io::ErrorKind::InvalidData);
    connect(&server, &certified, &["h2"])
        .await
        .expect("the server lives");
}

#[tokio::test]
async fn a_connection_that_is_plain_or_silent_is_closed() {
    let server = serving(&certificate()).await;
    let mut plain = server.peer().await;
    plain.send(call(1, "add", json!({ "a": 2, "b": 3 }))).await;
    assert!(!plain.closed().await.contains("HTTP"));
    server.peer().await.closed().await;
}

#[tokio::test]
async fn a_connection_whose_handshake_is_not_over_does_not_hold_up_the_end() {
    let server = serving_within(&certificate(), Duration::from_secs(36_000)).await;
    let mut silent = server.peer().await;
    server.handle.shutdown();
    silent.closed().await;
    server.task.await.unwrap().unwrap();
}

#[test]
fn what_is_wrong_with_certificate_or_key_is_said_at_once() {
    let (one, other) = (certificate(), certificate());
    let (pem, key) = (one.cert.pem(), one.signing_key.serialize_pem());
    for (certificates, key, expected) in [
        ("", key.as_str(), "there is no certificate in the PEM"),
        (&pem, "", "there is no private key in the PEM"),
        (
            &pem,
            &other.signing_key.serialize_pem(),
            "certificate and key cannot be used",
        ),
    ] {
        let error = Tls::pem(certificates, key).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    let error = Tls::pem(&pem, "").unwrap_err();
    assert!(error.source().is_some());
}

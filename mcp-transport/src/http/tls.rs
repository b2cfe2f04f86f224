//! TLS, for a server that has nothing in front of it that does it.

use std::error::Error;
use std::io;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

use super::options::HttpOptions;

/// The protocols that the endpoint speaks, the better one first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

impl HttpOptions {
    /// Serves over TLS alone, where the server listens itself. A connection that is not encrypted
    /// is closed, as is one whose handshake takes longer than
    /// [`Limits::head_timeout`](mcp_core::Limits::head_timeout).
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }
}

/// What a server proves itself by: made from PEM with [`Tls::pem`], or from a configuration of
/// rustls, which can say everything else, such as which clients have to prove themselves too.
#[derive(Debug, Clone)]
pub struct Tls(Arc<ServerConfig>);

impl Tls {
    /// A chain of certificates, the server's own first, and the private key of that one, both as
    /// PEM. TLS 1.2 and 1.3.
    ///
    /// # Errors
    ///
    /// [`InvalidTls`] when one of them is missing or malformed, or they do not belong together.
    pub fn pem(certificates: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Result<Self, InvalidTls> {
        let chain = CertificateDer::pem_slice_iter(certificates.as_ref())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|cause| InvalidTls::because("the certificates are not PEM", cause))?;
        if chain.is_empty() {
            return Err(InvalidTls {
                what: "there is no certificate in the PEM",
                cause: None,
            });
        }
        let key = PrivateKeyDer::from_pem_slice(key.as_ref())
            .map_err(|cause| InvalidTls::because("there is no private key in the PEM", cause))?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|config| {
                let config = config.with_no_client_auth();
                config.with_single_cert(chain, key)
            })
            .map_err(|cause| InvalidTls::because("certificate and key cannot be used", cause))?;
        Ok(Self::from(config))
    }

    /// Shakes hands with whoever connected.
    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let acceptor = TlsAcceptor::from(Arc::clone(&self.0));
        acceptor.accept(stream).await
    }
}

/// Without protocols (ALPN) of its own it offers HTTP/2 and HTTP/1.1.
impl From<ServerConfig> for Tls {
    fn from(mut config: ServerConfig) -> Self {
        if config.alpn_protocols.is_empty() {
            config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        }
        Self(Arc::new(config))
    }
}

/// Why a certificate and a key are of no use.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct InvalidTls {
    what: &'static str,
    #[source]
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl InvalidTls {
    fn because(what: &'static str, cause: impl Error + Send + Sync + 'static) -> Self {
        Self {
            what,
            cause: Some(Box::new(cause)),
        }
    }
}

//! The HTTP library that comes with this crate.

use std::error::Error;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Uri};
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::client::legacy::{Builder, Client, ResponseFuture};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use mcp_core::Limits;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::crypto::ring;
use tower_service::Service;

use self::watched::Watched;
use super::exchange::BoxError;
use super::received::Whole;
use super::{Exchanging, HttpClient, HttpError, Reach, ReceivedBody};

/// How long a connection that nobody uses is kept.
const IDLE: Duration = Duration::from_secs(90);
/// After how long of silence the system asks whether the other end is still there.
const PROBE: Duration = Duration::from_secs(60);
const BEYOND: &str = "it leads to an address that is not to be connected to here";

/// HTTP/1.1 and HTTP/2 by hyper, TLS by rustls and ring, over connections that are kept and used
/// again, without Nagle's delay.
///
/// It is cheap to clone, and clones share their connections. It belongs to the runtime it is
/// first used in.
#[derive(Debug, Clone)]
pub struct HyperClient {
    connect_timeout: Duration,
    write_timeout: Duration,
    reach: Reach,
    plain: Client<Patient<Tcp>, Whole>,
    tls: Arc<OnceLock<Result<Encrypted, String>>>,
}

type Tcp = HttpConnector<Names<GaiResolver>>;
type Encrypted = Client<Patient<HttpsConnector<Tcp>>, Whole>;

impl HyperClient {
    /// A client that trusts the certificate authorities that the system trusts, and gives a
    /// connection up after [`Limits::connect_timeout`].
    pub fn new(limits: &Limits) -> Self {
        Self::within(Reach::Anywhere, limits)
    }

    /// The same, for places that others name: it connects to no address that `reach` does not
    /// allow, whatever the names of hosts are looked up as (fault 89).
    pub fn within(reach: Reach, limits: &Limits) -> Self {
        let (connect_timeout, write_timeout) = (limits.connect_timeout, limits.write_timeout);
        Self {
            connect_timeout,
            write_timeout,
            reach,
            plain: pooled(Patient::new(tcp(reach), connect_timeout, write_timeout)),
            tls: Arc::default(),
        }
    }

    /// The same with TLS of your own: other authorities, or a certificate to show. Its protocols
    /// (ALPN) must be empty.
    #[must_use]
    pub fn tls(mut self, config: ClientConfig) -> Self {
        self.tls = Arc::new(OnceLock::from(Ok(self.encrypted(config))));
        self
    }

    fn encrypted(&self, config: ClientConfig) -> Encrypted {
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(config)
            .https_only()
            .enable_all_versions()
            .wrap_connector(tcp(self.reach));
        pooled(Patient::new(
            connector,
            self.connect_timeout,
            self.write_timeout,
        ))
    }

    /// The client for `https`, made when it is first needed: reading the system's authorities
    /// takes its time.
    fn over_tls(&self) -> &Result<Encrypted, String> {
        self.tls.get_or_init(|| {
            let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .and_then(|config| config.try_with_platform_verifier())
                .map_err(|error| format!("the system's certificate authorities: {error}"))?;
            Ok(self.encrypted(config.with_no_client_auth()))
        })
    }
}

impl Default for HyperClient {
    fn default() -> Self {
        Self::new(&Limits::default())
    }
}

impl HttpClient for HyperClient {
    fn exchange(&self, request: Request<Bytes>) -> Exchanging {
        let uri = request.uri().clone();
        if !self.reach.allows_literal(&uri) {
            return failed(&uri, BEYOND.to_owned());
        }
        let request = request.map(Whole);
        let answer = match uri.scheme_str() {
            Some("http") => self.plain.request(request),
            Some("https") => match self.over_tls() {
                Ok(client) => client.request(request),
                Err(why) => return failed(&uri, why.clone()),
            },
            _ => {
                return failed(
                    &uri,
                    "the URL must begin with https:// or http://".to_owned(),
                );
            }
        };
        answered(uri, answer)
    }
}

/// What becomes of a request.
fn answered(uri: Uri, answer: ResponseFuture) -> Exchanging {
    Box::pin(async move {
        match answer.await {
            Ok(response) => Ok(response.map(ReceivedBody::new)),
            // What it adds to its cause is no more than "client error (Connect)".
            Err(error) if error.is_connect() => Err(HttpError::unreachable(
                &uri,
                error
                    .source()
                    .map_or_else(|| error.to_string(), super::exchange::chain),
            )),
            Err(error) => Err(HttpError::broken(error)),
        }
    })
}

fn failed(uri: &Uri, why: String) -> Exchanging {
    let error = HttpError::unreachable(uri, why);
    Box::pin(async { Err(error) })
}

fn tcp(reach: Reach) -> Tcp {
    tcp_by(GaiResolver::new(), reach)
}

/// What connects to what `resolver` makes of names.
fn tcp_by<R>(resolver: R, reach: Reach) -> HttpConnector<Names<R>> {
    let names = Names { resolver, reach };
    let mut connector = HttpConnector::new_with_resolver(names);
    connector.enforce_http(false);
    // Small messages must not wait for one another.
    connector.set_nodelay(true);
    connector.set_keepalive(Some(PROBE));
    connector
}

fn pooled<C>(connector: C) -> Client<C, Whole>
where
    C: hyper_util::client::legacy::connect::Connect + Clone,
{
    pool().build(connector)
}

fn pool() -> Builder {
    let mut pool = Client::builder(TokioExecutor::new());
    pool.timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE);
    pool
}

/// Looks names up, and leaves out the addresses that are beyond reach. What is left is what is
/// connected to: there is no second look-up that could say something else.
#[derive(Debug, Clone)]
struct Names<R> {
    resolver: R,
    reach: Reach,
}

impl<R> Service<Name> for Names<R>
where
    R: Service<Name>,
    R::Response: Iterator<Item = SocketAddr>,
    R::Error: Into<BoxError>,
    R::Future: Send + 'static,
{
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.resolver.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (found, reach) = (self.resolver.call(name), self.reach);
        Box::pin(async move {
            let found = found.await.map_err(Into::into)?;
            let within: Vec<_> = found.filter(|found| reach.allows(found.ip())).collect();
            match within.is_empty() {
                true => Err(BEYOND.into()),
                false => Ok(within.into_iter()),
            }
        })
    }
}

/// A connector that takes no longer than this, names and TLS included, for connections that do not
/// wait for ever.
#[derive(Debug, Clone)]
struct Patient<C> {
    connector: C,
    patience: Duration,
    /// How long a write may wait.
    write: Duration,
}

impl<C> Patient<C> {
    fn new(connector: C, patience: Duration, write: Duration) -> Self {
        Self {
            connector,
            patience,
            write,
        }
    }
}

impl<C> Service<Uri> for Patient<C>
where
    C: Service<Uri>,
    C::Error: Into<BoxError>,
    C::Future: Send + 'static,
    C::Response: Send,
{
    type Response = Watched<C::Response>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = tokio::time::timeout(self.patience, self.connector.call(uri));
        let (patience, write) = (self.patience.as_secs_f32(), self.write);
        Box::pin(async move {
            match connecting.await {
                Ok(connected) => {
                    let connected = connected.map_err(Into::into)?;
                    Ok(Watched::new(connected, write))
                }
                Err(_) => Err(format!("not within {patience} s (limit `connect_timeout`)").into()),
            }
        })
    }
}

#[cfg(all(test, feature = "http-server"))]
mod over;
#[cfg(test)]
mod tests;
mod watched;

#[cfg(all(test, feature = "http-server"))]
pub(crate) use over::HyperOver;

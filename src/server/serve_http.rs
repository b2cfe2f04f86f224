//! Serving over Streamable HTTP.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Request;
use http_body::Body;
use mcp_transport::http::{self as transport, HttpOptions, HttpResponse};
use tokio::net::TcpListener;
use tower_service::Service;

use super::dispatch::Dispatcher;
use super::error::Error;
use super::stop::StopWatch;
use super::watchdog::{self, Watched};
use super::{Server, ServerHandle};

impl Server {
    /// Builds the server and serves it over HTTP at `address`, path `/mcp`, until the process is
    /// told to stop. HTTP/1.1, and HTTP/2 with the feature `http2`; every revision at the same
    /// endpoint.
    ///
    /// ```no_run
    /// use toolwright::prelude::*;
    ///
    /// /// Add two numbers.
    /// #[tool]
    /// fn add(a: i64, b: i64) -> i64 {
    ///     a + b
    /// }
    ///
    /// #[tokio::main]
    /// async fn main() -> toolwright::Result<()> {
    ///     toolwright::server!()
    ///         .tool::<add>()
    ///         .serve_http(([127, 0, 0, 1], 8000))
    ///         .await
    /// }
    /// ```
    ///
    /// # Errors
    /// [`Error::Build`] when the parts do not make a server; [`Error::Io`] when the address
    /// cannot be listened at, or is not one of this machine's own: then the hosts have to be
    /// named, see [`Server::serve_http_with`].
    pub async fn serve_http(self, address: impl Into<SocketAddr>) -> Result<(), Error> {
        self.serve_http_with(address, HttpOptions::default()).await
    }

    /// [`Server::serve_http`] with more to say.
    ///
    /// # Errors
    /// As [`Server::serve_http`].
    pub async fn serve_http_with(
        self,
        address: impl Into<SocketAddr>,
        options: HttpOptions,
    ) -> Result<(), Error> {
        let server = self.build()?;
        let listener = transport::listen(address.into(), &options).await?;
        server.serve_listener(listener, options).await
    }
}

impl ServerHandle {
    /// Serves the connections of a listener over HTTP until the process is told to stop, or
    /// [`ServerHandle::shutdown`] is called: then subscriptions end with a result, and calls are
    /// answered within [`Limits::drain`](crate::Limits::drain).
    ///
    /// This is [`Server::serve_http_with`] on a listener that is there already, for example to
    /// know the port that the system chose. Which hosts requests may name is the caller's to
    /// think of.
    ///
    /// # Errors
    /// [`Error::Io`] when the listener fails.
    pub async fn serve_listener(
        &self,
        listener: TcpListener,
        options: HttpOptions,
    ) -> Result<(), Error> {
        let _stop = StopWatch::over(self);
        let service = self.http(options);
        Ok(transport::serve(listener, service.endpoint).await?)
    }

    /// The server as a `tower` service, to mount in a router of axum or hyper, at whatever path.
    pub fn http(&self, options: HttpOptions) -> HttpService {
        let endpoint = transport::HttpService::new(
            Arc::new(Dispatcher(Arc::clone(&self.0))),
            Arc::clone(&self.0.profile),
            self.0.settings.limits.clone(),
            options,
        );
        let watched = watchdog::watch(&self.0)
            .inspect_err(|error| tracing::warn!(%error, "handlers that block are not watched"));
        HttpService {
            endpoint,
            _watched: watched.ok().map(Arc::new),
        }
    }
}

/// A server behind one HTTP endpoint: a `tower` service, cheap to clone. Made by
/// [`ServerHandle::http`].
#[derive(Debug, Clone)]
pub struct HttpService {
    endpoint: transport::HttpService<Dispatcher>,
    /// Handlers that hold a thread are noticed for as long as there is a service (fault 54).
    _watched: Option<Arc<Watched>>,
}

impl<B> Service<Request<B>> for HttpService
where
    B: Body + Send + 'static,
    B::Data: Send,
{
    type Response = HttpResponse;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        self.endpoint.call(request)
    }
}

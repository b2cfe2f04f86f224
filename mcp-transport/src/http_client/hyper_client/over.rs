//! The HTTP library over connections that are no sockets.

use bytes::Bytes;
use http::{Request, Version};
use hyper_util::client::legacy::connect::Connection;
use hyper_util::rt::TokioIo;
use mcp_core::Limits;
use tokio::io::{AsyncRead, AsyncWrite};

use super::{
    BoxError, Client, Exchanging, HttpClient, Patient, Service, Uri, Whole, answered, pool,
};

/// A [`HyperClient`](super::HyperClient) whose connections are made by something else.
pub(crate) struct HyperOver<C>(Client<Patient<C>, Whole>);

impl<C, S> HyperOver<C>
where
    C: Service<Uri, Response = TokioIo<S>> + Clone + Send + Sync + 'static,
    C::Error: Into<BoxError>,
    C::Future: Send,
    S: AsyncRead + AsyncWrite + Connection + Unpin + Send + 'static,
{
    pub(crate) fn new(connector: C, version: Version, limits: &Limits) -> Self {
        let (patience, write) = (limits.connect_timeout, limits.write_timeout);
        let patient = Patient::new(connector, patience, write);
        let mut pool = pool();
        Self(pool.http2_only(version == Version::HTTP_2).build(patient))
    }
}

impl<C, S> HttpClient for HyperOver<C>
where
    C: Service<Uri, Response = TokioIo<S>> + Clone + Send + Sync + 'static,
    C::Error: Into<BoxError>,
    C::Future: Send,
    S: AsyncRead + AsyncWrite + Connection + Unpin + Send + 'static,
{
    fn exchange(&self, request: Request<Bytes>) -> Exchanging {
        let uri = request.uri().clone();
        answered(uri, self.0.request(request.map(Whole)))
    }
}

//! Serving a `tower` service with hyper alone: a server in front of it would only cost more.

use std::net::SocketAddr;

use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tower_service::Service;

use super::options::listening;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Serves until it is asked to leave.
pub async fn serve<S, B>(address: SocketAddr, service: S) -> Result<(), Failure>
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Failure>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Failure>,
{
    let listener = TcpListener::bind(address).await?;
    listening(listener.local_addr()?);
    let mut leave = signal(SignalKind::terminate())?;
    let accepting = async {
        loop {
            let (socket, _) = listener.accept().await?;
            socket.set_nodelay(true)?;
            let service = TowerToHyperService::new(service.clone());
            let io = TokioIo::new(socket);
            tokio::spawn(http1::Builder::new().serve_connection(io, service));
        }
    };
    tokio::select! {
        failed = accepting => failed,
        _ = leave.recv() => Ok(()),
    }
}

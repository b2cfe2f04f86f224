//! Listening: connections in, one task each, and out again in peace.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use http::{Request, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use mcp_core::engine::Signals;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::address::ClientAddress;
use super::options::HttpOptions;
use super::probes::Stage;
use super::protocols::{builder, ended_early, leaving};
use super::reply::{self, Refused};
use super::service::HttpService;
use super::timed::{Exchanges, Timed};
#[cfg(feature = "tls")]
use super::tls::Tls;
use crate::driver::{Handler, Noted};

/// How long to wait when the system has no descriptor for another connection.
const OUT_OF_DESCRIPTORS: Duration = Duration::from_millis(100);

/// Listens at `address`, for [`serve`].
///
/// # Errors
///
/// [`InvalidInput`](io::ErrorKind::InvalidInput) when the address is not one of this machine's
/// own and the options name no hosts: with any name allowed, any page in any browser could use the
/// server. Otherwise what the system says.
pub async fn listen(address: SocketAddr, options: &HttpOptions) -> io::Result<TcpListener> {
    if !address.ip().is_loopback() && options.hosts.is_none() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!(
                "{address} can be reached from outside: name the hosts that requests may be for \
                 (`HttpOptions::hosts`)"
            ),
        ));
    }
    TcpListener::bind(address).await
}

/// Serves every connection of `listener` until the server is told to shut down and the notice of
/// [`HttpOptions::readiness`] is over; then accepts no more, lets subscriptions end with a result
/// and calls be answered for [`Limits::drain`](mcp_core::Limits::drain), and closes (fault 57).
///
/// # Errors
///
/// When the listener fails for good.
pub async fn serve<H: Handler>(listener: TcpListener, service: HttpService<H>) -> io::Result<()> {
    let signals = Arc::new(Signals::default());
    let _noted = Noted::by(service.handler(), &signals);
    let (stage, stages) = watch::channel(Stage::Serving);
    let mut ended = pin!(async {
        shutdown(&signals).await;
        stage.send_replace(Stage::Leaving);
        tokio::time::sleep(service.options().probes.notice).await;
        // What began since has to end, too.
        service.handler().shutdown();
    });
    let room = Arc::new(Semaphore::new(service.limits().connections));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let accepted = async {
            // Beyond the limit, connections wait where the system queues them.
            let permit = Arc::clone(&room).acquire_owned().await;
            (permit, listener.accept().await)
        };
        match race(ended.as_mut(), accepted).await {
            Winner::First(()) => break,
            Winner::Second((permit, Ok((stream, peer)))) => {
                let peer = ClientAddress(peer.ip());
                let (service, stages) = (service.clone(), stages.clone());
                // Begun inside the task: what is moved into it is kept twice.
                connections.spawn(async move {
                    connection(stream, peer, service, stages).await;
                    drop(permit);
                });
            }
            Winner::Second((_, Err(error))) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(OUT_OF_DESCRIPTORS).await;
            }
        }
    }
    drop(listener);
    stage.send_replace(Stage::Draining);
    let drained = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(service.limits().drain, drained).await;
    connections.shutdown().await;
    Ok(())
}

/// Resolves when the server was told to shut down.
async fn shutdown(signals: &Signals) {
    loop {
        if signals.take().is_some_and(|mail| mail.shutdown) {
            return;
        }
        poll_fn(|cx| signals.poll_mail(cx)).await;
    }
}

/// Serves one connection to its end, encrypted if that is wanted.
async fn connection<H: Handler>(
    stream: TcpStream,
    peer: ClientAddress,
    service: HttpService<H>,
    stages: watch::Receiver<Stage>,
) {
    // An answer is one write, and must not wait for the one before to be acknowledged.
    let _ = stream.set_nodelay(true);
    #[cfg(feature = "tls")]
    if let Some(tls) = service.options().tls.clone() {
        // Boxed, so that a connection without encryption does not pay for what it keeps.
        return Box::pin(encrypted(tls, stream, peer, service, stages)).await;
    }
    converse(stream, peer, service, stages).await;
}

/// Serves one connection over TLS.
#[cfg(feature = "tls")]
async fn encrypted<H: Handler>(
    tls: Tls,
    stream: TcpStream,
    peer: ClientAddress,
    service: HttpService<H>,
    mut stages: watch::Receiver<Stage>,
) {
    let shaken = tokio::time::timeout(service.limits().head_timeout, tls.accept(stream));
    match race(shaken, draining(&mut stages)).await {
        Winner::First(Ok(Ok(stream))) => converse(stream, peer, service, stages).await,
        Winner::First(Ok(Err(error))) => tracing::debug!(%error, "a TLS handshake failed"),
        Winner::First(Err(_)) => tracing::debug!("a TLS handshake took too long"),
        // Nothing was asked on it yet.
        Winner::Second(()) => {}
    }
}

/// Resolves when no more is accepted.
async fn draining(stages: &mut watch::Receiver<Stage>) {
    // The sender outlives every connection; if it did not, that would be an end as well.
    drop(stages.wait_for(|stage| *stage == Stage::Draining).await);
}

/// Serves HTTP on a stream to its end.
pub(super) async fn converse<H: Handler>(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: ClientAddress,
    service: HttpService<H>,
    mut stages: watch::Receiver<Stage>,
) {
    let limits = service.limits();
    let builder = builder(limits);
    let exchanges = Exchanges::default();
    let stream = TokioIo::new(Timed::new(
        stream,
        exchanges.clone(),
        limits.head_timeout,
        limits.write_timeout,
    ));
    let seen = stages.clone();
    let routed = service_fn(move |request: Request<Incoming>| {
        let (service, elsewhere) = (service.clone(), elsewhere(&service, &seen, &request));
        let (head, body) = request.into_parts();
        let underway = exchanges.begin();
        async move {
            let mut answer = match elsewhere {
                Some(answer) => *answer,
                None => service.respond_to(Some(peer), &head, body).await,
            };
            answer.body_mut().outlast(underway);
            Ok::<_, Infallible>(answer.map(leaving))
        }
    });
    let mut connection = pin!(builder.serve_connection(stream, routed));
    let changed = stages.clone();
    let mut draining = pin!(draining(&mut stages));
    let mut noted = false;
    let first = poll_fn(|cx| {
        if let Poll::Ready(ended) = connection.as_mut().poll(cx) {
            return Poll::Ready(Winner::First(ended));
        }
        // Polled once, it knows whom to wake: this task, as long as it lives. To poll it again
        // for every request, before anything has changed, would be for nothing.
        if std::mem::replace(&mut noted, true) && changed.has_changed().is_ok_and(|it_has| !it_has)
        {
            return Poll::Pending;
        }
        draining.as_mut().poll(cx).map(Winner::Second)
    });
    let ended = match first.await {
        Winner::First(ended) => ended,
        Winner::Second(()) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        ended_early(error);
    }
}

enum Winner<A, B> {
    First(A),
    Second(B),
}

/// Waits for one of two things, and looks at the first one first.
async fn race<A, B>(
    first: impl Future<Output = A>,
    second: impl Future<Output = B>,
) -> Winner<A, B> {
    let (mut first, mut second) = (pin!(first), pin!(second));
    poll_fn(|cx| match first.as_mut().poll(cx) {
        Poll::Ready(first) => Poll::Ready(Winner::First(first)),
        Poll::Pending => second.as_mut().poll(cx).map(Winner::Second),
    })
    .await
}

/// The answer to a request that is not for the endpoint.
fn elsewhere<H: Handler>(
    service: &HttpService<H>,
    stages: &watch::Receiver<Stage>,
    request: &Request<Incoming>,
) -> Option<Refused> {
    let (options, path) = (service.options(), request.uri().path());
    if path == options.path || service.is_beside(path) {
        return None;
    }
    let stage = *stages.borrow();
    let probed = options.probes.answer(request.method(), path, stage);
    Some(Box::new(
        probed.unwrap_or_else(|| reply::empty(StatusCode::NOT_FOUND)),
    ))
}

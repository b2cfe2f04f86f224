//! Which HTTP a listener speaks: 1.1, and with the feature `http2` that as well.

use std::error::Error;

use mcp_core::Limits;

use super::body::HttpBody;

#[cfg(feature = "http2")]
use self::both as spoken;
#[cfg(not(feature = "http2"))]
use self::one as spoken;
pub(super) use self::spoken::{builder, leaving};

/// Longest head of a request, in bytes: beyond it, 431 (fault 71).
const LONGEST_HEAD: usize = 64 * 1024;

/// Notes why a connection ended before its time.
pub(super) fn ended_early(error: impl Into<Box<dyn Error + Send + Sync>>) {
    tracing::debug!(error = error.into(), "a connection ended early");
}

#[cfg(any(test, not(feature = "http2")))]
mod one {
    use hyper::server::conn::http1;

    use super::{HttpBody, LONGEST_HEAD, Limits};

    /// What serves a connection. The time for a head is kept by `Timed`: what hyper has for it sets
    /// and drops a timer for every request.
    pub(in super::super) fn builder(_: &Limits) -> http1::Builder {
        let mut builder = http1::Builder::new();
        builder.max_buf_size(LONGEST_HEAD);
        builder
    }

    /// The body of an answer as it is handed to hyper.
    pub(in super::super) fn leaving(body: HttpBody) -> HttpBody {
        body
    }
}

#[cfg(feature = "http2")]
mod both {
    use hyper_util::rt::TokioTimer;
    use hyper_util::server::conn::auto;

    use super::super::unread::{Leaving, Streams};
    use super::{HttpBody, LONGEST_HEAD, Limits};

    /// Most requests of one HTTP/2 connection at once.
    const H2_STREAMS: u32 = 256;

    /// What serves a connection. The time for a head is kept by `Timed`: what hyper has for it sets
    /// and drops a timer for every request.
    pub(in super::super) fn builder(limits: &Limits) -> auto::Builder<Streams> {
        let mut builder = auto::Builder::new(Streams {
            patience: limits.write_timeout,
        });
        builder.http1().max_buf_size(LONGEST_HEAD);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(H2_STREAMS)
            .max_header_list_size(LONGEST_HEAD as u32)
            .keep_alive_interval(limits.head_timeout)
            .keep_alive_timeout(limits.write_timeout);
        builder
    }

    /// The body of an answer as it is handed to hyper.
    pub(in super::super) fn leaving(body: HttpBody) -> Leaving {
        Leaving::new(body)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::time::Duration;

    use http::{Request, StatusCode};
    use hyper::body::Incoming;
    use hyper::service::service_fn;
    use hyper_util::rt::TokioIo;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::timeout;

    use super::super::reply;
    use super::super::timed::{Exchanges, Timed};
    use super::*;
    use crate::memory;

    /// What a server without HTTP/2 says to this until it ends the connection, which is within a
    /// second.
    async fn answer(pieces: &[&[u8]]) -> String {
        let limits = Limits::default();
        let (mut near, far) = memory::pair(4096);
        let (head, write) = (limits.head_timeout, limits.write_timeout);
        let stream = Timed::new(far, Exchanges::default(), head, write);
        let empty = service_fn(|_: Request<Incoming>| async {
            let answer = reply::empty(StatusCode::NO_CONTENT);
            Ok::<_, Infallible>(answer.map(one::leaving))
        });
        let serving = one::builder(&limits).serve_connection(TokioIo::new(stream), empty);
        let serving = tokio::spawn(serving);
        for piece in pieces {
            // It may have ended it before the rest comes.
            let _ = near.write_all(piece).await;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let mut said = String::new();
        let ended = timeout(Duration::from_secs(1), near.read_to_string(&mut said)).await;
        ended.expect("it stays open").expect("text");
        let _ = serving.await.expect("no panic");
        said
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_without_http_2_ends_a_connection_that_begins_with_it() {
        let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
        for at in 0..=preface.len() {
            let (first, rest) = preface.split_at(at);
            let said = answer(&[first, rest]).await;
            let refused = said.starts_with("HTTP/1.1 400 ");
            assert!(said.is_empty() || refused, "{at}: {said}");
        }
        let next = answer(&[b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"]).await;
        assert!(next.starts_with("HTTP/1.1 204 "), "{next}");
    }
}

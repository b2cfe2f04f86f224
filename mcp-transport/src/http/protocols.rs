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

#[cfg(not(feature = "http2"))]
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

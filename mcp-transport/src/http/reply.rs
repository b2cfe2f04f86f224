//! The answers themselves: status, headers, body.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Response, StatusCode};
use mcp_core::jsonrpc::{ErrorCode, ErrorObject, RequestId, encode};

use super::accept::{EVENT_STREAM, JSON};
use super::body::{HttpBody, Source};
use crate::codec::sse::{EventFields, write_event};

/// An answer to a request.
pub type HttpResponse = Response<HttpBody>;

/// An answer that ends a request early. Boxed, since it is rare and large.
pub(super) type Refused = Box<HttpResponse>;

/// How far a request got without waiting.
pub(super) enum Answering<'a> {
    /// To its answer.
    Done(HttpResponse),
    /// To what has to be waited for. Boxed: what waits is large, and every request would move it.
    Later(Pin<Box<dyn Future<Output = HttpResponse> + Send + 'a>>),
}

impl Answering<'_> {
    /// The answer, once it is known.
    pub(super) async fn wait(self) -> HttpResponse {
        match self {
            Self::Done(response) => response,
            Self::Later(future) => future.await,
        }
    }
}

/// An answer without a body.
pub(super) fn empty(status: StatusCode) -> HttpResponse {
    let mut response = Response::new(HttpBody::empty());
    *response.status_mut() = status;
    response
}

/// 405, naming what is allowed instead.
pub(super) fn method_not_allowed(allowed: &'static str) -> HttpResponse {
    let mut response = empty(StatusCode::METHOD_NOT_ALLOWED);
    let allowed = HeaderValue::from_static(allowed);
    response.headers_mut().insert(ALLOW, allowed);
    response
}

/// One message.
pub(super) fn json(status: StatusCode, message: impl Into<Bytes>) -> HttpResponse {
    let mut response = Response::new(HttpBody::whole(message));
    *response.status_mut() = status;
    let json = HeaderValue::from_static(JSON);
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

/// An error response.
pub(super) fn error(
    status: StatusCode,
    id: Option<&RequestId>,
    error: &ErrorObject,
) -> HttpResponse {
    let mut message = Vec::new();
    encode::error(&mut message, id, error);
    json(status, message)
}

/// Why a request was turned away before it was read: an error response without an id.
pub(super) fn refusal(status: StatusCode, why: impl Into<Cow<'static, str>>) -> Refused {
    Box::new(error(status, None, &ErrorObject::invalid_request(why)))
}

/// Events that are there already, as a stream that ends with them.
pub(super) fn whole_stream(events: impl Into<Bytes>) -> HttpResponse {
    event_stream(HttpBody::whole(events))
}

/// Events as they come.
pub(super) fn stream(source: impl Source + 'static) -> HttpResponse {
    event_stream(HttpBody::stream(source))
}

fn event_stream(body: HttpBody) -> HttpResponse {
    const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(EVENT_STREAM));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // Or a proxy keeps the events until the stream is over (HTTP-M-32, fault 84).
    headers.insert(ACCEL_BUFFERING, HeaderValue::from_static("no"));
    response
}

/// Appends one message as an event without an id, which no stream of the modern era has
/// (HTTP-M-31).
pub(super) fn push_event(buffer: &mut Vec<u8>, message: &[u8]) {
    write_event(buffer, EventFields::default(), message);
}

/// The status of a modern answer whose handler came to this outcome.
pub(super) fn status_of(error: Option<ErrorCode>) -> StatusCode {
    match error {
        Some(code) if code.is_modern() => StatusCode::BAD_REQUEST,
        Some(ErrorCode::METHOD_NOT_FOUND) => StatusCode::NOT_FOUND,
        _ => StatusCode::OK,
    }
}

/// The status of a modern request that no handler saw: nothing of it can be right (AMB-05).
pub(super) fn status_of_refusal(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::METHOD_NOT_FOUND => StatusCode::NOT_FOUND,
        _ => StatusCode::BAD_REQUEST,
    }
}

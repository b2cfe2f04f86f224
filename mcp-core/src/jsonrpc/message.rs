//! The three kinds of message, borrowed from the bytes they came in.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::{ErrorObject, RequestId};

/// One JSON-RPC message.
#[derive(Debug)]
pub enum Message<'m> {
    /// A request: it has an id and is owed one response.
    Request(Request<'m>),
    /// A notification: no id, no response (RPC-A-06).
    Notification(Notification<'m>),
    /// The response to a request of ours.
    Response(Response<'m>),
}

/// A request.
#[derive(Debug)]
pub struct Request<'m> {
    /// The id to echo.
    pub id: RequestId,
    /// The method's name.
    pub method: Cow<'m, str>,
    /// The JSON text of `params`, not yet looked into.
    pub params: Option<&'m RawValue>,
}

/// A notification.
#[derive(Debug)]
pub struct Notification<'m> {
    /// The method's name.
    pub method: Cow<'m, str>,
    /// The JSON text of `params`, not yet looked into.
    pub params: Option<&'m RawValue>,
}

/// A response.
#[derive(Debug)]
pub struct Response<'m> {
    /// The id of the request it answers; absent when the peer could not read it (RPC-A-04).
    pub id: Option<RequestId>,
    /// The JSON text of `result`, or the `error` (RPC-A-05).
    pub outcome: Result<&'m RawValue, ErrorObject>,
}

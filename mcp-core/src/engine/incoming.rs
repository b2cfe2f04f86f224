//! One message, read as far as choosing its way needs.

use std::borrow::Cow;

use crate::json::JsonText;
use crate::jsonrpc::{ErrorObject, Frame, Malformed, Message, RequestId, decode};
use crate::lifecycle::{Params, StraightRequest};

/// A message that came alone: what it is, before any rule of an era was applied.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "the common case goes by value: a box would be an allocation per call"
)]
pub enum Incoming<'m> {
    /// A request.
    Request(IncomingRequest<'m>),
    /// A notification.
    Notification,
    /// A response.
    Response,
    /// An array of messages (RPC-L-11).
    Batch,
    /// Nothing that can be read as a message.
    Malformed(Malformed),
}

impl<'m> Incoming<'m> {
    /// Reads `bytes`, of which an array may hold `max_batch` messages.
    pub fn read(bytes: &'m [u8], max_batch: usize) -> Self {
        if let Some(request) = StraightRequest::read(bytes) {
            return Self::Request(IncomingRequest {
                id: request.id,
                method: request.method,
                params: Ok(request.params),
            });
        }
        match decode(bytes, max_batch) {
            Ok(Frame::Single(Message::Request(request))) => Self::Request(IncomingRequest {
                id: request.id,
                method: request.method,
                params: Params::read(request.params.map(JsonText::from)),
            }),
            Ok(Frame::Single(Message::Notification(_))) => Self::Notification,
            Ok(Frame::Single(Message::Response(_))) => Self::Response,
            Ok(Frame::Batch(_)) => Self::Batch,
            Err(malformed) => Self::Malformed(malformed),
        }
    }
}

/// A request whose parameters were looked at, and not judged.
#[derive(Debug)]
pub struct IncomingRequest<'m> {
    /// The id to echo.
    pub id: RequestId,
    /// The method's name.
    pub method: Cow<'m, str>,
    /// Its parameters, or why they cannot be any.
    pub params: Result<Params<'m>, ErrorObject>,
}

impl IncomingRequest<'_> {
    /// Whether it names its version itself (VER-D-01).
    pub fn is_modern(&self) -> bool {
        let params = self.params.as_ref();
        params.is_ok_and(|params| params.meta.is_modern())
    }
}

//! Whether whoever asks was granted what they ask for (AUTH-S-04): once for all methods, before
//! any handler.

use std::sync::Arc;

use http::StatusCode;
use mcp_core::engine::{Incoming, IncomingRequest, Principal, Scopes};
use mcp_core::json::JsonText;
use mcp_core::jsonrpc::{ErrorObject, Frame, Message, RequestId, decode, encode};
use mcp_core::lifecycle::Params;

use super::auth::Authenticate;
use super::reply::{self, HttpResponse};
use crate::driver::Handler;

/// Somebody, and whom to ask what they may do.
pub(super) struct Permit<'a, H> {
    pub(super) handler: &'a H,
    pub(super) authenticate: Option<&'a Arc<dyn Authenticate>>,
    pub(super) principal: &'a Principal,
}

impl<H: Handler> Permit<'_, H> {
    /// What they lack for a request: all that it needs, and `None` when they may make it.
    pub(super) fn lacking(&self, request: &IncomingRequest<'_>) -> Option<Scopes> {
        let params = request.params.as_ref().ok()?;
        let method = &request.method;
        self.handler.lacking(self.principal, method, params)
    }

    /// The refusal of what was posted to a session, in which they may lack something. Of a batch
    /// nothing is done when they lack something for a part of it.
    pub(super) fn refuse(
        &self,
        message: &Incoming<'_>,
        body: &[u8],
        max_batch: usize,
    ) -> Option<HttpResponse> {
        let (id, needed) = match message {
            Incoming::Request(request) => (Some(&request.id), self.lacking(request)?),
            Incoming::Batch => (None, self.lacking_in_batch(body, max_batch)?),
            _ => return None,
        };
        Some(self.forbid(id, &needed))
    }

    fn lacking_in_batch(&self, body: &[u8], max_batch: usize) -> Option<Scopes> {
        let Ok(Frame::Batch(messages)) = decode(body, max_batch) else {
            return None;
        };
        let lacking = messages.into_iter().filter_map(|message| {
            let Ok(Message::Request(request)) = message else {
                return None;
            };
            let params = Params::read(request.params.map(JsonText::from)).ok()?;
            self.handler
                .lacking(self.principal, &request.method, &params)
        });
        lacking.reduce(|mut all, more| {
            all.extend(more.iter());
            all
        })
    }

    /// 403, naming all that is needed.
    pub(super) fn forbid(&self, id: Option<&RequestId>, needed: &Scopes) -> HttpResponse {
        let why = format!("Insufficient scope: this needs `{needed}`");
        let error = ErrorObject::invalid_request(why);
        match self.authenticate {
            Some(authenticate) => {
                let mut message = Vec::new();
                encode::error(&mut message, id, &error);
                let challenge = authenticate.insufficient(needed);
                challenge.into_response(Some(message))
            }
            // Nobody can be granted anything here.
            None => reply::error(StatusCode::FORBIDDEN, id, &error),
        }
    }
}

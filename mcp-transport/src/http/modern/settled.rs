//! What a handler came to, on its way to an answer.

use mcp_core::Revision;
use mcp_core::engine::{Outcome, ResultEncoder};
use mcp_core::jsonrpc::RequestId;

use crate::http::accept::Acceptable;
use crate::http::reply::{self, HttpResponse};

/// An outcome that is not encoded yet. It borrows nothing of its request, so that what held the
/// request can hold the answer: both may be large, and fresh memory is dear.
pub(in crate::http) struct Settled {
    pub(super) accept: Acceptable,
    /// What was sent before it.
    pub(super) events: Vec<u8>,
    pub(super) id: RequestId,
    pub(super) revision: Revision,
    pub(super) outcome: Outcome,
}

impl Settled {
    /// One message with a status of its own, written into `buffer`, or a stream when something was
    /// sent before it (HTTP-M-30).
    pub(in crate::http) fn answer(
        self,
        encoder: &ResultEncoder,
        mut buffer: Vec<u8>,
    ) -> HttpResponse {
        let Self {
            accept,
            mut events,
            id,
            revision,
            outcome,
        } = self;
        let error = outcome.as_ref().err().map(|error| error.code);
        encoder.respond(&mut buffer, &id, revision, outcome);
        let nothing_before = events.is_empty() || !accept.event_stream();
        if nothing_before && accept.json() {
            // It may stay here for as long as the peer takes to read it.
            if buffer.len() < buffer.capacity() / 4 {
                buffer.shrink_to_fit();
            }
            return reply::json(reply::status_of(error), buffer);
        }
        reply::push_event(&mut events, &buffer);
        reply::whole_stream(events)
    }
}

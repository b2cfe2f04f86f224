//! Streams that a client opens or resumes by GET.

use std::sync::Arc;

use http::{HeaderValue, StatusCode};
use mcp_core::engine::Principal;

use super::answer::Waiter;
use super::session::Session;
use super::{LegacyEndpoint, stream, unknown_session};
use crate::driver::Handler;
use crate::http::events::{EventId, InvalidEventId, ReplayError};
use crate::http::expiry::Expiry;
use crate::http::fields::Fields;
use crate::http::keep_alive::KeepAlive;
use crate::http::reply::{self, HttpResponse, Refused};
use crate::http_headers::LAST_EVENT_ID;

impl<H: Handler> LegacyEndpoint<H> {
    /// Opens the stream of what belongs to no request, or resumes any stream (HTTP-L-05,
    /// HTTP-L-10).
    pub(in crate::http) async fn get(
        &self,
        fields: &Fields<'_>,
        principal: &Principal,
    ) -> Result<HttpResponse, Refused> {
        let Some(sessions) = &self.sessions else {
            return Ok(reply::method_not_allowed("POST"));
        };
        let session = self.find(sessions, fields, principal)?;
        self.revision_of(fields)?;
        if let Some(last) = fields.all.get(&LAST_EVENT_ID) {
            return self
                .resume(session, last, Expiry::at(principal.expires()))
                .await;
        }
        let waiter = {
            let mut inner = session.lock();
            if !inner.touch() {
                return Err(unknown_session());
            }
            if inner.unasked().as_ref().is_some_and(|s| s.is_read()) {
                let why = "the session has such a stream already";
                return Err(reply::refusal(StatusCode::CONFLICT, why));
            }
            let stream = session.new_stream(&mut inner);
            let waiter = Waiter::new(&session, Arc::clone(&stream));
            stream.begin_events();
            *inner.unasked() = Some(stream);
            inner.turn(&session.signals);
            session.mind(&mut inner);
            waiter
        };
        // Something has to flow, or a proxy keeps even the head back (fault 84).
        let first = KeepAlive::comment();
        Ok(waiter.read(
            Some(first),
            self.options.keep_alive,
            Expiry::at(principal.expires()),
        ))
    }

    async fn resume(
        &self,
        session: Arc<Session<H>>,
        last: &HeaderValue,
        expiry: Expiry,
    ) -> Result<HttpResponse, Refused> {
        let bad = |why: String| reply::refusal(StatusCode::BAD_REQUEST, why);
        let last: EventId = last
            .to_str()
            .unwrap_or_default()
            .parse()
            .map_err(|error: InvalidEventId| bad(error.to_string()))?;
        let live = {
            let mut inner = session.lock();
            inner.touch();
            inner.live_stream(last.stream())
        };
        // From here on the stream collects what comes, so that nothing falls between.
        let guard = live.map(|stream| Waiter::new(&session, stream));
        let id = session.id.ok_or_else(unknown_session)?;
        let replayed = self.store.replay(&id, last).await.map_err(|error| {
            let status = match error {
                ReplayError::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
                ReplayError::Unknown | ReplayError::Evicted => StatusCode::BAD_REQUEST,
            };
            reply::refusal(status, error.to_string())
        })?;
        let mut first = Vec::new();
        for event in &replayed {
            stream::write(&mut first, Some(event.id), &event.data);
        }
        let Some(guard) = guard else {
            return Ok(reply::whole_stream(first));
        };
        guard
            .stream
            .skip_to(replayed.last().map_or(last, |event| event.id));
        session.mind(&mut session.lock());
        Ok(guard.read(Some(first.into()), self.options.keep_alive, expiry))
    }
}

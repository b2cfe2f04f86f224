//! The handshake revisions over HTTP (§12): sessions, or none.

mod answer;
mod get;
mod http_sse;
mod log;
mod places;
mod post;
mod pump;
mod session;
mod sessions;
mod stream;

use std::sync::Arc;

use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use mcp_core::engine::{Incoming, Principal, ServerEngine, ServerProfile};
use mcp_core::lifecycle::{State, unsupported_version};
use mcp_core::{Era, Limits, Revision};

pub(super) use self::http_sse::{HttpSse, SsePath};
use self::places::{Full, Peer};
use self::session::Session;
use self::sessions::Sessions;
use super::accept::Acceptable;
use super::address::ClientAddress;
use super::events::EventStore;
use super::fields::Fields;
use super::headers::Field;
use super::options::{HttpOptions, Legacy};
use super::reply::{self, Answering, HttpResponse, Refused};
use super::session_id::{SESSION_ID, SessionId};
use crate::driver::Handler;

/// How the clients of the handshake revisions are served: at one path, by POST, GET and DELETE
/// (HTTP-L-01).
pub(super) struct LegacyEndpoint<H> {
    handler: Arc<H>,
    profile: Arc<ServerProfile>,
    limits: Arc<Limits>,
    options: HttpOptions,
    store: Arc<dyn EventStore>,
    /// `None` where nothing is remembered of a client.
    sessions: Option<Arc<Sessions<H>>>,
}

impl<H: Handler> LegacyEndpoint<H> {
    /// The endpoint, if the options and the revisions that are served have one.
    pub(super) fn new(
        handler: &Arc<H>,
        profile: &Arc<ServerProfile>,
        limits: &Limits,
        options: &HttpOptions,
    ) -> Option<Self> {
        if !serves_handshakes(profile) || options.legacy == Legacy::Off {
            return None;
        }
        let sessions = (options.legacy == Legacy::Sessions).then(|| Sessions::new(limits));
        Some(Self {
            handler: Arc::clone(handler),
            profile: Arc::clone(profile),
            limits: Arc::new(limits.clone()),
            options: options.clone(),
            store: options.event_store(),
            sessions,
        })
    }

    /// Whether clients have sessions.
    pub(super) fn has_sessions(&self) -> bool {
        self.sessions.is_some()
    }

    /// Begins a session (HTTP-L-07).
    pub(super) async fn initialize(
        &self,
        fields: &Fields<'_>,
        body: &[u8],
        accept: Acceptable,
        principal: Principal,
        address: Option<ClientAddress>,
    ) -> Result<HttpResponse, Refused> {
        let message = Incoming::read(body, self.limits.batch);
        let Some(sessions) = &self.sessions else {
            let session = self.session(None, self.engine(&principal), principal.clone());
            let posted = session.post(&message, body, principal);
            drop(message);
            return Ok(self.answer(session, posted, accept).wait().await);
        };
        if fields.session != Field::Absent {
            // An id that a client chose is never adopted (fault 77); in a session that exists,
            // the engine has the answer.
            let answering = self.post(fields, &message, body, accept, principal)?;
            drop(message);
            return Ok(answering.wait().await);
        }
        let place = sessions.place(&Peer::of(&principal, address));
        let place = place.map_err(|why| full(why, &self.limits))?;
        let id = fresh_id()?;
        let session = self.session(Some(id), self.engine(&principal), principal.clone());
        let posted = session.post(&message, body, principal);
        drop(message);
        let begun = session.lock().engine.state() != State::Uninitialized;
        let mut response = self
            .answer(Arc::clone(&session), posted, accept)
            .wait()
            .await;
        if begun {
            sessions.insert(id, session, place);
            let value = HeaderValue::from_str(id.as_str()).expect("an id is visible ASCII");
            response.headers_mut().insert(&SESSION_ID, value);
        }
        Ok(response)
    }

    /// Takes a message of a session, or of a client without one.
    pub(super) fn post(
        &self,
        fields: &Fields<'_>,
        message: &Incoming<'_>,
        body: &[u8],
        accept: Acceptable,
        principal: Principal,
    ) -> Result<Answering<'_>, Refused> {
        let session = match &self.sessions {
            Some(sessions) => {
                let session = self.find(sessions, fields, &principal)?;
                self.revision_of(fields)?;
                session
            }
            None => {
                let revision = self.revision_of(fields)?;
                let revision = revision.unwrap_or(Revision::UNSAID_OVER_HTTP);
                let engine = self.engine(&principal).after_handshake(revision);
                self.session(None, engine, principal.clone())
            }
        };
        let posted = session.post(message, body, principal);
        Ok(self.answer(session, posted, accept))
    }

    /// Ends a session (HTTP-L-07).
    pub(super) fn delete(
        &self,
        fields: &Fields<'_>,
        principal: &Principal,
    ) -> Result<HttpResponse, Refused> {
        let Some(sessions) = &self.sessions else {
            return Ok(reply::method_not_allowed("POST"));
        };
        let session = self.find(sessions, fields, principal)?;
        if let Some(id) = &session.id {
            sessions.remove(id);
        }
        Ok(reply::empty(StatusCode::NO_CONTENT))
    }

    fn engine(&self, principal: &Principal) -> ServerEngine {
        let engine = ServerEngine::new(Arc::clone(&self.profile), Arc::clone(&self.limits))
            .with_principal(principal.clone())
            .with_streams();
        match self.sessions {
            Some(_) => engine,
            // The client's answer would reach an engine that never asked, here or on a replica.
            None => engine.one_way(),
        }
    }

    fn session(
        &self,
        id: Option<SessionId>,
        engine: ServerEngine,
        principal: Principal,
    ) -> Arc<Session<H>> {
        let handler = Arc::clone(&self.handler);
        Session::new(id, engine, principal, handler, Arc::clone(&self.store))
    }

    /// The session that a request names: 400 when it names none, and the same 404 for one that
    /// never was, is over, or belongs to somebody else (HTTP-L-07, fault 76).
    fn find(
        &self,
        sessions: &Sessions<H>,
        fields: &Fields<'_>,
        principal: &Principal,
    ) -> Result<Arc<Session<H>>, Refused> {
        let id = SessionId::from_header(fields.session).map_err(|_| unknown_session())?;
        let id = id.ok_or_else(|| {
            let why = "Mcp-Session-Id is missing: send `initialize` first, or name the version in \
                       `_meta` (2026-07-28)";
            reply::refusal(StatusCode::BAD_REQUEST, why)
        })?;
        sessions.get(&id, principal).ok_or_else(unknown_session)
    }

    /// The revision in the version header; `None` when there is no such header (HTTP-L-04).
    fn revision_of(&self, fields: &Fields<'_>) -> Result<Option<Revision>, Refused> {
        let Some(value) = fields.version.first() else {
            return Ok(None);
        };
        let text = value.to_str().unwrap_or_default().trim();
        let served = |r: &Revision| r.era() == Era::Legacy && self.profile.revisions().contains(r);
        match Revision::from_wire(text).filter(served) {
            Some(revision) => Ok(Some(revision)),
            None => {
                let error = unsupported_version(text, self.profile.revisions());
                Err(Box::new(reply::error(
                    StatusCode::BAD_REQUEST,
                    None,
                    &error,
                )))
            }
        }
    }
}

/// Whether any revision is served that begins with a handshake.
fn serves_handshakes(profile: &ServerProfile) -> bool {
    profile.revisions().iter().any(|r| r.era() == Era::Legacy)
}

/// The id of a new session.
fn fresh_id() -> Result<SessionId, Refused> {
    SessionId::generate().map_err(|error| {
        tracing::error!(%error, "no session");
        reply::refusal(StatusCode::SERVICE_UNAVAILABLE, "no session can begin now")
    })
}

/// 503 when nobody gets a session (fault 81), 429 when this peer does not (fault 82).
fn full(full: Full, limits: &Limits) -> Refused {
    let (status, why) = match full {
        Full::ForAll => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!(
                "there are {} sessions already (limit `sessions`)",
                limits.sessions
            ),
        ),
        Full::ForPeer => (
            StatusCode::TOO_MANY_REQUESTS,
            format!(
                "you have {} sessions already (limit `peer_sessions`)",
                limits.peer_sessions
            ),
        ),
    };
    let mut refusal = reply::refusal(status, why);
    let soon = HeaderValue::from_static("60");
    refusal.headers_mut().insert(RETRY_AFTER, soon);
    refusal
}

fn unknown_session() -> Refused {
    reply::refusal(StatusCode::NOT_FOUND, "there is no such session")
}

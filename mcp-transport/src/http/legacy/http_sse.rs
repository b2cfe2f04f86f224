//! HTTP+SSE, the transport of 2024-11-05: one path to hear at, one to speak at (HTTP-L-40).
//!
//! A session is as long as its stream, and everything the server says leaves by that.

use std::sync::Arc;

use bytes::Bytes;
use http::{StatusCode, Uri};
use mcp_core::Limits;
use mcp_core::engine::{Incoming, Principal, ServerEngine, ServerProfile};

use super::post::{Posted, SessionReading};
use super::session::Session;
use super::sessions::Sessions;
use super::stream::{Reading, StreamReader};
use super::{Peer, full, unknown_session};
use crate::codec::sse::{EventFields, write_event};
use crate::driver::Handler;
use crate::http::address::ClientAddress;
use crate::http::events::EventStore;
use crate::http::expiry::Expiry;
use crate::http::keep_alive::KeepAlive;
use crate::http::options::{HttpOptions, SsePaths};
use crate::http::permit::Permit;
use crate::http::reply::{self, HttpResponse, Refused};
use crate::http::session_id::SessionId;

/// The two paths, and the sessions of those who hear.
pub(in crate::http) struct HttpSse<H> {
    paths: SsePaths,
    handler: Arc<H>,
    profile: Arc<ServerProfile>,
    limits: Limits,
    options: HttpOptions,
    store: Arc<dyn EventStore>,
    sessions: Arc<Sessions<H>>,
}

/// What a path is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum SsePath {
    /// To hear.
    Events,
    /// To speak.
    Messages,
}

impl<H: Handler> HttpSse<H> {
    /// The transport, if the options have it and the revisions that are served can use it.
    pub(in crate::http) fn new(
        handler: &Arc<H>,
        profile: &Arc<ServerProfile>,
        limits: &Limits,
        options: &HttpOptions,
    ) -> Option<Self> {
        let paths = options.http_sse.clone()?;
        super::serves_handshakes(profile).then(|| Self {
            paths,
            handler: Arc::clone(handler),
            profile: Arc::clone(profile),
            limits: limits.clone(),
            store: options.event_store(),
            options: options.clone(),
            sessions: Sessions::new(limits),
        })
    }

    /// What a path is for; `None` when it is neither of the two.
    pub(in crate::http) fn at(&self, path: &str) -> Option<SsePath> {
        if path == self.paths.events {
            Some(SsePath::Events)
        } else if path == self.paths.messages {
            Some(SsePath::Messages)
        } else {
            None
        }
    }

    /// Begins a session, and says where its messages are posted to.
    pub(in crate::http) fn open(
        &self,
        principal: Principal,
        address: Option<ClientAddress>,
    ) -> Result<HttpResponse, Refused> {
        let place = self.sessions.place(&Peer::of(&principal, address));
        let place = place.map_err(|why| full(why, &self.limits))?;
        let (id, expiry) = (super::fresh_id()?, Expiry::at(principal.expires()));
        let engine = ServerEngine::new(Arc::clone(&self.profile), self.limits.clone())
            .with_principal(principal.clone());
        let (handler, store) = (Arc::clone(&self.handler), Arc::clone(&self.store));
        // Without an id of its own: nothing that ended can be resumed.
        let session = Session::new(None, engine, principal, handler, store);
        let stream = session.on_one_stream();
        self.sessions.insert(id, Arc::clone(&session), place);
        session.mind(&mut session.lock());
        let hearing = Hearing {
            reading: SessionReading(session),
            sessions: Arc::clone(&self.sessions),
            id,
        };
        let (reader, first) = (stream.attach(), Some(self.endpoint(&id)));
        let keep_alive = KeepAlive::new(self.options.keep_alive);
        let reader = StreamReader::new(stream, reader, first, keep_alive, hearing);
        Ok(reply::stream(reader.until(expiry)))
    }

    /// The event with which a stream begins.
    fn endpoint(&self, id: &SessionId) -> Bytes {
        let place = format!("{}?sessionId={}", self.paths.messages, id.as_str());
        let fields = EventFields {
            event: Some("endpoint"),
            ..EventFields::default()
        };
        let mut event = Vec::new();
        write_event(&mut event, fields, place.as_bytes());
        event.into()
    }

    /// The session that a message is for: 400 when it names none, and the same 404 for one that
    /// never was, is over, or belongs to somebody else (fault 76).
    fn find(&self, uri: &Uri, principal: &Principal) -> Result<Arc<Session<H>>, Refused> {
        let pairs = uri.query().unwrap_or_default().split('&');
        let mut ids = pairs.filter_map(|pair| pair.strip_prefix("sessionId="));
        let id = ids.next().ok_or_else(|| {
            let why = "`sessionId` is missing: post to where the event `endpoint` says";
            reply::refusal(StatusCode::BAD_REQUEST, why)
        })?;
        let id = SessionId::parse(id.as_bytes()).map_err(|_| unknown_session())?;
        self.sessions
            .get(&id, principal)
            .ok_or_else(unknown_session)
    }

    /// Takes a message of a session. What there is to say to it leaves by the session's stream.
    pub(in crate::http) fn post(
        &self,
        uri: &Uri,
        body: &[u8],
        principal: Principal,
    ) -> Result<HttpResponse, Refused> {
        let session = self.find(uri, &principal)?;
        let message = Incoming::read(body, self.limits.batch);
        if let Incoming::Request(request) = &message
            && request.is_modern()
        {
            let why = "a request of 2026-07-28 has no session: post it to the endpoint";
            return Err(reply::refusal(StatusCode::BAD_REQUEST, why));
        }
        let permit = Permit {
            handler: &*self.handler,
            authenticate: self.options.authenticate.as_ref(),
            principal: &principal,
        };
        match permit.refuse(&message, body, self.limits.batch) {
            Some(refusal) => Ok(refusal),
            None => self.take(&session, &message, body, principal),
        }
    }

    fn take(
        &self,
        session: &Arc<Session<H>>,
        message: &Incoming<'_>,
        body: &[u8],
        principal: Principal,
    ) -> Result<HttpResponse, Refused> {
        let Some(stream) = session.lock().unasked().clone() else {
            return Err(unknown_session());
        };
        self.check_unread(stream.unread())?;
        Ok(match session.post(message, body, principal) {
            Posted::Accepted | Posted::Waiting(_) => reply::empty(StatusCode::ACCEPTED),
            Posted::Answered(before, response) => {
                before.iter().for_each(|message| stream.push(message));
                stream.push(&response);
                reply::empty(StatusCode::ACCEPTED)
            }
            Posted::Refused(message) => reply::json(StatusCode::BAD_REQUEST, message),
            Posted::Gone => *unknown_session(),
        })
    }

    /// Refuses more messages of a client that does not read what was said to those before: here
    /// nothing else pushes back (fault 83).
    fn check_unread(&self, (messages, bytes): (usize, usize)) -> Result<(), Refused> {
        let limit = if messages >= self.limits.in_flight {
            "in_flight"
        } else if bytes >= self.limits.output_backlog {
            "output_backlog"
        } else {
            return Ok(());
        };
        let why = format!("read what was sent to you before (limit `{limit}`)");
        Err(reply::refusal(StatusCode::TOO_MANY_REQUESTS, why))
    }
}

/// The connection by which a client hears. The session ends with it.
struct Hearing<H: Handler> {
    reading: SessionReading<H>,
    sessions: Arc<Sessions<H>>,
    id: SessionId,
}

impl<H: Handler> Reading for Hearing<H> {
    fn caught_up(&self) {
        self.reading.caught_up();
    }

    fn gone(&self) {
        self.sessions.remove(&self.id);
    }
}

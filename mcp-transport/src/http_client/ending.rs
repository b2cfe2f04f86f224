//! What the end of an exchange means for its request.

use std::time::{Duration, Instant};

use http::StatusCode;
use mcp_core::engine::{CallError, Outbound};
use mcp_core::jsonrpc::{ErrorCode, ErrorObject, RequestId};

use super::connection::{Connection, Held, Start};
use super::listening::Pairing;
use super::report::{End, Over, Purpose};
use super::running::{Kind, Running};

/// A refused request.
struct Refusal {
    status: StatusCode,
    error: Option<ErrorObject>,
    why: String,
}

impl Refusal {
    /// As its caller gets to see it.
    fn into_error(self) -> CallError {
        match self.error {
            Some(error) => CallError::Server(error),
            None => CallError::Refused {
                status: self.status.as_u16(),
                why: self.why,
            },
        }
    }

    /// Whether the server as such refused, in its own words, and not because of who asks.
    fn is_error(&self) -> bool {
        self.error.is_some() && !matches!(self.status.as_u16(), 401 | 403 | 407)
    }

    /// Whether the server may be one of the other era (VER-D-12), as far as the status tells. It
    /// is not when the server wants to know who asks, or is not itself just now.
    fn is_foreign(&self) -> bool {
        let modern = |error: &ErrorObject| error.code.is_modern();
        if self.error.as_ref().is_some_and(modern) {
            return false;
        }
        match self.status.as_u16() {
            401 | 403 | 407 | 408 | 429 | 502..=504 => false,
            status => status >= 400,
        }
    }
}

impl Connection {
    pub(super) fn ended(&mut self, now: Instant, purpose: Purpose, session: u64, end: End) {
        match purpose {
            Purpose::Request(id) => self.request_ended(now, id, session, end),
            Purpose::Initialized if session != self.session.number => {}
            Purpose::Initialized => self.opened(end),
            Purpose::Listening if session == self.session.number => {
                self.listening_ended(now, end);
            }
            Purpose::Listening => {}
            Purpose::Aside => {
                let gone = matches!(&end, End::Refused { status, .. } if is_gone(*status));
                if gone && self.is_live(session) {
                    self.renew_unasked(now);
                } else if !matches!(end, End::Over(_)) {
                    tracing::debug!(?end, "the server did not take a message");
                }
            }
        }
    }

    /// The handshake is over: what waited for it is sent, once there is somebody to hear what the
    /// server says of it besides.
    fn opened(&mut self, end: End) {
        if !matches!(end, End::Over(_)) {
            tracing::debug!(?end, "the server did not take the end of the handshake");
        }
        match self.session.endpoint {
            Some(_) => self.begin_requests(),
            None => self.listen_first(),
        }
    }

    fn request_ended(&mut self, now: Instant, id: RequestId, session: u64, end: End) {
        let Some(running) = self.running.remove(&id) else {
            return;
        };
        if !self.calls.engine.is_pending(&id) {
            return;
        }
        match end {
            End::Over(over) => self.answer_ended(now, id, running, over),
            End::Refused { status, error, why } => {
                let refusal = Refusal { status, error, why };
                self.refused(now, id, session, running, refusal);
            }
            End::Failed(error @ (CallError::Unreachable(_) | CallError::Lost(_)))
                if running.resume.is_some() =>
            {
                let over = Over {
                    broken: Some(error.to_string()),
                    ..Over::default()
                };
                self.answer_ended(now, id, running, over);
            }
            // It was not the server who said so, or it said so to whoever asks.
            End::Failed(error @ (CallError::Unreachable(_) | CallError::Refused { .. }))
                if running.kind() != Kind::Call =>
            {
                self.calls.engine.handle_no_server(error);
            }
            End::Failed(error) => self.calls.engine.handle_failure(now, &id, error),
        }
    }

    /// All of an answer came, and the response was not in it. Perhaps the rest can be had.
    fn answer_ended(&mut self, now: Instant, id: RequestId, mut running: Running, over: Over) {
        if self.session.endpoint.is_some() {
            // It comes on the one stream there is.
            return;
        }
        let resume = over.resume.or_else(|| running.resume.take());
        let resumable = resume.is_some() && !self.is_modern() && running.kind() == Kind::Call;
        running.resume = resume;
        let delay = match resumable {
            true => running.streak.next(&self.backoff, over.lasted, over.retry),
            false => None,
        };
        match delay {
            Some(delay) => self.resume(id, running, delay),
            None => {
                let why = over.broken;
                let why = why.unwrap_or_else(|| "the exchange ended without it".to_owned());
                let lost = CallError::Lost(why);
                self.calls.engine.handle_failure(now, &id, lost);
            }
        }
    }

    fn refused(
        &mut self,
        now: Instant,
        id: RequestId,
        session: u64,
        running: Running,
        refusal: Refusal,
    ) {
        let engine = &mut self.calls.engine;
        match running.kind() {
            Kind::Probe if refusal.is_foreign() || refusal.is_error() => {
                engine.handle_failure(now, &id, refusal.into_error());
            }
            Kind::Handshake if refusal.is_foreign() => {
                self.handshake_refused(now, id, running, refusal);
            }
            Kind::Handshake if refusal.is_error() => {
                engine.handle_failure(now, &id, refusal.into_error());
            }
            Kind::Probe | Kind::Handshake => engine.handle_no_server(refusal.into_error()),
            Kind::Call if self.is_misremembered(&refusal) => {
                self.forget(now);
                self.hold(id, running);
            }
            Kind::Call if !running.resent && self.is_spoken_after_all(&refusal) => {
                self.hold(id, running);
                self.send_held();
            }
            Kind::Call
                if running.resume.is_none()
                    && !running.resent
                    && self.is_lost(session, &refusal) =>
            {
                // Nothing was done with it, so nothing is done twice.
                if self.is_live(session) {
                    self.renew(now);
                }
                self.hold(id, running);
                if self.session.ready {
                    self.send_held();
                }
            }
            Kind::Call => {
                let error = match running.resume {
                    Some(_) => CallError::Lost(format!("{}", refusal.into_error())),
                    None => refusal.into_error(),
                };
                self.calls.engine.handle_failure(now, &id, error);
            }
        }
    }

    /// A server that refuses the handshake may be of the other era, when that was only
    /// remembered, or of 2024-11-05.
    fn handshake_refused(
        &mut self,
        now: Instant,
        id: RequestId,
        running: Running,
        refusal: Refusal,
    ) {
        if self.start == Start::Remembered {
            return self.forget(now);
        }
        let paired = self.session.endpoint.is_some() || self.pairing.is_some();
        let may_pair = matches!(refusal.status.as_u16(), 400..=499) && !paired;
        let refusal = refusal.into_error();
        match may_pair {
            true => self.pair(Pairing {
                id,
                body: running.body,
                refusal,
            }),
            false => self.calls.engine.handle_failure(now, &id, refusal),
        }
    }

    /// Whether a refusal shows that the server is not the modern one it is remembered as. Errors
    /// that a modern server has as well show nothing.
    fn is_misremembered(&self, refusal: &Refusal) -> bool {
        let modern = [ErrorCode::METHOD_NOT_FOUND, ErrorCode::INVALID_PARAMS];
        let error = refusal.error.as_ref();
        self.start == Start::Remembered
            && self.is_modern()
            && refusal.is_foreign()
            && !error.is_some_and(|error| modern.contains(&error.code))
    }

    /// Whether a server that refused a revision speaks it all the same. It did not act on the
    /// request.
    fn is_spoken_after_all(&self, refusal: &Refusal) -> bool {
        let error = refusal.error.as_ref();
        error.is_some_and(|error| self.calls.engine.is_spoken_after_all(error))
    }

    /// What was remembered is wrong: the server is asked (VER-D-13).
    fn forget(&mut self, now: Instant) {
        self.start = Start::Open;
        self.session.ready = false;
        self.known.forget(&self.wire.url);
        self.calls.engine.probe(now);
    }

    /// Whether the session is gone for which a request was meant (HTTP-L-07).
    fn is_lost(&self, session: u64, refusal: &Refusal) -> bool {
        let had_session = session < self.session.number || self.session.has_id();
        !self.is_modern() && had_session && is_gone(refusal.status)
    }

    /// Whether this is the session that is in use.
    fn is_live(&self, session: u64) -> bool {
        session == self.session.number && self.session.ready && self.session.has_id()
    }

    /// Makes a new session in place of one that is gone.
    pub(super) fn renew(&mut self, now: Instant) {
        self.session.ready = false;
        self.listening = None;
        self.calls.engine.handshake(now);
    }

    /// Replaces a session that no call needs: not for ever, since a server could ask, and end the
    /// session with the answer, again and again (fault 87).
    fn renew_unasked(&mut self, now: Instant) {
        let counted = self.streak.next(&self.backoff, Duration::ZERO, None);
        match counted {
            Some(_) => self.renew(now),
            None => tracing::warn!("the server ended too many sessions"),
        }
    }

    /// Keeps a request until there is a session for it.
    fn hold(&mut self, id: RequestId, running: Running) {
        self.held.push_back(Held {
            what: Outbound::Request(id),
            body: running.body,
            head: running.head,
            resent: true,
        });
    }
}

fn is_gone(status: StatusCode) -> bool {
    status == StatusCode::NOT_FOUND
}

//! What is checked of a request before its body is read, in an order that tells a stranger as
//! little as possible.

use http::header::CONNECTION;
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};

use super::accept::{Acceptable, check_content_among};
use super::cors::Cors;
use super::fields::Fields;
use super::headers::Field;
use super::origin::{AllowedHosts, AllowedOrigins};
use super::reply::{self, HttpResponse, Refused};

/// Most fields of a head, beyond which it is 431 (fault 71). HTTP/1.1 is read with the same bound
/// before it comes here.
const MOST_FIELDS: usize = 100;

/// What a request wants, as far as its head says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// To deliver a message, and to have the answer in one of these forms.
    Post(Acceptable),
    /// To hear what the server sends unasked (HTTP-L-05).
    Get,
    /// To end its session.
    Delete,
}

/// The checks themselves.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) hosts: AllowedHosts,
    pub(super) origins: AllowedOrigins,
    /// What browsers are told before they send, if anything.
    pub(super) cors: Option<Cors>,
    /// Largest body, in bytes.
    pub(super) body: usize,
    /// Whether there are sessions, so that GET and DELETE mean something.
    pub(super) sessions: bool,
}

impl Gate {
    /// Checks size, host, origin, method, media types and length, in this order.
    ///
    /// # Errors
    ///
    /// What to answer: 431, 400 or 403, 405, 415 or 406, 413.
    pub(super) fn check(&self, head: &Parts, fields: &Fields<'_>) -> Result<Wish, Refused> {
        self.check_sender(head, fields)?;
        let accept = Acceptable::among(fields);
        match head.method {
            Method::POST => {}
            Method::GET if self.sessions => {
                return match accept.event_stream() {
                    true => Ok(Wish::Get),
                    false => Err(not_acceptable("text/event-stream")),
                };
            }
            Method::DELETE if self.sessions => return Ok(Wish::Delete),
            _ => return Err(self.other_method(head)),
        }
        check_body(fields)?;
        if accept.nothing() {
            return Err(not_acceptable("application/json and text/event-stream"));
        }
        self.check_length(fields)?;
        Ok(Wish::Post(accept))
    }

    /// Checks a request where nothing but a stream can be had.
    pub(super) fn check_events(&self, head: &Parts) -> Result<(), Refused> {
        let fields = Fields::of(&head.headers);
        self.check_sender(head, &fields)?;
        if head.method != Method::GET {
            return Err(self.preflight_or(head, "GET"));
        }
        match Acceptable::among(&fields).event_stream() {
            true => Ok(()),
            false => Err(not_acceptable("text/event-stream")),
        }
    }

    /// Checks a request where messages are delivered, and answered elsewhere.
    pub(super) fn check_message(&self, head: &Parts) -> Result<(), Refused> {
        let fields = Fields::of(&head.headers);
        self.check_sender(head, &fields)?;
        if head.method != Method::POST {
            return Err(self.preflight_or(head, "POST"));
        }
        check_body(&fields)?;
        self.check_length(&fields)
    }

    fn check_length(&self, fields: &Fields<'_>) -> Result<(), Refused> {
        let length = fields.content_length.first();
        if length.is_some() && fields.transfer_encoding != Field::Absent {
            // Whoever forwards it may believe the other one (fault 67).
            let why = "a body has a Content-Length or a Transfer-Encoding, not both";
            let mut refusal = reply::refusal(StatusCode::BAD_REQUEST, why);
            let close = HeaderValue::from_static("close");
            refusal.headers_mut().insert(CONNECTION, close);
            return Err(refusal);
        }
        let length = length.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        match length.is_some_and(|length| length > self.body as u64) {
            true => Err(too_long(self.body)),
            false => Ok(()),
        }
    }

    /// How large its head is, where a request is for, and where it comes from.
    fn check_sender(&self, head: &Parts, fields: &Fields<'_>) -> Result<(), Refused> {
        if head.headers.len() > MOST_FIELDS {
            let why = format!("the head has more than {MOST_FIELDS} fields");
            let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
            return Err(reply::refusal(status, why));
        }
        let hosts = self.hosts.check_field(fields.host, &head.uri);
        hosts
            .and_then(|()| self.origins.check_among(fields))
            .map_err(|refusal| reply::refusal(refusal.status(), refusal.to_string()))
    }

    /// The answer where a document lies that anybody may read.
    pub(super) fn document(&self, head: &Parts, document: String) -> Result<HttpResponse, Refused> {
        self.check_sender(head, &Fields::of(&head.headers))?;
        match head.method {
            Method::GET | Method::HEAD => Ok(reply::json(StatusCode::OK, document)),
            _ => Err(self.preflight_or(head, "GET, HEAD")),
        }
    }

    /// What a method is answered that carries nothing of the protocol: a browser's question
    /// whether its page may send another one, or 405.
    fn other_method(&self, head: &Parts) -> Refused {
        let methods = match self.sessions {
            true => "GET, POST, DELETE",
            false => "POST",
        };
        self.preflight_or(head, methods)
    }

    /// The answer to a browser's question, or 405.
    fn preflight_or(&self, head: &Parts, methods: &'static str) -> Refused {
        let cors = self
            .cors
            .as_ref()
            .filter(|_| head.method == Method::OPTIONS);
        let preflight = cors.and_then(|cors| cors.preflight(&head.headers, methods));
        Box::new(preflight.unwrap_or_else(|| reply::method_not_allowed(methods)))
    }
}

fn check_body(fields: &Fields<'_>) -> Result<(), Refused> {
    check_content_among(fields).map_err(|unsupported| {
        reply::refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, unsupported.to_string())
    })
}

fn not_acceptable(what: &str) -> Refused {
    let why = format!("Accept has to name {what}");
    reply::refusal(StatusCode::NOT_ACCEPTABLE, why)
}

/// 413 (fault 66).
pub(super) fn too_long(cap: usize) -> Refused {
    let why = format!("the body is longer than {cap} bytes (limit `body`)");
    reply::refusal(StatusCode::PAYLOAD_TOO_LARGE, why)
}

//! Which way a POST takes: the one place that tells the eras apart (VER-D-01, HTTP-D-50).

use http::StatusCode;
use mcp_core::engine::{Incoming, IncomingRequest};
use mcp_core::jsonrpc::{ErrorObject, Malformed};
use mcp_core::lifecycle::Method;
use mcp_core::{Era, Revision};

use super::fields::Fields;
use super::headers::Field;

const INITIALIZE: &str = Method::Initialize.as_str();

/// The way of a POST.
#[derive(Debug)]
pub(super) enum Route<'m> {
    /// A request that stands for itself.
    Modern(IncomingRequest<'m>),
    /// The handshake with which a session begins.
    Initialize(IncomingRequest<'m>),
    /// Anything else of a session.
    Legacy(Incoming<'m>),
    /// A notification that nobody waits for: accepted, whether a header says its method or not
    /// (HTTP-M-04, AMB-02, fault 33).
    Notification,
    /// Nothing that may stand in a body here.
    Refused(StatusCode, Malformed),
}

/// Chooses the way of a body. In the modern era that is one request or notification (HTTP-M-01); what
/// headers say of a session is not looked at then (HTTP-M-05), and a legacy request needs no header
/// that its revision does not know (HTTP-D-51).
///
/// Modern `_meta` wins over everything (VER-D-02). What says nothing of its version belongs to
/// the handshake revisions, where the server serves them, unless its header names a modern one:
/// then it lacks its `_meta`, and is told so.
pub(super) fn classify<'m>(
    fields: &Fields<'_>,
    body: &'m [u8],
    max_batch: usize,
    legacy: bool,
) -> Route<'m> {
    // Looked at only where the body leaves the era open.
    let said = || Said::of(fields);
    match Incoming::read(body, max_batch) {
        Incoming::Request(request) if request.is_modern() => Route::Modern(request),
        Incoming::Request(request) if !legacy && request.method != INITIALIZE => {
            Route::Modern(request)
        }
        Incoming::Request(request) => classify_request(request, said()),
        Incoming::Notification if legacy && !said().is_modern() => {
            Route::Legacy(Incoming::Notification)
        }
        Incoming::Notification => Route::Notification,
        message @ (Incoming::Response | Incoming::Batch) if legacy => Route::Legacy(message),
        // Broken as it is, it may be the answer to a question of the session.
        Incoming::Malformed(broken)
            if legacy && broken.id.is_some() && !broken.has_method && said() == Said::Session =>
        {
            Route::Legacy(Incoming::Malformed(broken))
        }
        Incoming::Response => refused("a client of 2026-07-28 sends no responses"),
        Incoming::Batch => refused("expected one message, got an array"),
        Incoming::Malformed(malformed) => {
            // The id of a broken response is one of ours. Said to the client, it would be taken for
            // one of its own.
            let id = malformed.id.filter(|_| !malformed.is_response);
            Route::Refused(StatusCode::BAD_REQUEST, Malformed { id, ..malformed })
        }
    }
}

fn classify_request<'m>(request: IncomingRequest<'m>, said: Said) -> Route<'m> {
    match said {
        // With a modern header, `_meta` is missing.
        Said::Modern => Route::Modern(request),
        _ if request.method == INITIALIZE => Route::Initialize(request),
        Said::Session | Said::Legacy => Route::Legacy(Incoming::Request(request)),
        // An unknown version is refused by either era, and this one says what is served.
        Said::Unknown => Route::Modern(request),
        Said::Nothing => match Method::from_wire(&request.method) {
            Some(method) if !method.exists_in(Revision::NEWEST_LEGACY) => Route::Modern(request),
            _ => Route::Legacy(Incoming::Request(request)),
        },
    }
}

fn refused(why: &'static str) -> Route<'static> {
    let malformed = Malformed {
        id: None,
        error: Box::new(ErrorObject::invalid_request(format!(
            "Invalid request: {why}"
        ))),
        is_response: false,
        has_method: false,
    };
    Route::Refused(StatusCode::BAD_REQUEST, malformed)
}

/// What the headers say of the era.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// The version is a modern one, whatever else there is (HTTP-D-50).
    Modern,
    /// There is a session.
    Session,
    /// The version is one of the handshake's.
    Legacy,
    /// The version is none that is known here.
    Unknown,
    Nothing,
}

impl Said {
    fn of(fields: &Fields<'_>) -> Self {
        let version = fields.version.first();
        let revision = version
            .and_then(|version| version.to_str().ok())
            .and_then(|version| Revision::from_wire(version.trim()));
        match revision.map(Revision::era) {
            Some(Era::Modern) => Self::Modern,
            _ if fields.session != Field::Absent => Self::Session,
            Some(Era::Legacy) => Self::Legacy,
            None if version.is_some() => Self::Unknown,
            None => Self::Nothing,
        }
    }

    fn is_modern(self) -> bool {
        self == Self::Modern
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::*;
    use crate::http::headers::{PROTOCOL_VERSION, SESSION_ID};

    const MODERN_META: &str = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}"#;

    fn way(version: &str, session: &str, body: &str, legacy: bool) -> &'static str {
        let mut headers = HeaderMap::new();
        for (name, value) in [(&PROTOCOL_VERSION, version), (&SESSION_ID, session)] {
            if !value.is_empty() {
                let value = HeaderValue::from_str(value).unwrap();
                headers.insert(name, value);
            }
        }
        match classify(&Fields::of(&headers), body.as_bytes(), 10, legacy) {
            Route::Modern(_) => "modern",
            Route::Initialize(_) => "initialize",
            Route::Legacy(_) => "legacy",
            Route::Notification => "notification",
            Route::Refused(..) => "refused",
        }
    }

    fn request(method: &str, meta: &str) -> String {
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{{meta}}}}}"#)
    }

    #[test]
    fn the_way_of_a_body_follows_from_meta_then_header_then_session_then_method() {
        let modern = request("tools/list", MODERN_META);
        let plain = request("tools/list", "");
        let initialize = request("initialize", "");
        let odd = request("initialize", MODERN_META);
        let discover = request("server/discover", "");
        let note = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#.to_owned();
        let response = r#"{"jsonrpc":"2.0","id":1,"result":{}}"#.to_owned();
        let batch = format!("[{plain}]");
        let (new, old, unknown, id) = ("2026-07-28", "2025-11-25", "v999.0.0", "abc");
        for (version, session, body, expected) in [
            ("", "", &modern, "modern"),
            (old, id, &modern, "modern"),
            (new, id, &modern, "modern"),
            ("", "", &odd, "modern"),
            (new, "", &plain, "modern"),
            (new, id, &plain, "modern"),
            (unknown, "", &plain, "modern"),
            ("", "", &discover, "modern"),
            ("", id, &discover, "legacy"),
            ("", "", &plain, "legacy"),
            ("", id, &plain, "legacy"),
            (old, "", &plain, "legacy"),
            (unknown, id, &plain, "legacy"),
            ("", "", &initialize, "initialize"),
            (old, "", &initialize, "initialize"),
            (old, id, &initialize, "initialize"),
            (new, "", &initialize, "modern"),
            (new, "", &note, "notification"),
            ("", id, &note, "legacy"),
            ("", "", &note, "legacy"),
            ("", id, &response, "legacy"),
            ("", id, &batch, "legacy"),
            ("", "", &"{".to_owned(), "refused"),
        ] {
            assert_eq!(
                way(version, session, body, true),
                expected,
                "{version} {session} {body}"
            );
        }
    }

    #[test]
    fn fault_31_the_id_of_a_broken_response_is_not_taken_for_one_of_the_client() {
        let headers = HeaderMap::new();
        let fields = Fields::of(&headers);
        let id_of = |body: &str| match classify(&fields, body.as_bytes(), 10, true) {
            Route::Refused(_, malformed) => malformed.id,
            other => panic!("{body} is {other:?}"),
        };
        let responses = [
            r#"{"id":3,"result":{}}"#,
            r#"{"jsonrpc":"2.0","id":3,"error":7}"#,
            r#"{"jsonrpc":"2.0","id":3,"result":{},"error":{"code":1,"message":""}}"#,
        ];
        for response in responses {
            assert_eq!(id_of(response), None, "{response}");
            assert_eq!(way("", "abc", response, true), "legacy", "{response}");
            assert_eq!(way("2026-07-28", "abc", response, true), "refused");
        }
        assert_eq!(id_of(r#"{"id":3,"method":"ping"}"#), Some(3_i64.into()));
    }

    #[test]
    fn a_server_of_the_modern_era_alone_sends_nothing_the_old_way() {
        for (body, expected) in [
            (request("tools/list", ""), "modern"),
            (request("initialize", ""), "initialize"),
            (
                r#"{"jsonrpc":"2.0","method":"x"}"#.to_owned(),
                "notification",
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"result":{}}"#.to_owned(),
                "refused",
            ),
            ("[]".to_owned(), "refused"),
            (format!("[{}]", request("ping", "")), "refused"),
        ] {
            assert_eq!(way("", "abc", &body, false), expected, "{body}");
        }
    }
}

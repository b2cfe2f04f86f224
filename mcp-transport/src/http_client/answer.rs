//! Reading an answer: one message, a stream of them, or a refusal.

use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Response, StatusCode};
use mcp_core::engine::CallError;
use mcp_core::jsonrpc::{ErrorObject, Frame, Message as Decoded, decode};
use tokio::time::Instant;

use super::ReceivedBody;
use super::report::{End, Over, Purpose, Reporter, What};
use super::wire::{Message, Wire, failed};
use crate::codec::sse::{Sse, SseDecoder};
use crate::http_headers::SESSION_ID;

/// Bytes of a refusal that are looked at.
const REFUSAL: usize = 64 * 1024;
/// Characters of a refusal that is no JSON which are shown.
const SHOWN: usize = 200;

/// Makes one exchange and reports all of it.
pub(super) async fn run(wire: Arc<Wire>, message: Message, reporter: Reporter) {
    let end = match wire.exchange(&message, &reporter).await {
        Ok(response) => read(&wire, response, &reporter).await,
        Err(error) => End::Failed(error),
    };
    reporter.tell(What::Ended(end)).await;
}

async fn read(wire: &Wire, response: Response<ReceivedBody>, reporter: &Reporter) -> End {
    let (head, body) = response.into_parts();
    if !head.status.is_success() {
        return refused(head.status, body).await;
    }
    let session = head.headers.get(&SESSION_ID).cloned();
    let listening = reporter.purpose == Purpose::Listening;
    if listening || session.is_some() {
        reporter.tell(What::Accepted(session)).await;
    }
    match media_type(&head.headers).as_deref() {
        Some("text/event-stream") => read_stream(wire, body, reporter).await,
        _ if listening => End::Failed(CallError::Protocol("it opens no stream".to_owned())),
        Some("application/json") => match body.read(wire.limits.response).await {
            Ok(json) => {
                if !json.is_empty() {
                    reporter.tell(What::Message(json)).await;
                }
                End::Over(Over::default())
            }
            Err(error) => End::Failed(failed(error)),
        },
        _ if matches!(reporter.purpose, Purpose::Request(_)) => match head.status {
            // The answer comes some other way, if it comes.
            StatusCode::ACCEPTED => End::Over(Over::default()),
            _ => End::Failed(CallError::Protocol(
                "the answer is neither application/json nor text/event-stream".to_owned(),
            )),
        },
        _ => End::Over(Over::default()),
    }
}

/// Hands on the messages of a stream until it ends.
async fn read_stream(wire: &Wire, mut body: ReceivedBody, reporter: &Reporter) -> End {
    let since = Instant::now();
    let mut decoder = SseDecoder::new(wire.limits.sse_event);
    let mut junk = 0;
    let broken = loop {
        let chunk = match body.chunk().await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => break None,
            Err(error) => break Some(error.to_string()),
        };
        let mut rest = &chunk[..];
        while let Some(event) = decoder.next(&mut rest) {
            let what = match event {
                Sse::TooLong => return End::Failed(CallError::Limit("sse_event")),
                Sse::Event { event, data } => meant(event, data),
            };
            junk = match what {
                Some(_) => 0,
                None => junk + 1,
            };
            if junk > wire.limits.junk_lines {
                return End::Failed(CallError::Limit("junk_lines"));
            }
            if let Some(what) = what {
                reporter.tell(what).await;
            }
        }
    };
    End::Over(Over {
        resume: decoder.last_event_id().map(ToOwned::to_owned),
        retry: decoder.retry(),
        lasted: since.elapsed(),
        broken,
    })
}

/// What an event says: a message, or at first where messages go. Empty data makes no more than a
/// place to resume from (HTTP-L-11).
fn meant(event: &str, data: &[u8]) -> Option<What> {
    match event {
        _ if data.is_empty() => None,
        "message" => Some(What::Message(Bytes::copy_from_slice(data))),
        "endpoint" => {
            let place = String::from_utf8_lossy(data).into_owned();
            Some(What::Endpoint(place))
        }
        _ => None,
    }
}

/// Reads why the server refused, as far as it says.
async fn refused(status: StatusCode, body: ReceivedBody) -> End {
    let body = body.read(REFUSAL).await.unwrap_or_default();
    let error = error_in(&body);
    let why = match &error {
        Some(_) => String::new(),
        None => {
            let text = String::from_utf8_lossy(&body);
            let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
            line.chars().take(SHOWN).collect()
        }
    };
    End::Refused { status, error, why }
}

/// The JSON-RPC error that a body holds.
fn error_in(body: &[u8]) -> Option<ErrorObject> {
    match decode(body, 1) {
        Ok(Frame::Single(Decoded::Response(response))) => response.outcome.err(),
        _ => None,
    }
}

/// The type of an answer, without its parameters and in small letters.
fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let essence = value.split(';').next().unwrap_or_default();
    Some(essence.trim().to_ascii_lowercase())
}

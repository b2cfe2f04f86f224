//! Requests, as far as they are read, and answers.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::Failure;
use crate::tools::Listing;

/// The envelope, borrowed from the message.
#[derive(Deserialize)]
pub struct Envelope<'a> {
    #[serde(borrow)]
    pub id: Option<&'a RawValue>,
    pub method: &'a str,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
}

/// What the envelope's `params` hold for a `tools/call`.
#[derive(Deserialize)]
struct Call<'a> {
    name: &'a str,
    arguments: Arguments,
}

/// The arguments of all tools: one pass finds those of the one that is called.
#[derive(Deserialize)]
struct Arguments {
    #[serde(default)]
    a: i64,
    #[serde(default)]
    b: i64,
    #[serde(default)]
    text: String,
    #[serde(default)]
    count: i64,
    #[serde(default)]
    ms: u64,
}

/// The one member of a call's `_meta` that is ever read, and only by the tool that needs it.
#[derive(Deserialize)]
struct Asking<'a> {
    #[serde(borrow, rename = "_meta")]
    meta: Option<Meta<'a>>,
}

#[derive(Deserialize)]
struct Meta<'a> {
    #[serde(borrow, rename = "progressToken")]
    token: Option<&'a RawValue>,
}

/// How a result of 2026-07-28 begins.
pub const COMPLETE: &[u8] = br#""resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"bench","version":"1.0.0"}},"#;

/// Which form answers have.
#[derive(Clone, Copy, PartialEq)]
pub enum Era {
    Legacy,
    Modern,
}

/// What is to be done for a request.
pub enum Answer {
    /// Nothing more: the answer was written.
    Written,
    /// So many notifications, with this token if there is one, and then [`done`].
    Progress(i64, Option<String>),
    /// So many milliseconds of silence, and then [`done`].
    Hold(u64),
    /// Silence, after [`acknowledged`].
    Listen,
}

/// Answers a request into `out` if that can be done at once.
pub fn answer(
    envelope: &Envelope<'_>,
    id: &RawValue,
    era: Era,
    listing: &Listing,
    out: &mut Vec<u8>,
) -> Result<Answer, Failure> {
    let result = match (envelope.method, envelope.params) {
        ("tools/call", Some(params)) => return call(params.get(), id.get(), era, out),
        ("subscriptions/listen", _) => return Ok(Answer::Listen),
        ("tools/list", _) if era == Era::Legacy => &listing.legacy,
        ("tools/list", _) => &listing.modern,
        ("initialize", _) => INITIALIZED,
        ("server/discover", _) => DISCOVERED,
        _ => b"{}",
    };
    out.extend_from_slice(ENVELOPE);
    out.extend_from_slice(id.get().as_bytes());
    out.extend_from_slice(b",\"result\":");
    out.extend_from_slice(result);
    out.push(b'}');
    Ok(Answer::Written)
}

fn call(params: &str, id: &str, era: Era, out: &mut Vec<u8>) -> Result<Answer, Failure> {
    let call: Call<'_> = serde_json::from_str(params)?;
    let arguments = call.arguments;
    match call.name {
        "echo" => {
            open(out, id, era);
            serde_json::to_writer(&mut *out, &arguments.text)?;
        }
        "progress" => {
            let asking: Asking<'_> = serde_json::from_str(params)?;
            let token = asking.meta.and_then(|meta| meta.token);
            let token = token.map(|token| token.get().to_owned());
            return Ok(Answer::Progress(arguments.count, token));
        }
        "hold" => return Ok(Answer::Hold(arguments.ms)),
        name => {
            assert!(name == "add" || name.starts_with("tool_"), "no tool {name}");
            open(out, id, era);
            out.push(b'"');
            number(out, arguments.a + arguments.b);
            out.push(b'"');
        }
    }
    close(out);
    Ok(Answer::Written)
}

/// The answer of the tools that have nothing else to say.
pub fn done(out: &mut Vec<u8>, id: &str, era: Era) {
    open(out, id, era);
    out.extend_from_slice(b"\"done\"");
    close(out);
}

/// How every answer begins.
const ENVELOPE: &[u8] = br#"{"jsonrpc":"2.0","id":"#;

const INITIALIZED: &[u8] = br#"{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"bench","version":"1.0.0"}}"#;

const DISCOVERED: &[u8] = br#"{"resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"bench","version":"1.0.0"}},"supportedVersions":["2026-07-28","2025-11-25"],"capabilities":{"tools":{}},"ttlMs":0,"cacheScope":"public"}"#;

/// Everything of a tool's result up to its text.
fn open(out: &mut Vec<u8>, id: &str, era: Era) {
    out.extend_from_slice(ENVELOPE);
    out.extend_from_slice(id.as_bytes());
    out.extend_from_slice(b",\"result\":{");
    if era == Era::Modern {
        out.extend_from_slice(COMPLETE);
    }
    out.extend_from_slice(br#""content":[{"type":"text","text":"#);
}

/// Everything of a tool's result after its text.
fn close(out: &mut Vec<u8>) {
    out.extend_from_slice(b"}]}}");
}

/// One of the notifications of [`Answer::Progress`].
pub fn progress(out: &mut Vec<u8>, token: &str, done: i64, total: i64) {
    out.extend_from_slice(
        br#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"#,
    );
    out.extend_from_slice(token.as_bytes());
    out.extend_from_slice(b",\"progress\":");
    number(out, done);
    out.extend_from_slice(b",\"total\":");
    number(out, total);
    out.extend_from_slice(b"}}");
}

/// The first message of a subscription to the list of tools, which never changes.
pub fn acknowledged(out: &mut Vec<u8>, id: &str) {
    out.extend_from_slice(br#"{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":{"toolsListChanged":true},"_meta":{"io.modelcontextprotocol/subscriptionId":"#);
    out.extend_from_slice(id.as_bytes());
    out.extend_from_slice(b"}}}");
}

fn number(out: &mut Vec<u8>, number: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

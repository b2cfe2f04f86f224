//! The benched tools with toolwright, as a user writes them.

#[cfg(feature = "client")]
#[path = "../../common/calls.rs"]
mod calls;
#[cfg(feature = "client")]
mod client;
#[path = "../../common/options.rs"]
mod options;

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;
use tokio::net::TcpListener;
use toolwright::Limits;
use toolwright::http::{HttpOptions, Legacy};
use toolwright::prelude::*;
use toolwright::server::{Layer, Next, Operation, Outcome};

use options::{Mode, Options, listening, number, refuse};

/// Add two numbers.
#[tool]
fn add(
    /// The first addend.
    a: i64,
    /// The second addend.
    b: i64,
) -> i64 {
    a + b
}

/// Say the same again.
#[tool]
fn echo(
    /// What to say.
    text: String,
) -> String {
    text
}

/// Count, and tell how far it is.
#[tool]
fn progress(
    progress: Progress,
    /// How far.
    count: i64,
) -> &'static str {
    for done in 1..=count {
        progress.report(done as f64, Some(count as f64), None);
    }
    "done"
}

/// Wait, then answer.
#[tool]
async fn hold(
    /// Milliseconds to wait.
    ms: u64,
) -> &'static str {
    tokio::time::sleep(Duration::from_millis(ms)).await;
    "done"
}

/// A layer that lets everything pass.
struct Pass;

impl Layer for Pass {
    async fn call(&self, operation: Operation, next: Next<'_>) -> Outcome {
        next.run(operation).await
    }
}

pub type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
pub async fn main() -> Result<(), Failure> {
    let mut options = Options::read();
    match options.mode {
        Mode::Stdio => {
            options.refuse_rest();
            Ok(server(&options).serve_stdio().await?)
        }
        Mode::Http(address) => {
            let idle = session_idle(&mut options);
            options.refuse_rest();
            serve_http(&options, address, idle).await
        }
        #[cfg(not(feature = "client"))]
        Mode::Client => refuse("client: that is bench-ours-client"),
        #[cfg(feature = "client")]
        Mode::Client => {
            let words = std::mem::take(&mut options.rest);
            client::run(words, || server(&options)).await
        }
    }
}

/// The server that the options ask for.
fn server(options: &Options) -> Server {
    if options.validation != cfg!(feature = "validation") {
        refuse("that: it is built with validation or without");
    }
    let mut server = Server::new("bench", "1.0.0");
    if options.has("add") {
        server = server.tool::<add>();
    }
    if options.has("echo") {
        server = server.tool::<echo>();
    }
    if options.has("progress") {
        server = server.tool::<progress>();
    }
    if options.has("hold") {
        server = server.tool::<hold>();
    }
    for name in options.numbered_tools() {
        server = server.runtime_tool(numbered(name));
    }
    if options.middleware {
        server = server.layer(Pass).layer(Pass).layer(Pass);
    }
    server
}

/// A tool that does what `add` does.
fn numbered(name: String) -> RuntimeTool {
    let addend = |description| json!({ "type": "integer", "description": description });
    let schema = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": { "a": addend("The first addend."), "b": addend("The second addend.") },
        "required": ["a", "b"],
    });
    RuntimeTool::new(name, schema, |_cx, arguments| async move {
        let addend = |name| arguments.get(name).and_then(serde_json::Value::as_i64);
        match (addend("a"), addend("b")) {
            (Some(a), Some(b)) => Ok(a + b),
            _ => Err("`a` and `b` are numbers"),
        }
    })
    .description("Add two numbers.")
}

/// How long a session may be idle, if that is told: `--session-idle SECONDS`.
fn session_idle(options: &mut Options) -> Option<Duration> {
    let at = options
        .rest
        .iter()
        .position(|word| word == "--session-idle")?;
    let told: Vec<String> = options.rest.drain(at..).skip(1).collect();
    Some(Duration::from_secs(number(told.into_iter().next())))
}

/// Nothing is configured, but that one address may hold all the sessions there are, and that
/// there may be very many of them.
async fn serve_http(
    options: &Options,
    address: SocketAddr,
    idle: Option<Duration>,
) -> Result<(), Failure> {
    let mut limits = Limits::default();
    limits.sessions = 200_000;
    limits.peer_sessions = limits.sessions;
    // `progress` tells of every step before anybody can read one; who wants all of them kept says so.
    limits.queue = 256;
    if let Some(idle) = idle {
        limits.session_idle = idle;
    }
    let handle = server(options).limits(limits).build()?;
    let listener = TcpListener::bind(address).await?;
    listening(listener.local_addr()?);
    let legacy = if options.legacy_stateless {
        Legacy::Stateless
    } else {
        Legacy::Sessions
    };
    let http = HttpOptions::default().legacy(legacy);
    Ok(handle.serve_listener(listener, http).await?)
}

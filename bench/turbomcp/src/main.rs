//! The benched tools with turbomcp, set as fast as it goes: pipes that do not block, no delay on
//! sockets.

mod many;
#[path = "../../common/options.rs"]
mod options;
#[path = "../../common/pass.rs"]
mod pass;
#[path = "../../common/serve.rs"]
mod serve;

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::BufReader;
use tokio::net::unix::pipe;
use tower_layer::Layer as _;
use turbomcp::http::{HttpConfig, router};
use turbomcp::prelude::*;
use turbomcp::{
    CallToolContext, DefaultCodec, LegacySessionAdapter, McpService, VersionDispatcher,
};
use turbomcp_transport_stdio::LineTransport;

use many::Many;
use options::{Mode, Options, refuse};
use pass::Three;

/// The tools that have names of their own.
#[derive(Clone)]
struct Bench;

#[server(name = "bench", version = "1.0.0")]
impl Bench {
    #[tool(description = "Add two numbers.")]
    async fn add(&self, a: i64, b: i64) -> i64 {
        a + b
    }

    #[tool(description = "Say the same again.")]
    async fn echo(&self, text: String) -> String {
        text
    }

    #[tool(description = "Count, and tell how far it is.")]
    async fn progress(&self, ctx: &CallToolContext, count: i64) -> String {
        for done in 1..=count {
            let report = ctx.progress.report(done as f64, Some(count as f64), None);
            report.await;
        }
        "done".to_owned()
    }

    #[tool(description = "Wait, then answer.")]
    async fn hold(&self, ms: u64) -> String {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        "done".to_owned()
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let options = Options::read();
    options.refuse_rest();
    if options.validation {
        refuse("--validation: turbomcp holds no arguments against schemas");
    }
    if options.legacy_stateless {
        refuse("--legacy-stateless: turbomcp has sessions in 2025-11-25");
    }
    let server = Many::new(&options).into_server().build();
    match options.mode {
        Mode::Stdio => {
            let server = LegacySessionAdapter::new(server);
            if options.middleware {
                serve_pipes(Three.layer(server)).await
            } else {
                serve_pipes(server).await
            }
        }
        Mode::Http(address) => {
            let config = config(&server);
            let router = if options.middleware {
                router(Three.layer(server), config)
            } else {
                router(server, config)
            };
            serve::serve(address, router).await
        }
        Mode::Client => refuse("client: it is a server alone"),
    }
}

/// What the one-liner of the library would wire.
fn config(server: &VersionDispatcher<Many>) -> HttpConfig {
    HttpConfig::new().with_session_terminator(Arc::new(server.session_terminator()))
}

/// Serves pipes that do not block, which the library's own entry point does not.
async fn serve_pipes<S>(service: S) -> Result<(), Failure>
where
    S: McpService + Clone,
    S::Future: Send + 'static,
{
    let input = pipe::Receiver::from_file(File::open("/proc/self/fd/0")?)?;
    let output = pipe::Sender::from_file(File::options().write(true).open("/proc/self/fd/1")?)?;
    let codec = DefaultCodec::default();
    let transport = LineTransport::new(BufReader::new(input), output, codec);
    Ok(turbomcp::serve(transport, service).await?)
}

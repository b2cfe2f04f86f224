//! The benched tools with tower-mcp, set as fast as it goes: no delay on sockets. Its pipes do not
//! block and its answers are JSON by themselves.

#[path = "../../common/options.rs"]
mod options;
#[path = "../../common/pass.rs"]
mod pass;
#[path = "../../common/serve.rs"]
mod serve;

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use tower_mcp::extract::{Context, Json};
use tower_mcp::{CallToolResult, HttpTransport, McpRouter, StdioTransport, Tool, ToolBuilder};

use options::{Mode, Options, refuse};
use pass::Three;

#[derive(Deserialize, JsonSchema)]
struct Addends {
    /// The first addend.
    a: i64,
    /// The second addend.
    b: i64,
}

#[derive(Deserialize, JsonSchema)]
struct Echo {
    /// What to say.
    text: String,
}

#[derive(Deserialize, JsonSchema)]
struct Count {
    /// How far.
    count: i64,
}

#[derive(Deserialize, JsonSchema)]
struct Hold {
    /// Milliseconds to wait.
    ms: u64,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let options = Options::read();
    options.refuse_rest();
    if options.legacy_stateless {
        refuse("--legacy-stateless: tower-mcp opens a session for every handshake");
    }
    let router = router(&options);
    match options.mode {
        Mode::Stdio => {
            let mut transport = StdioTransport::new(router);
            if options.middleware {
                Ok(transport.layer(Three).run().await?)
            } else {
                Ok(transport.run().await?)
            }
        }
        Mode::Http(address) => {
            let mut transport = HttpTransport::new(router);
            if options.middleware {
                transport = transport.layer(Three);
            }
            serve::serve(address, transport.into_router_at("/mcp")).await
        }
        Mode::Client => refuse("client: it is a server alone"),
    }
}

/// The server that the options ask for.
fn router(options: &Options) -> McpRouter {
    let builder = |name: &str, description: &str| {
        let builder = ToolBuilder::new(name).description(description);
        if options.validation {
            builder
        } else {
            builder.skip_input_validation().skip_output_validation()
        }
    };
    let mut tools = Vec::new();
    if options.has("add") {
        tools.push(add(builder("add", "Add two numbers.")));
    }
    if options.has("echo") {
        tools.push(
            builder("echo", "Say the same again.")
                .handler(|Echo { text }: Echo| async move { Ok(CallToolResult::text(text)) })
                .build(),
        );
    }
    if options.has("progress") {
        tools.push(progress(builder(
            "progress",
            "Count, and tell how far it is.",
        )));
    }
    if options.has("hold") {
        tools.push(
            builder("hold", "Wait, then answer.")
                .handler(|Hold { ms }: Hold| async move {
                    tokio::time::sleep(Duration::from_millis(ms)).await;
                    Ok(CallToolResult::text("done"))
                })
                .build(),
        );
    }
    for name in options.numbered_tools() {
        tools.push(add(builder(&name, "Add two numbers.")));
    }
    let router = McpRouter::new().server_info("bench", "1.0.0");
    tools.into_iter().fold(router, McpRouter::tool)
}

fn add(builder: ToolBuilder) -> Tool {
    builder
        .handler(|Addends { a, b }: Addends| async move {
            Ok(CallToolResult::text((a + b).to_string()))
        })
        .build()
}

fn progress(builder: ToolBuilder) -> Tool {
    let count = |context: Context, Json(Count { count }): Json<Count>| async move {
        for done in 1..=count {
            let report = context.report_progress(done as f64, Some(count as f64), None);
            report.await;
        }
        Ok(CallToolResult::text("done"))
    };
    builder.extractor_handler((), count).build()
}

//! The benched tools with rmcp, set as fast as it goes: pipes that do not block, no delay on sockets,
//! JSON where it can answer so, one router for all requests, no keep-alives.

#[path = "../../common/calls.rs"]
mod calls;
mod client;
mod http;
#[path = "../../common/options.rs"]
mod options;
#[path = "../../common/serve.rs"]
mod serve;

use std::sync::Arc;
use std::time::Duration;

use rmcp::handler::server::router::tool::{ToolRoute, ToolRouter};
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{
    Implementation, ProgressNotificationParam, RequestMetaObject, ServerCapabilities, ServerConfig,
};
use rmcp::service::Peer;
use rmcp::transport::stdio_pipes;
use rmcp::{RoleServer, ServerHandler, ServiceExt as _, schemars, tool, tool_handler, tool_router};
use serde::Deserialize;

use options::{Mode, NAMED_TOOLS, Options, refuse};

#[derive(Deserialize, schemars::JsonSchema)]
struct Addends {
    /// The first addend.
    a: i64,
    /// The second addend.
    b: i64,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Echo {
    /// What to say.
    text: String,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Count {
    /// How far.
    count: i64,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Hold {
    /// Milliseconds to wait.
    ms: u64,
}

/// The server. It is cloned for every session and for every request without one, so the router is
/// behind a pointer.
#[derive(Clone)]
struct Bench {
    router: Arc<ToolRouter<Self>>,
}

#[tool_router]
impl Bench {
    #[tool(description = "Add two numbers.")]
    fn add(&self, Parameters(Addends { a, b }): Parameters<Addends>) -> String {
        (a + b).to_string()
    }

    #[tool(description = "Say the same again.")]
    fn echo(&self, Parameters(Echo { text }): Parameters<Echo>) -> String {
        text
    }

    #[tool(description = "Count, and tell how far it is.")]
    async fn progress(
        &self,
        Parameters(Count { count }): Parameters<Count>,
        meta: RequestMetaObject,
        peer: Peer<RoleServer>,
    ) -> String {
        if let Some(token) = meta.get_progress_token() {
            for done in 1..=count {
                let progress = ProgressNotificationParam::new(token.clone(), done as f64)
                    .with_total(count as f64);
                // Who is gone need not hear of it.
                let _told = peer.notify_progress(progress).await;
            }
        }
        "done".to_owned()
    }

    #[tool(description = "Wait, then answer.")]
    async fn hold(&self, Parameters(Hold { ms }): Parameters<Hold>) -> String {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        "done".to_owned()
    }

    /// The server that the options ask for.
    fn new(options: &Options) -> Self {
        let mut router = Self::tool_router();
        for name in NAMED_TOOLS.iter().filter(|name| !options.has(name)) {
            router.remove_route(name);
        }
        for name in options.numbered_tools() {
            let mut tool = Self::add_tool_attr();
            tool.name = name.into();
            router.add_route(ToolRoute::new(tool, Self::add));
        }
        Self {
            router: Arc::new(router),
        }
    }
}

#[tool_handler(router = self.router)]
impl ServerHandler for Bench {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("bench", "1.0.0"))
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let options = Options::read();
    if options.middleware {
        refuse("--middleware: rmcp has none");
    }
    if options.validation {
        refuse("--validation: rmcp holds no arguments against schemas");
    }
    match options.mode {
        Mode::Stdio => {
            options.refuse_rest();
            let service = Bench::new(&options).serve(stdio_pipes()).await?;
            service.waiting().await?;
            Ok(())
        }
        Mode::Http(address) => {
            options.refuse_rest();
            http::serve(&options, address).await
        }
        Mode::Client => client::run(options.rest).await,
    }
}

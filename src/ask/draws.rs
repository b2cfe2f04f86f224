//! Fail the Nth: every draw of what nobody can guess fails once, in a session whose calls ask.

use mcp_core::Revision;
use mcp_core::engine::{CallError, ClientConfig};
use mcp_core::jsonrpc::{ErrorCode, ErrorObject};
use mcp_core::model::ClientCapabilities;
use mcp_core::model::legacy::Root;
use serde_json::json;
use tokio::runtime::Builder;

use super::draw::failing::{drawn, let_fail};
use crate::client::{Answers, Client};
use crate::context::Context;
use crate::handler::{RuntimeTool, ToolError};
use crate::server::{Server, ServerHandle};

/// Says where the roots are.
struct Nowhere;

impl Answers for Nowhere {
    async fn roots(&self) -> Result<Vec<Root>, ErrorObject> {
        Ok(Vec::new())
    }
}

/// Asks twice, so that what is known so far is sealed twice.
#[expect(deprecated, reason = "the shortest question")]
async fn ask(cx: Context) -> Result<String, ToolError> {
    let (one, two) = (cx.roots("one").await?, cx.roots("two").await?);
    Ok(format!("{} roots", one.len() + two.len()))
}

/// A server whose key nobody has drawn yet.
fn server() -> ServerHandle {
    let tool = RuntimeTool::new("ask", json!({ "type": "object" }), |cx, _| ask(cx));
    let server = Server::new("draws", "1.0.0").runtime_tool(tool);
    server.build().expect("a server")
}

async fn connect(server: &ServerHandle) -> Client {
    let capabilities = ClientCapabilities {
        roots: Some(Default::default()),
        ..ClientCapabilities::default()
    };
    let config = ClientConfig::new("draws", "1.0.0").pin(Revision::NEWEST_MODERN);
    let client = Client::builder(config.capabilities(capabilities)).answers(Nowhere);
    client.connect(server).await.expect("a connection")
}

async fn call(client: &Client) -> Result<Option<String>, CallError> {
    let result = client.call("ask", json!({})).await?;
    let text = result.content.first().and_then(|block| block.as_text());
    Ok(text.map(str::to_owned))
}

#[test]
fn a_call_that_cannot_be_sealed_ends_with_an_internal_error_and_the_next_one_goes_through() {
    let session = |nth| {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build();
        runtime.expect("a runtime").block_on(async {
            let_fail(nth);
            let server = server();
            let client = connect(&server).await;
            let outcome = call(&client).await;
            let drawn = drawn();
            let next = call(&client).await;
            assert_eq!(next.expect("nothing failed").as_deref(), Some("0 roots"));
            (outcome, drawn)
        })
    };
    let (sound, draws) = session(0);
    assert_eq!(sound.expect("nothing failed").as_deref(), Some("0 roots"));
    // The key of the ring, and the salt of each round.
    assert_eq!(draws, 3);
    for nth in 1..=draws {
        match session(nth).0 {
            Err(CallError::Server(error)) => {
                assert_eq!(error.code, ErrorCode::INTERNAL_ERROR);
                assert!(error.message.contains("no random bytes"), "{error}");
            }
            other => panic!("draw {nth}: {other:?}"),
        }
    }
}

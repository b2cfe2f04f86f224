//! Calls of `add`, one after the other in each lane, each answered rightly.

use rmcp::model::{CallToolRequestParams, ClientConfig, JsonObject, ProtocolVersion};
use rmcp::service::{Peer, RunningService};
use rmcp::transport::{StreamableHttpClientTransport, TokioChildProcess};
use rmcp::{ClientLifecycleMode, ClientServiceExt as _, RoleClient};
use tokio::process::Command;

use crate::Failure;
use crate::calls::{Calls, Target};
use crate::options::refuse;

/// Connects, calls, and says so.
pub async fn run(words: Vec<String>) -> Result<(), Failure> {
    let calls = Calls::read(words);
    let mode = if calls.legacy {
        ClientLifecycleMode::Initialize
    } else {
        ClientLifecycleMode::Discover {
            preferred_versions: vec![ProtocolVersion::V_2026_07_28],
        }
    };
    let config = ClientConfig::default();
    let client: RunningService<RoleClient, ClientConfig> = match &calls.target {
        Target::Http(address) => {
            let url = format!("http://{address}/mcp");
            let transport = StreamableHttpClientTransport::from_uri(url);
            config.serve_with_lifecycle(transport, mode).await?
        }
        Target::Stdio(program, arguments) => {
            let mut command = Command::new(program);
            command.args(arguments);
            let transport = TokioChildProcess::new(command)?;
            config.serve_with_lifecycle(transport, mode).await?
        }
        Target::Memory => refuse("memory: it is not compared"),
    };
    let lanes: Vec<_> = calls
        .shares()
        .map(|share| tokio::spawn(lane(client.peer().clone(), share.cast_signed())))
        .collect();
    for lane in lanes {
        lane.await??;
    }
    client.cancel().await?;
    calls.done();
    Ok(())
}

async fn lane(client: Peer<RoleClient>, calls: i64) -> Result<(), Failure> {
    for number in 0..calls {
        let mut addends = JsonObject::new();
        addends.insert("a".to_owned(), number.into());
        addends.insert("b".to_owned(), 40.into());
        let call = CallToolRequestParams::new("add").with_arguments(addends);
        let result = client.call_tool(call).await?;
        let text = result.content.first().and_then(|block| block.as_text());
        let sum = text.map(|text| text.text.as_str());
        if sum != Some((number + 40).to_string().as_str()) {
            return Err(format!("{number} + 40 = {sum:?}").into());
        }
    }
    Ok(())
}

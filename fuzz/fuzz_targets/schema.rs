//! Schemas of a peer, compiled and applied: a tool of ours with any input schema, and a client that
//! is given any output schema; in bounded time, and nothing is fetched (SCH-M-02, SCH-M-03, faults
//! 96, 97).
#![no_main]

use libfuzzer_sys::fuzz_target;
use mcp_core::Limits;
use mcp_transport::memory;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, split};
use toolwright::client::Client;
use toolwright::memory::MemoryConnection;
use toolwright::prelude::*;
use toolwright_fuzz::client::config;
use toolwright_fuzz::server::{hear, limits, server};
use toolwright_fuzz::{halves, mutate_json, run};

mutate_json!();

/// A server takes a tool with this input schema, or says why not; the tool takes arguments, or says
/// why not.
fn as_input(schema: &Value, data: &Value) {
    let tool = RuntimeTool::new("work", schema.clone(), |_, _| async { "done" });
    let limits = Limits {
        blocked_thread: limits().blocked_thread,
        ..Limits::default()
    };
    let server = Server::new("fuzzed", "1").limits(limits).runtime_tool(tool);
    let Ok(server) = server.build() else {
        return;
    };
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let params = json!({ "name": "work", "arguments": data, "_meta": meta });
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    let heard = run(hear(&server, vec![format!("{call}\n").as_bytes()]));
    let answer: Value = serde_json::from_slice(&heard).expect("one answer");
    assert_eq!(answer["id"], 1);
}

/// Says that there is a tool with this output schema, and that its result is this.
async fn promise(far: MemoryConnection, schema: &Value, data: &Value) {
    let (reader, mut writer) = split(far);
    let mut requests = BufReader::new(reader).lines();
    while let Ok(Some(line)) = requests.next_line().await {
        let request: Value = serde_json::from_str(&line).expect("a client writes JSON");
        let result = match request["method"].as_str() {
            Some("server/discover") => json!({
                "supportedVersions": ["2026-07-28"], "capabilities": { "tools": {} },
            }),
            Some("tools/list") => json!({ "tools": [{
                "name": "work", "inputSchema": { "type": "object" }, "outputSchema": schema,
            }] }),
            _ => json!({ "content": [], "structuredContent": data }),
        };
        let answer = json!({ "jsonrpc": "2.0", "id": request["id"], "result": result });
        if writer
            .write_all(format!("{answer}\n").as_bytes())
            .await
            .is_err()
        {
            return;
        }
    }
}

fn as_output(schema: &Value, data: &Value) {
    run(async {
        let (near, far) = memory::pair(1 << 16);
        let (reader, writer) = split(near);
        let using = async {
            let client = Client::over(reader, writer, config(b'9')).await?;
            client.tools().await?;
            client.call("work", json!({})).await
        };
        // Whether it fits is for the schema to say.
        let (_, ()) = tokio::join!(using, promise(far, schema, data));
    });
}

fn hold(data: &[u8]) {
    let (schema, data) = halves(data);
    let (Ok(schema), Ok(data)) = (serde_json::from_slice(schema), serde_json::from_slice(data))
    else {
        return;
    };
    as_input(&schema, &data);
    as_output(&schema, &data);
}

fuzz_target!(
    init: {
        // The servers of the inputs come and go, this one keeps the watch over them going.
        server();
    },
    |data: &[u8]| hold(data)
);

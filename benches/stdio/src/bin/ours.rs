//! The calculator's `add` as a user writes it, and as many other tools as the first argument says.

use serde_json::json;
use toolwright::prelude::*;

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

#[tokio::main(flavor = "current_thread")]
async fn main() -> toolwright::Result<()> {
    let others: usize = std::env::args()
        .nth(1)
        .map_or(0, |count| count.parse().expect("the argument is a count"));
    let mut server = toolwright::server!().tool::<add>();
    for number in 0..others {
        let schema = json!({ "type": "object", "properties": { "text": { "type": "string" } } });
        let tool = RuntimeTool::new(format!("other_{number}"), schema, |_cx, _arguments| async {
            "done"
        });
        server = server.runtime_tool(tool.description("Does nothing, as one of many."));
    }
    server.serve_stdio().await
}

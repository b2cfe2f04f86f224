//! Calls of `add`, one after the other in each lane, each answered rightly.

use toolwright::Revision;
use toolwright::client::{CallError, Client, ClientConfig, Program};
use toolwright::prelude::*;

use super::Failure;
use super::calls::{Calls, Target};

/// The arguments of `add`.
#[derive(serde::Serialize)]
struct Addends {
    a: i64,
    b: i64,
}

/// Connects, calls, and says so. `server` is the one to call in this process.
pub async fn run(words: Vec<String>, server: impl FnOnce() -> Server) -> Result<(), Failure> {
    let calls = Calls::read(words);
    let mut config = ClientConfig::new("bench", "1.0.0");
    config.pinned = calls.legacy.then_some(Revision::V2025_11_25);
    let client = match &calls.target {
        Target::Http(address) => Client::connect(&format!("http://{address}/mcp"), config).await?,
        Target::Stdio(program, arguments) => {
            Client::spawn(Program::new(program).args(arguments), config).await?
        }
        Target::Memory => Client::connect(&server().build()?, config).await?,
    };
    let lanes: Vec<_> = calls
        .shares()
        .map(|share| tokio::spawn(lane(client.clone(), share)))
        .collect();
    for lane in lanes {
        lane.await??;
    }
    calls.done();
    Ok(())
}

async fn lane(client: Client, calls: u64) -> Result<(), CallError> {
    for number in 0..calls.cast_signed() {
        let addends = Addends { a: number, b: 40 };
        let result = client.call("add", addends).await?;
        let text = result.content.first().and_then(|block| block.as_text());
        if text != Some((number + 40).to_string().as_str()) {
            return Err(CallError::Protocol(format!("{number} + 40 = {text:?}")));
        }
    }
    Ok(())
}

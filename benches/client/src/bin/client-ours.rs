//! A client and a server in one process and one thread: `client-ours (memory|http) IN_FLIGHT CALLS`.

use tokio::net::TcpListener;
use toolwright::client::{CallError, Client, ClientConfig};
use toolwright::http::HttpOptions;
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

/// The arguments of `add`.
#[derive(serde::Serialize)]
struct Addends {
    a: i64,
    b: i64,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [transport, in_flight, calls] = arguments.as_slice() else {
        return Err("usage: client-ours (memory|http) IN_FLIGHT CALLS".into());
    };
    let server = toolwright::server!().tool::<add>();
    let config = ClientConfig::new("bench", "1.0.0");
    let client = match transport.as_str() {
        "memory" => Client::connect(&server.build()?, config).await?,
        "http" => {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
            let url = format!("http://{}/mcp", listener.local_addr()?);
            let server = server.build()?;
            let serving = async move {
                let options = HttpOptions::default();
                server.serve_listener(listener, options).await
            };
            tokio::spawn(serving);
            Client::connect(&url, config).await?
        }
        other => return Err(format!("there is no transport {other}").into()),
    };
    let (in_flight, calls): (i64, i64) = (in_flight.parse()?, calls.parse()?);
    let lanes: Vec<_> = (0..in_flight)
        .map(|lane| {
            let share = calls / in_flight + i64::from(lane < calls % in_flight);
            tokio::spawn(lane_of(client.clone(), share))
        })
        .collect();
    for lane in lanes {
        lane.await??;
    }
    Ok(())
}

/// One call after the other, each answered rightly.
async fn lane_of(client: Client, calls: i64) -> Result<(), CallError> {
    for number in 0..calls {
        let addends = Addends { a: number, b: 40 };
        let result = client.call("add", addends).await?;
        let text = result.content.first().and_then(|block| block.as_text());
        if text != Some((number + 40).to_string().as_str()) {
            return Err(CallError::Protocol(format!("{number} + 40 = {text:?}")));
        }
    }
    Ok(())
}

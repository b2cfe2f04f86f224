//! One whole session of a client with a hostile server over a stream: every call ends, with a value
//! or an error, and nothing else happens (faults 7, 13, 22, 28, 97, 99).
//!
//! The input is what the server says, in answers that wait for a request each: in a line that begins
//! with `@`, the result of the next request; any other is said as it stands.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use mcp_transport::memory;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, split};
use tokio::time::timeout;
use toolwright::client::{CallError, Client};
use toolwright::memory::MemoryConnection;
use toolwright_fuzz::client::{config, use_it};
use toolwright_fuzz::{pieces, run, steering};

/// How long the server waits for a request. Longer than a client waits for anything, so that it
/// hangs up on one that has nothing left to ask, and waits for the end as the server does: that would
/// be for ever.
const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// The server's end: says `script`, and hangs up.
async fn say(far: MemoryConnection, seed: u8, script: &[u8]) {
    let (reader, mut writer) = split(far);
    let mut requests = BufReader::new(reader).lines();
    for line in script.split(|byte| *byte == b'\n') {
        let answer = match line.strip_prefix(b"@") {
            None => line.to_vec(),
            Some(result) => {
                let request = timeout(PATIENCE, requests.next_line()).await;
                let Ok(Ok(Some(request))) = request else {
                    return;
                };
                let request: Value = serde_json::from_str(&request).expect("a client writes JSON");
                let Some(id) = request.get("id") else {
                    continue;
                };
                let head = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":"#);
                [head.as_bytes(), result, b"}"].concat()
            }
        };
        for piece in pieces(seed, &answer) {
            if writer.write_all(piece).await.is_err() {
                return;
            }
        }
        if writer.write_all(b"\n").await.is_err() {
            return;
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let ([seed, pin], script) = steering(data);
    run(async {
        let (near, far) = memory::pair(1024);
        let (reader, writer) = split(near);
        let using = async {
            let client = Client::over(reader, writer, config(pin)).await?;
            use_it(&client).await;
            client.closed().await;
            assert!(client.is_closed());
            Ok::<(), CallError>(())
        };
        // A client that cannot connect says so; that it ends is what counts.
        let (_, ()) = tokio::join!(using, say(far, seed, script));
    });
});

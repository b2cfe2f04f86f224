//! States that travel with the client: what was not sealed here for this request never opens, and
//! nothing panics over it (MRTR-M-07, MRTR-M-08).
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use toolwright_fuzz::server::{hear, server};
use toolwright_fuzz::{run, steering};

/// A call that asks, with what it was answered so far.
fn call(state: Option<&str>) -> Value {
    let mut params = json!({
        "name": "ask",
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": { "elicitation": { "form": {} } },
        },
    });
    if let Some(state) = state {
        params["requestState"] = json!(state);
        let answer = json!({ "action": "accept", "content": { "name": "Ann" } });
        params["inputResponses"] = json!({ "visitor": answer });
    }
    json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params })
}

fn answer(request: &Value) -> Value {
    let line = format!("{request}\n");
    let heard = run(hear(server(), vec![line.as_bytes()]));
    serde_json::from_slice(&heard).expect("one answer")
}

/// A state that was sealed for this call.
fn sealed() -> &'static str {
    static SEALED: OnceLock<String> = OnceLock::new();
    SEALED.get_or_init(|| {
        let asked = answer(&call(None));
        let state = asked["result"]["requestState"].as_str().expect("a state");
        let gone_on = answer(&call(Some(state)));
        assert_eq!(gone_on["result"]["content"][0]["text"], "Hello, Ann!");
        state.to_owned()
    })
}

fuzz_target!(|data: &[u8]| {
    let ([how, at], bytes) = steering(data);
    let text = String::from_utf8_lossy(bytes);
    let mut state = sealed().to_owned();
    let at = usize::from(at) * (state.len() + 1) / 256;
    match how % 4 {
        0 => state = text.into_owned(),
        1 => state.insert_str(at, &text),
        2 => state.replace_range(at.., &text),
        _ => {
            let end = (at + text.len()).min(state.len());
            state.replace_range(at..end, &text);
        }
    }
    let answered = answer(&call(Some(&state)));
    if state != sealed() && !state.is_empty() {
        assert!(
            answered.get("error").is_some(),
            "{state:?} opened: {answered}"
        );
    }
});

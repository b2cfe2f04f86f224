//! What handlers that are state machines are refused, and what is refused to them.

use serde_json::json;
use toolwright::Revision;
use toolwright::ask::{Journals, KeyRing, Turn};
use toolwright::client::Client;
use toolwright::prelude::*;

use crate::rig::{BOTH, Modern, accepted, client, config, legacy, required, said};
use crate::support::{call, request};
use crate::turns::{ada, ask_name, builder, server};

#[tokio::test]
async fn an_answer_that_does_not_fit_is_refused() {
    let mut client = Modern::connect(&server());
    for wrong in [
        json!(7),
        json!({ "action": "accept", "content": { "name": 7 } }),
    ] {
        let params =
            json!({ "arguments": { "city": "Oslo" }, "inputResponses": { "name": wrong } });
        let answer = client.call("machine", params).await;
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
    }
}

#[tokio::test]
async fn a_refusal_of_the_client_is_a_text_for_the_model_in_a_session() {
    let mut peer = legacy(&server(), Revision::V2025_11_25).await;
    let asked = peer.ask(call("call", "blocks", json!({}))).await;
    let error = json!({ "code": -1, "message": "not now" });
    let answer = json!({ "jsonrpc": "2.0", "id": asked["id"], "error": error });
    let result = &peer.ask(answer).await["result"];
    let text = result["content"][0]["text"].as_str().unwrap();
    assert!(
        result["isError"] == true && text.contains("`name` was not answered: not now"),
        "{text}"
    );
    let get = request("prompt", "prompts/get", json!({ "name": "greeting" }));
    let asked = peer.ask(get).await;
    let error = json!({ "code": -1, "message": "not now" });
    let answer = json!({ "jsonrpc": "2.0", "id": asked["id"], "error": error });
    assert_eq!(peer.ask(answer).await["error"]["code"], -32603);
}

#[tokio::test]
async fn what_the_client_did_not_declare_is_not_asked() {
    let mut modern = Modern::connect(&server());
    let params = json!({ "name": "blocks" });
    let answer = modern.send_with("tools/call", params, json!({})).await;
    assert_eq!(answer["error"]["code"], -32021, "{answer}");
    let needed = &answer["error"]["data"]["requiredCapabilities"];
    assert_eq!(*needed, json!({ "elicitation": { "form": {} } }));
    let params = json!({ "uri": "guests://7" });
    let answer = modern.send_with("resources/read", params, json!({})).await;
    assert_eq!(answer["error"]["code"], -32021, "{answer}");

    let mut silent = config(BOTH[0]);
    silent.capabilities = Default::default();
    let client = Client::connect(&server(), silent).await.unwrap();
    let result = client.call("blocks", json!({})).await.unwrap();
    let (text, is_error) = said(&result);
    assert!(is_error && text.contains("`elicitation.form`"), "{text}");
}

#[tokio::test]
async fn mistakes_of_the_handler_are_named() {
    for revision in BOTH {
        let client = client(&server(), revision, ada()).await;
        for (tool, expected) in [
            ("mixed", "`name` was asked in the middle of a handler"),
            ("clash", "the key `name` is used twice"),
            ("heavy", "1000 bytes (limit `journal`)"),
        ] {
            let result = client.call(tool, json!({})).await.unwrap();
            let (text, is_error) = said(&result);
            assert!(
                is_error && text.contains(expected),
                "{revision} {tool}: {text}"
            );
        }
    }
}

#[tokio::test]
async fn a_state_that_the_handler_no_longer_knows_is_refused() {
    /// What an older version of `machine` may have kept.
    #[tool(name = "machine", handle = Older)]
    fn older(city: String) -> Turn<String> {
        Turn::Ask(ask_name().state(&json!({ "Old": city })))
    }

    let ring = || KeyRing::new([7; 32]);
    let old = Server::new("turns", "0.9.0")
        .journals(Journals::sealed(ring()))
        .tool::<Older>();
    let new = builder()
        .0
        .journals(Journals::sealed(ring()))
        .build()
        .unwrap();
    let params = json!({ "arguments": { "city": "Oslo" } });
    let mut client = Modern::connect(&old.build().unwrap());
    let (_, state) = required(&client.call("machine", params.clone()).await);
    let mut next = accepted(json!({ "name": { "name": "Ada" } }), &state);
    next["arguments"] = params["arguments"].clone();
    let answer = Modern::connect(&new).call("machine", next).await;
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
}

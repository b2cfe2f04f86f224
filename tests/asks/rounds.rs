//! What stands on the wire between the rounds of a call (§6).

#![allow(deprecated, reason = "what is deprecated has to work")]

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use toolwright::ask::{Journals, KeyRing};
use toolwright::prelude::*;

use crate::rig::{Modern, accepted, complete, required};

#[form]
struct Name {
    name: String,
}

#[tool]
async fn greet(cx: Context, #[arg(default)] greeting: String) -> Result<String, ToolError> {
    let who: Name = cx.elicit("user_name", "Who are you?").await?.accepted()?;
    Ok(format!("{greeting}Hello, {}!", who.name))
}

#[tool]
async fn three(cx: Context) -> Result<String, AskError> {
    let (a, b, c) = tokio::join!(
        cx.elicit::<Name>("a", "A?"),
        cx.elicit::<Name>("b", "B?"),
        cx.roots("c"),
    );
    let (a, b) = (a?.accepted()?, b?.accepted()?);
    Ok(format!("{} {} {}", a.name, b.name, c?.len()))
}

static PRICE: Mutex<u32> = Mutex::new(10);

/// Asks what depends on something that no step recorded.
#[tool]
async fn fickle(cx: Context) -> Result<String, AskError> {
    let question = format!("Pay {}?", PRICE.lock().unwrap());
    cx.elicit::<Name>("pay", question).await?.accepted()?;
    Ok("paid".to_owned())
}

fn with(journals: Journals) -> ServerHandle {
    Server::new("rounds", "1.0.0")
        .journals(journals)
        .tool::<(greet, three, fickle)>()
        .build()
        .unwrap()
}

/// A server of each way to keep journals.
fn servers() -> [ServerHandle; 2] {
    [with(Journals::in_process()), with(Journals::default())]
}

#[track_caller]
fn assert_refused(answer: &Value) {
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
}

#[tokio::test]
async fn a_question_is_a_result_and_its_answer_comes_with_the_request() {
    for server in servers() {
        let mut client = Modern::connect(&server);
        let first = client.call("greet", json!({})).await;
        let (asked, state) = required(&first);
        let server_info = &first["result"]["_meta"]["io.modelcontextprotocol/serverInfo"];
        assert_eq!(server_info["name"], "rounds");
        assert_eq!(first["result"].get("ttlMs"), None, "MRTR-M-12");
        let expected = json!({
            "method": "elicitation/create",
            "params": {
                "mode": "form",
                "message": "Who are you?",
                "requestedSchema": {
                    "type": "object",
                    "properties": { "name": { "type": "string" } },
                    "required": ["name"],
                },
            },
        });
        assert_eq!(asked["user_name"], expected);
        let retry = accepted(json!({ "user_name": { "name": "Ada" } }), &state);
        let answer = client.call("greet", retry).await;
        assert_eq!(complete(&answer), "Hello, Ada!");
    }
}

#[tokio::test]
async fn questions_awaited_together_go_out_in_one_round() {
    for server in servers() {
        let mut client = Modern::connect(&server);
        let (asked, state) = required(&client.call("three", json!({})).await);
        assert_eq!(asked.keys().collect::<Vec<_>>(), ["a", "b", "c"]);
        let mut retry = accepted(
            json!({ "a": { "name": "x" }, "b": { "name": "y" } }),
            &state,
        );
        // One answer is missing: that is asked again, and the others are kept (MRTR-M-09).
        let (asked, newer) = required(&client.call("three", retry.clone()).await);
        assert_eq!(asked.keys().collect::<Vec<_>>(), ["c"]);
        assert_ne!(state, newer);
        retry = json!({ "inputResponses": { "c": { "roots": [] } }, "requestState": newer });
        assert_eq!(complete(&client.call("three", retry).await), "x y 0");
    }
}

#[tokio::test]
async fn unknown_answers_are_ignored_and_early_ones_are_taken() {
    let mut client = Modern::connect(&with(Journals::default()));
    let early = json!({ "inputResponses": {
        "user_name": { "action": "accept", "content": { "name": "Ada" } },
        "nobody_asked": { "action": "accept" },
    } });
    assert_eq!(complete(&client.call("greet", early).await), "Hello, Ada!");
    let wrong = json!({ "inputResponses": { "nobody_asked": { "action": "accept" } } });
    required(&client.call("greet", wrong).await);
    required(
        &client
            .call("greet", json!({ "inputResponses": null }))
            .await,
    );
}

#[tokio::test]
async fn malformed_answers_are_refused() {
    let mut client = Modern::connect(&with(Journals::default()));
    for responses in [
        json!(7),
        json!({ "user_name": 12345 }),
        json!({ "user_name": { "action": "perhaps" } }),
        json!({ "user_name": { "action": "accept", "content": { "name": 1 } } }),
        json!({ "user_name": { "action": "accept" } }),
    ] {
        let answer = client
            .call("greet", json!({ "inputResponses": responses }))
            .await;
        assert_refused(&answer);
    }
}

#[tokio::test]
async fn fault_56_a_forged_state_is_refused() {
    for server in servers() {
        let mut client = Modern::connect(&server);
        let (_, state) = required(&client.call("greet", json!({})).await);
        let mut forgeries = vec![
            json!(format!("{state}-TAMPERED")),
            json!(state[1..]),
            json!(""),
            json!("e30"),
            json!(7),
        ];
        let mut flipped = state.clone().into_bytes();
        let middle = flipped.len() / 2;
        flipped[middle] = if flipped[middle] == b'a' { b'b' } else { b'a' };
        forgeries.push(json!(String::from_utf8(flipped).unwrap()));
        for forged in forgeries {
            let mut retry = accepted(json!({ "user_name": { "name": "Ada" } }), &state);
            retry["requestState"] = forged;
            assert_refused(&client.call("greet", retry).await);
        }
    }
}

#[tokio::test]
async fn fault_56_a_state_of_another_request_is_refused() {
    for server in servers() {
        let mut client = Modern::connect(&server);
        let (_, state) = required(&client.call("greet", json!({ "arguments": {} })).await);
        let mut retry = accepted(json!({ "user_name": { "name": "Ada" } }), &state);
        retry["arguments"] = json!({ "greeting": "Ho! " });
        assert_refused(&client.call("greet", retry.clone()).await);
        assert_refused(&client.call("three", retry.clone()).await);
        // The same request however it is written: no arguments are none.
        retry.as_object_mut().unwrap().remove("arguments");
        assert_eq!(complete(&client.call("greet", retry).await), "Hello, Ada!");
    }
}

#[tokio::test]
async fn fault_56_an_expired_state_is_refused() {
    static NOW: Mutex<SystemTime> = Mutex::new(SystemTime::UNIX_EPOCH);
    for journals in [Journals::in_process(), Journals::default()] {
        let journals = journals
            .ttl(Duration::from_secs(60))
            .clock(|| *NOW.lock().unwrap());
        let mut client = Modern::connect(&with(journals));
        let (_, state) = required(&client.call("greet", json!({})).await);
        let retry = accepted(json!({ "user_name": { "name": "Ada" } }), &state);
        *NOW.lock().unwrap() += Duration::from_secs(59);
        complete(&client.call("greet", retry.clone()).await);
        *NOW.lock().unwrap() += Duration::from_secs(1);
        assert_refused(&client.call("greet", retry).await);
    }
}

#[tokio::test]
async fn replicas_that_share_keys_go_on_with_each_others_calls() {
    let (old, new) = ([1; 32], [2; 32]);
    let server = |ring| with(Journals::sealed(ring));
    let mut first = Modern::connect(&server(KeyRing::new(old)));
    let (_, state) = required(&first.call("greet", json!({})).await);
    let retry = accepted(json!({ "user_name": { "name": "Ada" } }), &state);

    let mut rotated = Modern::connect(&server(KeyRing::new(new).accepting(old)));
    assert_eq!(
        complete(&rotated.call("greet", retry.clone()).await),
        "Hello, Ada!"
    );
    let mut stranger = Modern::connect(&server(KeyRing::new(new)));
    assert_refused(&stranger.call("greet", retry).await);
}

#[tokio::test]
async fn an_answer_to_another_question_is_not_taken() {
    let mut client = Modern::connect(&with(Journals::default()));
    let (_, state) = required(&client.call("fickle", json!({})).await);
    *PRICE.lock().unwrap() = 12;
    let retry = accepted(json!({ "pay": { "name": "Ada" } }), &state);
    let answer = client.call("fickle", retry).await;
    assert_eq!(answer["result"]["isError"], true);
    let text = answer["result"]["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("`pay` changed"), "{text}");
}

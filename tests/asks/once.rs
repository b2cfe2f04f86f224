//! A round that is sent twice: at most once with a store, the same keys without.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use serde_json::json;
use toolwright::ask::{Journals, MemoryJournalStore};
use toolwright::handler::State;
use toolwright::prelude::*;

use crate::rig::{Modern, accepted, complete, required};

#[form]
struct Yes {
    yes: bool,
}

type Charges = State<Arc<Mutex<Vec<String>>>>;

#[tool]
async fn buy(cx: Context, charges: Charges) -> Result<String, ToolError> {
    cx.elicit::<Yes>("yes", "Buy?").await?.accepted()?;
    let count = cx
        .step("charge", async |key| {
            tokio::task::yield_now().await;
            let mut charges = charges.lock().unwrap();
            charges.push(key.to_string());
            Ok::<_, Infallible>(charges.len())
        })
        .await?;
    cx.elicit::<Yes>("again", "Sure?").await?.accepted()?;
    Ok(format!("charge {count}"))
}

/// Says in its own words that the client cannot be sent anywhere.
#[tool]
async fn confide(cx: Context) -> Result<String, ToolError> {
    cx.elicit::<Yes>("yes", "Tell?").await?.accepted()?;
    match cx.elicit_url("pay", "Pay", "https://example.com").await {
        Ok(_) => Ok("paid".to_owned()),
        Err(error) => Err(ToolError::new(format!("sorry: {error}"))),
    }
}

fn server(journals: Journals) -> (ServerHandle, Arc<Mutex<Vec<String>>>) {
    let charges = Arc::default();
    let server = Server::new("shop", "1.0.0")
        .journals(journals)
        .state(Arc::clone(&charges))
        .tool::<buy>()
        .build()
        .unwrap();
    (server, charges)
}

#[tokio::test]
async fn with_a_store_a_retry_sent_twice_charges_once_and_gets_the_same_answer() {
    for journals in [Journals::in_process(), Journals::default()] {
        let (server, charges) = server(journals.once(MemoryJournalStore::default()));
        let mut client = Modern::connect(&server);
        let (_, state) = required(&client.call("buy", json!({})).await);
        let retry = accepted(json!({ "yes": { "yes": true } }), &state);
        // The answer to the first was lost, say.
        let first = client.call("buy", retry.clone()).await;
        let second = client.call("buy", retry.clone()).await;
        assert_eq!(first["result"], second["result"]);
        assert_eq!(charges.lock().unwrap().len(), 1);

        let (_, state) = required(&second);
        let retry = accepted(json!({ "again": { "yes": true } }), &state);
        for _ in 0..2 {
            assert_eq!(
                complete(&client.call("buy", retry.clone()).await),
                "charge 1"
            );
        }
    }
}

#[tokio::test]
async fn with_a_store_retries_at_the_same_time_charge_once() {
    let (server, charges) = server(Journals::default().once(MemoryJournalStore::default()));
    let mut client = Modern::connect(&server);
    let (_, state) = required(&client.call("buy", json!({})).await);
    let retry = accepted(json!({ "yes": { "yes": true } }), &state);
    let mut other = Modern::connect(&server);
    let (first, second) = tokio::join!(
        client.call("buy", retry.clone()),
        other.call("buy", retry.clone()),
    );
    assert_eq!(
        first["result"]["requestState"],
        second["result"]["requestState"]
    );
    assert_eq!(charges.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn without_a_store_a_repeated_charge_has_the_same_key() {
    let (server, charges) = server(Journals::default());
    let mut client = Modern::connect(&server);
    let (_, state) = required(&client.call("buy", json!({})).await);
    let retry = accepted(json!({ "yes": { "yes": true } }), &state);
    for _ in 0..2 {
        required(&client.call("buy", retry.clone()).await);
    }
    let charges = charges.lock().unwrap();
    assert_eq!(charges.len(), 2);
    assert_eq!(charges[0], charges[1]);
}

#[tokio::test]
async fn with_a_store_a_forged_state_is_refused_before_anything_runs() {
    let (server, charges) = server(Journals::default().once(MemoryJournalStore::default()));
    let mut client = Modern::connect(&server);
    let answer = client.call("buy", accepted(json!({}), "forged")).await;
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
    assert!(charges.lock().unwrap().is_empty());
}

#[tokio::test]
async fn with_a_store_a_refusal_that_is_passed_on_is_the_same_both_times() {
    let server = Server::new("shop", "1.0.0")
        .journals(Journals::default().once(MemoryJournalStore::default()))
        .tool::<confide>()
        .build()
        .unwrap();
    let mut client = Modern::connect(&server);
    let (_, state) = required(&client.call("confide", json!({})).await);
    let mut retry = accepted(json!({ "yes": { "yes": true } }), &state);
    retry["name"] = json!("confide");
    let forms = json!({ "elicitation": { "form": {} } });
    let mut answers = Vec::new();
    for _ in 0..2 {
        let answer = client.send_with("tools/call", retry.clone(), forms.clone());
        answers.push(answer.await["error"].clone());
    }
    assert_eq!(answers[0]["code"], -32021, "{answers:?}");
    assert_eq!(answers[0], answers[1]);
}

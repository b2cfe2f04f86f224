//! The same handler says the same to clients of both eras.

#![allow(deprecated, reason = "what is deprecated has to work")]

use serde_json::json;
use toolwright::Revision;
use toolwright::client::CallError;
use toolwright::model::legacy::{CreateMessageParams, SamplingMessage};
use toolwright::model::{GetPromptResult, ReadResourceResult, Role};
use toolwright::prelude::*;

use crate::rig::{BOTH, Scripted, client, said};

#[form]
struct Guest {
    name: String,
    #[serde(default)]
    nights: u32,
}

#[tool]
async fn book(cx: Context, city: String) -> Result<String, ToolError> {
    let guest: Guest = cx.elicit("guest", "Who?").await?.accepted()?;
    Ok(format!(
        "{city} for {}, {} nights",
        guest.name, guest.nights
    ))
}

#[tool]
async fn everything(cx: Context) -> Result<String, AskError> {
    let question = SamplingMessage::text(Role::User, "The capital of France?");
    let (guest, model, roots) = tokio::join!(
        cx.elicit::<Guest>("guest", "Who?"),
        cx.sample("model", CreateMessageParams::new(vec![question], 100)),
        cx.roots("roots"),
    );
    let url = cx
        .elicit_url("pay", "Pay there", "https://example.com/pay")
        .await?;
    let (guest, roots) = (guest?.accepted()?, roots?);
    let model = model?.model;
    Ok(format!("{} {model} {} {url:?}", guest.name, roots[0].uri))
}

#[tool]
async fn polite(cx: Context) -> Result<String, AskError> {
    Ok(match cx.elicit::<Guest>("guest", "Who?").await? {
        Elicited::Accepted(guest) => guest.name,
        Elicited::Declined => "declined".to_owned(),
        Elicited::Dismissed => "dismissed".to_owned(),
    })
}

/// Never has enough.
#[tool]
async fn nosy(cx: Context) -> Result<String, AskError> {
    for round in 0_u32.. {
        let key = round.to_string();
        let _ = cx.elicit::<Guest>(&key, "And then?").await?;
    }
    Ok("never".to_owned())
}

#[prompt]
async fn greeting(cx: Context) -> Result<String, AskError> {
    let guest: Guest = cx.elicit("guest", "Who?").await?.accepted()?;
    Ok(format!("Greet {}", guest.name))
}

#[resource("guests://{number}")]
async fn guest(cx: Context, number: u32) -> Result<String, AskError> {
    let guest: Guest = cx.elicit("guest", "Who?").await?.accepted()?;
    Ok(format!("{number}: {}", guest.name))
}

fn server() -> ServerHandle {
    Server::new("asking", "1.0.0")
        .tool::<(book, everything, polite, nosy)>()
        .prompt::<greeting>()
        .resource::<guest>()
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_tool_goes_on_after_its_question() {
    for revision in BOTH {
        let answers = Scripted::accepting(json!({ "name": "Ada", "nights": 2 }));
        let asked = answers.asked.clone();
        let client = client(&server(), revision, answers).await;
        let result = client
            .call("book", json!({ "city": "Oslo" }))
            .await
            .unwrap();
        assert_eq!(
            said(&result),
            ("Oslo for Ada, 2 nights", false),
            "{revision}"
        );
        assert_eq!(*asked.lock().unwrap(), ["Who?"], "{revision}");
    }
}

#[tokio::test]
async fn every_kind_of_question_is_answered() {
    for revision in BOTH {
        let answers = Scripted::accepting(json!({ "name": "Ada" }));
        let asked = answers.asked.clone();
        let client = client(&server(), revision, answers).await;
        let result = client.call("everything", json!({})).await.unwrap();
        assert_eq!(
            said(&result),
            ("Ada m file:///work Accepted(())", false),
            "{revision}"
        );
        let mut asked = asked.lock().unwrap().clone();
        assert_eq!(asked.pop().as_deref(), Some("https://example.com/pay"));
        asked.sort();
        assert_eq!(asked, ["Who?", "roots", "sample 100"], "{revision}");
    }
}

#[tokio::test]
async fn that_the_user_said_no_is_an_answer() {
    for revision in BOTH {
        for (action, expected) in [("decline", "declined"), ("cancel", "dismissed")] {
            let client = client(&server(), revision, Scripted::refusing(action)).await;
            let result = client.call("polite", json!({})).await.unwrap();
            assert_eq!(said(&result), (expected, false), "{revision}");
        }
        let client = client(&server(), revision, Scripted::refusing("decline")).await;
        let result = client
            .call("book", json!({ "city": "Oslo" }))
            .await
            .unwrap();
        assert_eq!(
            said(&result),
            ("the user declined to answer", true),
            "{revision}"
        );
    }
}

#[tokio::test]
async fn prompts_and_resources_ask_as_well() {
    for revision in BOTH {
        let answers = Scripted::accepting(json!({ "name": "Ada" }));
        let client = client(&server(), revision, answers).await;
        let prompt: GetPromptResult = client.prompt("greeting", json!({})).await.unwrap();
        assert_eq!(
            prompt.messages[0].content.as_text(),
            Some("Greet Ada"),
            "{revision}"
        );
        let read: ReadResourceResult = client.read("guests://7").await.unwrap();
        assert_eq!(json!(read.contents[0])["text"], "7: Ada", "{revision}");
    }
}

#[tokio::test]
async fn fault_55_a_client_leaves_a_server_that_asks_for_ever() {
    let answers = Scripted::accepting(json!({ "name": "Ada" }));
    let asked = answers.asked.clone();
    let client = client(&server(), Revision::V2026_07_28, answers).await;
    let error = client.call("nosy", json!({})).await.unwrap_err();
    assert!(matches!(error, CallError::Protocol(_)), "{error}");
    assert!(error.to_string().contains("more than 32 times"), "{error}");
    assert_eq!(asked.lock().unwrap().len(), 32);
}

#[tokio::test]
async fn a_client_of_2025_06_18_is_asked_in_its_terms() {
    let answers = Scripted::accepting(json!({ "name": "Ada" }));
    let client = client(&server(), Revision::V2025_06_18, answers).await;
    let result = client
        .call("book", json!({ "city": "Oslo" }))
        .await
        .unwrap();
    assert_eq!(said(&result), ("Oslo for Ada, 0 nights", false));
    let result = client.call("everything", json!({})).await.unwrap();
    let (text, is_error) = said(&result);
    assert!(is_error && text.contains("elicitation.url"), "{text}");
}

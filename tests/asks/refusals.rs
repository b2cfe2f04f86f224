//! Questions that are refused before anything is sent.

#![allow(deprecated, reason = "what is deprecated has to work")]

use std::convert::Infallible;

use serde_json::{Value, json};
use toolwright::client::Client;
use toolwright::handler::ErrorMask;
use toolwright::model::legacy::{CreateMessageParams, IncludeContext};
use toolwright::prelude::*;

use crate::rig::{BOTH, Modern, Scripted, client, config, said};

#[form]
struct Name {
    name: String,
}

/// Any error that displays, as a crate for errors would carry it.
struct Opaque(String);

impl std::fmt::Display for Opaque {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "asking failed: {}", self.0)
    }
}

#[tool]
async fn plain(cx: Context) -> Result<String, AskError> {
    Ok(cx.elicit::<Name>("name", "Who?").await?.accepted()?.name)
}

#[tool]
async fn converted(cx: Context) -> Result<String, ToolError> {
    Ok(cx.elicit::<Name>("name", "Who?").await?.accepted()?.name)
}

#[tool]
async fn opaque(cx: Context) -> Result<String, Opaque> {
    let asked = cx.elicit::<Name>("name", "Who?").await;
    asked
        .map(|_| String::new())
        .map_err(|error| Opaque(error.to_string()))
}

#[tool]
async fn fallback(cx: Context) -> Result<String, AskError> {
    if !cx.can_elicit() {
        let refused = cx.elicit::<Name>("name", "Who?").await;
        assert!(matches!(refused, Err(AskError::Undeclared { .. })));
        return Ok("nobody".to_owned());
    }
    Ok(cx.elicit::<Name>("name", "Who?").await?.accepted()?.name)
}

#[tool]
async fn clash(cx: Context) -> Result<String, AskError> {
    let (first, second) = tokio::join!(
        cx.elicit::<Name>("same", "Who?"),
        cx.elicit::<Name>("same", "Who?"),
    );
    first.and(second).map(|_| String::new())
}

#[tool]
async fn spawned(cx: Context) -> Result<String, AskError> {
    let inner = cx.clone();
    let task = tokio::spawn(async move { inner.elicit::<Name>("name", "Who?").await.map(|_| ()) });
    task.await
        .expect("it does not panic")
        .map(|()| String::new())
}

/// A step in a place where none can be, and one under the name of a question.
#[tool]
async fn misplaced(cx: Context, place: String) -> Result<String, ToolError> {
    let inner = cx.clone();
    let step = async move { inner.step("inner", async |_| Ok::<_, Infallible>(())).await };
    match place.as_str() {
        "step" => cx.step("outer", async |_| step.await).await?,
        "task" => tokio::spawn(step).await.expect("it does not panic")?,
        _ => {
            step.await?;
            cx.elicit::<Name>("inner", "Who?").await?.accepted()?;
        }
    }
    Ok("it ran".to_owned())
}

#[tool]
async fn by_url(cx: Context) -> Result<String, AskError> {
    let answer = cx.elicit_url("pay", "Pay", "https://example.com").await?;
    answer.accepted().map(|()| "agreed".to_owned())
}

/// Asks the model or for the roots, and needs more and more for that.
#[tool]
async fn needy(cx: Context, what: String) -> Result<String, AskError> {
    let mut params = CreateMessageParams::new(Vec::new(), 10);
    match what.as_str() {
        "roots" => return Ok(cx.roots("it").await?.len().to_string()),
        "tools" => params.tools = Some(Vec::new()),
        "context" => params.include_context = Some(IncludeContext::THIS_SERVER),
        _ => {}
    }
    Ok(cx.sample("it", params).await?.model)
}

#[prompt]
async fn in_prompt(cx: Context) -> Result<String, AskError> {
    Ok(cx.elicit::<Name>("name", "Who?").await?.accepted()?.name)
}

fn builder() -> Server {
    Server::new("refusing", "1.0.0")
        .tool::<(
            plain,
            converted,
            opaque,
            fallback,
            clash,
            spawned,
            misplaced,
            needy,
            by_url,
        )>()
        .prompt::<in_prompt>()
}

fn server() -> ServerHandle {
    builder().build().unwrap()
}

#[track_caller]
fn assert_undeclared(answer: &Value, needed: Value) {
    assert_eq!(answer["error"]["code"], -32021, "{answer}");
    assert_eq!(answer["error"]["data"]["requiredCapabilities"], needed);
}

#[tokio::test]
async fn fault_41_what_a_modern_client_did_not_declare_is_the_protocols_error() {
    let mut client = Modern::connect(&server());
    let needed = json!({ "elicitation": { "form": {} } });
    for tool in ["plain", "converted", "opaque"] {
        let params = json!({ "name": tool });
        let answer = client.send_with("tools/call", params, json!({})).await;
        assert_undeclared(&answer, needed.clone());
    }
    let params = json!({ "name": "in_prompt" });
    let answer = client.send_with("prompts/get", params, json!({})).await;
    assert_undeclared(&answer, needed);
    let forms = json!({ "elicitation": {} });
    let params = json!({ "name": "by_url" });
    let answer = client.send_with("tools/call", params, forms).await;
    assert_undeclared(&answer, json!({ "elicitation": { "url": {} } }));
}

#[tokio::test]
async fn fault_41_each_capability_is_looked_at_before_anything_is_asked() {
    let sampling = json!({ "sampling": {} });
    for (what, declared, needed) in [
        ("roots", sampling.clone(), json!({ "roots": {} })),
        ("model", json!({ "roots": {} }), sampling.clone()),
        (
            "tools",
            sampling.clone(),
            json!({ "sampling": { "tools": {} } }),
        ),
        (
            "context",
            sampling,
            json!({ "sampling": { "context": {} } }),
        ),
    ] {
        let mut modern = Modern::connect(&server());
        let params = json!({ "name": "needy", "arguments": { "what": what } });
        let answer = modern
            .send_with("tools/call", params, declared.clone())
            .await;
        assert_undeclared(&answer, needed);

        let mut silent = config(BOTH[0]);
        silent.capabilities = serde_json::from_value(declared).unwrap();
        let client = Client::connect(&server(), silent).await.unwrap();
        let result = client.call("needy", json!({ "what": what })).await.unwrap();
        let (text, is_error) = said(&result);
        assert!(
            is_error && text.contains("did not declare"),
            "{what}: {text}"
        );
    }
}

#[tokio::test]
async fn masked_errors_hide_no_refused_question() {
    let server = builder().mask_errors(ErrorMask::Hide).build().unwrap();
    let mut client = Modern::connect(&server);
    for tool in ["plain", "converted"] {
        let params = json!({ "name": tool });
        let answer = client.send_with("tools/call", params, json!({})).await;
        assert_eq!(answer["error"]["code"], -32021, "{answer}");
    }
}

#[tokio::test]
async fn what_a_legacy_client_did_not_declare_is_a_text_for_the_model() {
    let mut silent = config(BOTH[0]);
    silent.capabilities = Default::default();
    let client = Client::connect(&server(), silent).await.unwrap();
    for tool in ["plain", "converted"] {
        let result = client.call(tool, json!({})).await.unwrap();
        let expected =
            "`name` cannot be asked: the client did not declare the capability `elicitation.form`";
        assert_eq!(said(&result), (expected, true));
    }
}

#[tokio::test]
async fn a_handler_may_go_on_without_an_answer() {
    for revision in BOTH {
        let mut silent = config(revision);
        silent.capabilities = Default::default();
        let client = Client::connect(&server(), silent).await.unwrap();
        let result = client.call("fallback", json!({})).await.unwrap();
        assert_eq!(said(&result), ("nobody", false), "{revision}");
    }
}

#[tokio::test]
async fn a_key_used_twice_and_a_spawned_question_are_refused_in_both_eras() {
    for revision in BOTH {
        let answers = || Scripted::accepting(json!({ "name": "Ada" }));
        let client = client(&server(), revision, answers()).await;
        let result = client.call("clash", json!({})).await.unwrap();
        assert_eq!(
            said(&result),
            ("the key `same` is used twice in one call", true)
        );
        let result = client.call("spawned", json!({})).await.unwrap();
        let (text, is_error) = said(&result);
        assert!(
            is_error && text.contains("`name` was asked from a spawned task"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_step_in_a_step_in_a_task_or_under_a_used_name_is_refused_in_both_eras() {
    for revision in BOTH {
        let answers = Scripted::accepting(json!({ "name": "Ada" }));
        let client = client(&server(), revision, answers).await;
        for (place, expected) in [
            ("step", "`inner` was asked inside of a step"),
            ("task", "`inner` was asked from a spawned task"),
            ("key", "the key `inner` is used twice"),
        ] {
            let arguments = json!({ "place": place });
            let result = client.call("misplaced", arguments).await.unwrap();
            let (text, is_error) = said(&result);
            assert!(is_error && text.contains(expected), "{revision}: {text}");
        }
    }
}

#[tokio::test]
async fn a_context_without_a_connection_refuses() {
    let refused = plain(Context::detached()).await;
    assert!(
        matches!(refused, Err(AskError::NoWayBack { .. })),
        "{refused:?}"
    );
}

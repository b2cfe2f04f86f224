//! The servers in `tests/interop/servers`: small, and the same on every SDK.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::time::sleep;
use toolwright::Era;
use toolwright::client::{CallError, CallOptions, Client, ServerEvent};
use toolwright::model::{CompleteParams, CompletionArgument, CompletionReference, ListenFilter};

use crate::answers::Ada;
use crate::checks::{Checks, Outcome, holds, same, why};
use crate::run::Folder;

/// How often a server is asked for something that it needs a moment to notice.
const ATTEMPTS: u32 = 100;

pub(crate) async fn checks(client: &Client, ada: &Ada, folder: &Folder, checks: &mut Checks) {
    checks.run("says who it is", introduces(client)).await;
    checks.run("lists what it offers", lists(client)).await;
    checks.run("calls a tool", calls(client)).await;
    checks.run("hears of errors", errors(client)).await;
    checks.run("reads resources", reads(client)).await;
    checks.run("gets a prompt", prompts(client)).await;
    checks.run("completes an argument", completes(client)).await;
    checks.run("hears of progress", progress(client)).await;
    checks.run("gives up a call", gives_up(client)).await;
    checks
        .run("answers the user's questions", asks_user(client, ada))
        .await;
    checks
        .run("answers the model's questions", asks_model(client, ada))
        .await;
    checks
        .run("answers for its roots", asks_roots(client, folder))
        .await;
    checks.run("calls side by side", side_by_side(client)).await;
    checks.run("hears of changes", listens(client)).await;
}

async fn introduces(client: &Client) -> Outcome {
    // What a pinned server is, nobody has asked it yet where requests stand alone.
    let peer = client.discover().await.map_err(why)?;
    same(
        peer.info.as_ref().map(|info| info.name.as_str()),
        Some("peer"),
    )?;
    same(peer.instructions.as_deref(), Some("Ask me anything."))
}

async fn lists(client: &Client) -> Outcome {
    let tools = client.tools().await.map_err(why)?;
    let mut names: Vec<_> = tools.iter().map(|tool| tool.name.as_str()).collect();
    names.sort_unstable();
    let wanted = [
        "add",
        "ask_model",
        "ask_roots",
        "ask_user",
        "change",
        "fail",
        "given_up",
        "wait",
        "work",
    ];
    same(names, wanted)?;
    let prompts = client.prompts().await.map_err(why)?;
    same(prompts.len(), 1)?;
    let resources = client.resources().await.map_err(why)?;
    same(
        resources.iter().map(|r| r.uri.as_str()).collect::<Vec<_>>(),
        ["memo://today"],
    )?;
    let templates = client.resource_templates().await.map_err(why)?;
    let templates: Vec<_> = templates.iter().map(|t| t.uri_template.as_str()).collect();
    same(templates, ["note://{id}"])
}

async fn calls(client: &Client) -> Outcome {
    let result = client
        .call("add", json!({ "a": 2, "b": 40 }))
        .await
        .map_err(why)?;
    same(
        result.content.first().and_then(|block| block.as_text()),
        Some("42"),
    )?;
    let sum: i64 = client
        .call_as("add", json!({ "a": 2, "b": 40 }))
        .await
        .map_err(why)?;
    same(sum, 42)
}

async fn errors(client: &Client) -> Outcome {
    let failed = client.call("fail", json!({})).await.map_err(why)?;
    same(failed.is_error, Some(true))?;
    let wrong = client.call("add", json!({ "a": "two" })).await;
    holds(is_refused(&wrong), format!("{wrong:?}"))?;
    let unknown = client.call("no_such_tool", json!({})).await;
    holds(is_refused(&unknown), format!("{unknown:?}"))?;
    let nowhere = client.read("memo://never").await;
    holds(
        matches!(nowhere, Err(CallError::Server(_))),
        format!("{nowhere:?}"),
    )
}

/// Servers disagree on whether such a mistake is the model's or the protocol's.
fn is_refused(answer: &Result<toolwright::model::CallToolResult, CallError>) -> bool {
    match answer {
        Ok(result) => result.is_error == Some(true),
        Err(error) => matches!(error, CallError::Server(_)),
    }
}

async fn reads(client: &Client) -> Outcome {
    for (uri, text) in [("memo://today", "tea"), ("note://7", "note 7")] {
        let read = client.read(uri).await.map_err(why)?;
        same(&json!(read.contents)[0]["text"], &json!(text))?;
    }
    Ok(())
}

async fn prompts(client: &Client) -> Outcome {
    let prompt = client
        .prompt("greet", json!({ "name": "Ada" }))
        .await
        .map_err(why)?;
    let said = prompt
        .messages
        .first()
        .and_then(|message| message.content.as_text());
    same(said, Some("Greet Ada."))
}

async fn completes(client: &Client) -> Outcome {
    let params = CompleteParams::new(
        CompletionReference::prompt("greet"),
        CompletionArgument::new("name", "A"),
    );
    let completed = client.complete(params).await.map_err(why)?;
    same(completed.completion.values, ["Ada", "Alan"])
}

async fn progress(client: &Client) -> Outcome {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&seen);
    let options = CallOptions::new().on_progress(move |progress| {
        let mut seen = sink.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push(progress.progress.as_f64().unwrap_or_default());
    });
    let done: String = client
        .with(options)
        .call_as("work", json!({ "steps": 5 }))
        .await
        .map_err(why)?;
    same(done, "worked")?;
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
    // Of what comes faster than it is looked at the latest counts.
    same(seen.last(), Some(&5.0))?;
    holds(seen.is_sorted(), format!("{seen:?}"))
}

/// The call is under way when its first progress is here; then it is dropped.
async fn gives_up(client: &Client) -> Outcome {
    let before = given_up(client).await?;
    let (begun, has_begun) = oneshot::channel();
    let begun = Mutex::new(Some(begun));
    let options = CallOptions::new().on_progress(move |_| {
        let begun = begun.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(begun) = begun {
            // The check may be over already.
            let _ = begun.send(());
        }
    });
    let waiting = client.with(options);
    tokio::select! {
        ended = waiting.call("wait", json!({})) => return Err(format!("{ended:?}")),
        begun = has_begun => begun.map_err(why)?,
    }
    for _ in 0..ATTEMPTS {
        if given_up(client).await? == before + 1 {
            return Ok(());
        }
        sleep(Duration::from_millis(20)).await;
    }
    Err("the server was not told".to_owned())
}

async fn given_up(client: &Client) -> Result<u64, String> {
    let count: String = client.call_as("given_up", json!({})).await.map_err(why)?;
    count.parse().map_err(why)
}

async fn asks_user(client: &Client, ada: &Ada) -> Outcome {
    ada.take_asked();
    let said: String = client.call_as("ask_user", json!({})).await.map_err(why)?;
    same(said, "Ada, 30")?;
    same(ada.take_asked(), ["Who are you?"])
}

async fn asks_model(client: &Client, ada: &Ada) -> Outcome {
    let said: String = client.call_as("ask_model", json!({})).await.map_err(why)?;
    same(said, "blue")?;
    same(ada.take_asked(), ["at most 10 tokens"])
}

async fn asks_roots(client: &Client, folder: &Folder) -> Outcome {
    let said: String = client.call_as("ask_roots", json!({})).await.map_err(why)?;
    same(said, folder.uri())
}

async fn side_by_side(client: &Client) -> Outcome {
    let calls = (0..20_i64).map(|number| {
        let client = client.clone();
        tokio::spawn(async move { client.call_as("add", json!({ "a": number, "b": 1 })).await })
    });
    for (number, call) in (0..).zip(calls.collect::<Vec<_>>()) {
        let sum: i64 = call.await.map_err(why)?.map_err(why)?;
        same(sum, number + 1)?;
    }
    Ok(())
}

/// Whatever the server has agreed to tell of is told when it changes.
async fn listens(client: &Client) -> Outcome {
    let wanted = ListenFilter {
        tools_list_changed: Some(true),
        resource_subscriptions: Some(vec!["memo://today".to_owned()]),
        ..ListenFilter::default()
    };
    let mut changes = client.listen(wanted.clone()).await.map_err(why)?;
    let agreed = changes.acknowledged().clone();
    if client.peer().revision.era() == Era::Modern {
        same(&agreed, &wanted)?;
    }
    client.call("change", json!({})).await.map_err(why)?;
    let mut missing = Vec::new();
    if agreed.tools_list_changed == Some(true) {
        missing.push(ServerEvent::ToolsChanged);
    }
    for uri in agreed.resource_subscriptions.unwrap_or_default() {
        missing.push(ServerEvent::ResourceUpdated(uri));
    }
    while !missing.is_empty() {
        let change = changes.next().await.ok_or("the subscription has ended")?;
        missing.retain(|event| *event != change);
    }
    drop(changes);
    // The connection is as good as before.
    let _: Value = client.request("tools/list", json!({})).await.map_err(why)?;
    Ok(())
}

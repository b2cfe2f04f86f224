//! The reference server `everything`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use toolwright::Revision;
use toolwright::client::{CallError, CallOptions, Client, ServerEvent};
use toolwright::model::legacy::LoggingLevel;
use toolwright::model::{
    CompleteParams, CompletionArgument, CompletionContext, CompletionReference, ListenFilter,
};

use crate::answers::Ada;
use crate::checks::{Checks, Outcome, holds, same, why};
use crate::filesystem::text;
use crate::run::Folder;

/// A resource that it makes up on demand.
const DYNAMIC: &str = "demo://resource/dynamic/text/1";

pub(crate) async fn checks(client: &Client, ada: &Ada, folder: &Folder, checks: &mut Checks) {
    checks.run("lists what it offers", lists(client)).await;
    checks.run("calls tools", calls(client)).await;
    checks.run("hears of errors", errors(client)).await;
    checks.run("reads resources", reads(client)).await;
    checks.run("gets prompts", prompts(client)).await;
    checks.run("completes arguments", completes(client)).await;
    checks.run("hears of progress", progress(client)).await;
    checks.run("gives up a call", gives_up(client)).await;
    // It asks in the revisions that have these questions.
    if client.peer().revision >= Revision::V2025_06_18 {
        checks
            .run("answers the user's questions", asks_user(client, ada))
            .await;
    }
    if client.peer().revision >= Revision::V2025_11_25 {
        checks
            .run("is asked to open a URL", asks_url(client, ada))
            .await;
    }
    checks
        .run("answers the model's questions", asks_model(client, ada))
        .await;
    checks
        .run("answers for its roots", asks_roots(client, folder))
        .await;
    checks
        .run("hears of a resource's changes", listens(client))
        .await;
    checks.run("hears the log", logs(client)).await;
}

async fn lists(client: &Client) -> Outcome {
    let tools = client.tools().await.map_err(why)?;
    for name in [
        "echo",
        "get-sum",
        "trigger-sampling-request",
        "get-roots-list",
    ] {
        holds(
            tools.iter().any(|tool| tool.name == name),
            format!("no `{name}`"),
        )?;
    }
    let prompts = client.prompts().await.map_err(why)?;
    holds(
        prompts.iter().any(|prompt| prompt.name == "args-prompt"),
        "no `args-prompt`",
    )?;
    holds(
        !client.resources().await.map_err(why)?.is_empty(),
        "no resources",
    )?;
    same(client.resource_templates().await.map_err(why)?.len(), 2)
}

async fn calls(client: &Client) -> Outcome {
    same(
        text(client, "echo", json!({ "message": "hi" })).await?,
        "Echo: hi",
    )?;
    let sum = text(client, "get-sum", json!({ "a": 2, "b": 40 })).await?;
    same(sum, "The sum of 2 and 40 is 42.")?;
    let place = json!({ "location": "Chicago" });
    let weather: Value = client
        .call_as("get-structured-content", place)
        .await
        .map_err(why)?;
    same(&weather["humidity"], &json!(82))?;
    let picture = client
        .call("get-tiny-image", json!({}))
        .await
        .map_err(why)?;
    let kinds = json!(picture.content);
    holds(kinds.to_string().contains("image/png"), kinds)
}

async fn errors(client: &Client) -> Outcome {
    let wrong = client
        .call("get-sum", json!({ "a": "two" }))
        .await
        .map_err(why)?;
    same(wrong.is_error, Some(true))?;
    let nowhere = client.read("demo://nowhere").await;
    holds(
        matches!(nowhere, Err(CallError::Server(_))),
        format!("{nowhere:?}"),
    )
}

async fn reads(client: &Client) -> Outcome {
    let read = client.read(DYNAMIC).await.map_err(why)?;
    let said = json!(read.contents)[0]["text"].to_string();
    holds(said.contains("Resource 1"), said)?;
    for resource in client.resources().await.map_err(why)? {
        let read = client.read(&resource.uri).await.map_err(why)?;
        holds(
            !read.contents.is_empty(),
            format!("{} is empty", resource.uri),
        )?;
    }
    Ok(())
}

async fn prompts(client: &Client) -> Outcome {
    let arguments = json!({ "city": "Oslo" });
    let prompt = client.prompt("args-prompt", arguments).await.map_err(why)?;
    let said = prompt
        .messages
        .first()
        .and_then(|message| message.content.as_text());
    same(said, Some("What's weather in Oslo?"))
}

async fn completes(client: &Client) -> Outcome {
    let reference = || CompletionReference::prompt("completable-prompt");
    let first = CompleteParams::new(reference(), CompletionArgument::new("department", "S"));
    let completed = client.complete(first).await.map_err(why)?;
    same(completed.completion.values, ["Sales", "Support"])?;
    let mut second = CompleteParams::new(reference(), CompletionArgument::new("name", ""));
    let chosen = json!({ "arguments": { "department": "Sales" } });
    second.context = Some(serde_json::from_value::<CompletionContext>(chosen).map_err(why)?);
    let completed = client.complete(second).await.map_err(why)?;
    same(completed.completion.values, ["David", "Eve", "Frank"])
}

async fn progress(client: &Client) -> Outcome {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&seen);
    let options = CallOptions::new().on_progress(move |progress| {
        let mut seen = sink.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push(progress.progress.as_f64().unwrap_or_default());
    });
    let work = json!({ "duration": 0.4, "steps": 4 });
    let working = client.with(options);
    text(&working, "trigger-long-running-operation", work).await?;
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
    holds(
        seen.len() > 1 && seen.is_sorted() && seen.last() == Some(&4.0),
        format!("{seen:?}"),
    )
}

/// It works on; its answer is nobody's, and the next call has one of its own.
async fn gives_up(client: &Client) -> Outcome {
    let patience = Duration::from_millis(200);
    let impatient = client.with(CallOptions::new().timeout(patience));
    let work = json!({ "duration": 1, "steps": 1 });
    let ended = impatient.call("trigger-long-running-operation", work).await;
    same(ended, Err(CallError::Timeout(patience)))?;
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    same(
        text(client, "echo", json!({ "message": "still here" })).await?,
        "Echo: still here",
    )
}

async fn asks_user(client: &Client, ada: &Ada) -> Outcome {
    ada.take_asked();
    let said = text(client, "trigger-elicitation-request", json!({})).await?;
    for part in [
        "\"Ada\"",
        "It was a dark and stormy night.",
        "Monica",
        "hero-1",
        "fish-1",
        "pet-1",
    ] {
        holds(said.contains(part), format!("no {part} in {said}"))?;
    }
    same(ada.take_asked().len(), 1)
}

async fn asks_url(client: &Client, ada: &Ada) -> Outcome {
    let url = "https://example.org/consent";
    let said = text(client, "trigger-url-elicitation", json!({ "url": url })).await?;
    holds(said.contains("\"accept\""), said)?;
    same(ada.take_asked(), [url])
}

async fn asks_model(client: &Client, ada: &Ada) -> Outcome {
    ada.take_asked();
    let arguments = json!({ "prompt": "Name a colour.", "maxTokens": 7 });
    let said = text(client, "trigger-sampling-request", arguments).await?;
    holds(said.contains("\"blue\""), said)?;
    same(ada.take_asked(), ["at most 7 tokens"])
}

async fn asks_roots(client: &Client, folder: &Folder) -> Outcome {
    let said = text(client, "get-roots-list", json!({})).await?;
    holds(said.contains(&folder.uri()), said)
}

async fn listens(client: &Client) -> Outcome {
    let mut changes = client.subscribe(DYNAMIC).await.map_err(why)?;
    let agreed = ListenFilter {
        resource_subscriptions: Some(vec![DYNAMIC.to_owned()]),
        ..ListenFilter::default()
    };
    same(changes.acknowledged(), &agreed)?;
    text(client, "toggle-subscriber-updates", json!({})).await?;
    let change = changes.next().await.ok_or("the subscription has ended")?;
    text(client, "toggle-subscriber-updates", json!({})).await?;
    same(change, ServerEvent::ResourceUpdated(DYNAMIC.to_owned()))
}

/// Subscribing makes it log.
async fn logs(client: &Client) -> Outcome {
    let level = json!({ "level": LoggingLevel::Debug });
    let _: Value = client
        .request("logging/setLevel", level)
        .await
        .map_err(why)?;
    let mut events = client.events();
    let _subscription = client
        .subscribe("demo://resource/dynamic/text/2")
        .await
        .map_err(why)?;
    while let Some(event) = events.next().await {
        if let ServerEvent::Log(message) = event
            && message.data.to_string().contains("Received Subscribe")
        {
            return Ok(());
        }
    }
    Err("the connection has ended".to_owned())
}

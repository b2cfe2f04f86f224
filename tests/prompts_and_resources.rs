//! `#[prompt]` and `#[resource]`: definitions, calls and completions.

use std::borrow::Cow;

use serde_json::{Value, json};
use toolwright::context::Context;
use toolwright::handler::{
    ArgumentOptions, CompletionContext, Dispatch, Json, PromptFn, PromptOutcome, ResourceError,
    ResourceFn, ResourceOutcome, ResourceTarget, ResourceUri, SchemaOptions, Scope, StateMap,
};
use toolwright::jsonrpc::{ErrorCode, ErrorObject};
use toolwright::model::{PromptMessage, ResourceContents};
use toolwright::{data, prompt, resource};

#[data]
#[serde(rename_all = "lowercase")]
enum Tone {
    Formal,
    Casual,
}

/// Writes a greeting.
#[prompt(title = "Greeting")]
fn greet(
    /// Who is greeted.
    #[arg(complete = names)]
    name: &str,
    #[arg(complete = ages)] age: Option<u8>,
    #[arg(default = Tone::Formal, complete = tones)] tone: Tone,
    #[arg(complete = slow)] loud: Option<bool>,
) -> String {
    let tone = if matches!(tone, Tone::Formal) {
        "Dear"
    } else {
        "Hi"
    };
    format!("{tone} {name} {age:?} {loud:?}")
}

fn names(prefix: &str) -> Vec<String> {
    ["Ada", "Alan", "Grace"]
        .iter()
        .filter(|n| n.starts_with(prefix))
        .map(|n| (*n).into())
        .collect()
}

fn ages(_: &str, context: &CompletionContext) -> Vec<&'static str> {
    if context.argument("name") == Some("Ada") {
        vec!["36"]
    } else {
        vec![]
    }
}

async fn tones(prefix: &str) -> [&'static str; 1] {
    tokio::task::yield_now().await;
    if prefix.starts_with('c') {
        ["casual"]
    } else {
        ["formal"]
    }
}

async fn slow(prefix: &str, context: &CompletionContext) -> Vec<String> {
    tokio::task::yield_now().await;
    vec![format!("{prefix}{:?}", context.argument("name")); 101]
}

#[prompt]
async fn dialogue() -> Result<Vec<PromptMessage>, ErrorObject> {
    Ok(vec![
        PromptMessage::user("Hello"),
        PromptMessage::assistant("Hi"),
    ])
}

#[prompt]
fn broken() -> Result<String, String> {
    Err("no ink".to_owned())
}

async fn get<T: PromptFn>(arguments: Value) -> PromptOutcome {
    let raw = serde_json::value::to_raw_value(&arguments).expect("a value is JSON");
    let entry = T::entry(&SchemaOptions::default());
    let started = {
        let (options, state) = (ArgumentOptions::default(), StateMap::default());
        let context = Context::detached;
        let scope = Scope::new(&options, &state, &context).with_arguments(Some((&*raw).into()));
        entry
            .handler
            .get(&scope)
            .expect("the arguments are an object")
    };
    started.wait().await
}

fn said(outcome: PromptOutcome) -> String {
    let result = outcome.expect("the prompt answers");
    result.messages[0]
        .content
        .as_text()
        .expect("a text")
        .to_owned()
}

#[test]
fn a_prompts_definition_lists_its_arguments() {
    let entry = greet::entry(&SchemaOptions::default());
    assert_eq!(
        serde_json::to_value(entry.definition).unwrap(),
        json!({
            "name": "greet",
            "title": "Greeting",
            "description": "Writes a greeting.",
            "arguments": [
                {"name": "name", "description": "Who is greeted.", "required": true},
                {"name": "age", "required": false},
                {"name": "tone", "required": false},
                {"name": "loud", "required": false}
            ]
        })
    );
}

#[tokio::test]
async fn a_prompts_texts_become_typed_parameters() {
    assert_eq!(
        said(get::<greet>(json!({"name": "42"})).await),
        "Dear 42 None None"
    );
    let all = json!({"name": "Ada", "age": "36", "tone": "casual", "loud": "true"});
    assert_eq!(said(get::<greet>(all).await), "Hi Ada Some(36) Some(true)");
    assert_eq!(get::<dialogue>(json!({})).await.unwrap().messages.len(), 2);
}

#[tokio::test]
async fn arguments_that_do_not_fit_a_prompt_are_invalid_params() {
    let error = get::<greet>(json!({"age": "old", "tone": "rude", "loud": 1}))
        .await
        .unwrap_err();
    assert_eq!(error.code, ErrorCode::INVALID_PARAMS);
    assert_eq!(
        error.message,
        "The arguments of prompt `greet` do not fit:\n\
         - `name` is missing; expected a string\n\
         - `age`: invalid type: string \"old\", expected a small integer that is not negative, got old\n\
         - `tone`: unknown variant `rude`, expected `formal` or `casual`, got rude\n\
         - `loud`: expected a string, got 1"
    );
    let error = get::<broken>(json!({})).await.unwrap_err();
    assert_eq!(
        (error.code, &*error.message),
        (ErrorCode::INTERNAL_ERROR, "no ink")
    );
}

#[tokio::test]
async fn completing_functions_may_be_async_and_see_the_other_arguments() {
    let entry = greet::entry(&SchemaOptions::default());
    let context = CompletionContext::from(
        [("name".to_owned(), "Ada".to_owned())]
            .into_iter()
            .collect::<std::collections::BTreeMap<_, _>>(),
    );
    let mut lists = Vec::new();
    for (name, completer) in &entry.completers {
        lists.push((*name, completer.complete("A", &context).wait().await));
    }
    let values: Vec<_> = lists
        .iter()
        .map(|(name, list)| (*name, list.values[0].as_str()))
        .collect();
    assert_eq!(
        values,
        [
            ("name", "Ada"),
            ("age", "36"),
            ("tone", "formal"),
            ("loud", "ASome(\"Ada\")")
        ]
    );
    // CMP-A-01: at most 100 values.
    let (_, long) = &lists[3];
    assert_eq!(
        (long.values.len(), long.total, long.has_more),
        (100, Some(101), Some(true))
    );
}

/// The settings.
#[resource(
    "config://app",
    name = "settings",
    title = "Settings",
    mime = "text/plain",
    size = 5
)]
fn config() -> &'static str {
    "a = 1"
}

#[resource("users://{id}/files/{+path}{?limit}", mime = "application/json")]
async fn file(
    id: u64,
    #[arg(complete = names)] path: &str,
    limit: Option<u32>,
    uri: ResourceUri,
) -> Option<Json<Value>> {
    (id != 0).then(|| Json(json!({"id": id, "path": path, "limit": limit, "uri": uri.0})))
}

#[resource("blob://x")]
fn blob() -> Result<Vec<u8>, ResourceError> {
    Ok(vec![1, 2, 3])
}

#[resource("gone://x")]
fn gone() -> Result<Vec<ResourceContents>, ResourceError> {
    Err(ResourceError::NotFound)
}

async fn read<T: ResourceFn>(uri: &str) -> ResourceOutcome {
    let entry = T::entry(&SchemaOptions::default());
    let variables: Vec<(&str, Cow<'_, str>)> = match &entry.target {
        ResourceTarget::Fixed(resource) => {
            assert_eq!(resource.uri, uri);
            Vec::new()
        }
        ResourceTarget::Template { template, .. } => {
            template.matches(uri).expect("the URI matches")
        }
    };
    let started: Dispatch<_> = {
        let (options, state) = (ArgumentOptions::default(), StateMap::default());
        let context = Context::detached;
        let scope = Scope::new(&options, &state, &context).with_resource(uri, &variables);
        entry
            .handler
            .read(&scope)
            .expect("the extractors have what they need")
    };
    started.wait().await
}

#[test]
fn a_resources_definition_is_a_fixed_one_or_a_template() {
    let ResourceTarget::Fixed(fixed) = config::entry(&SchemaOptions::default()).target else {
        panic!("a URI without variables is fixed");
    };
    assert_eq!(
        serde_json::to_value(fixed).unwrap(),
        json!({"uri": "config://app", "name": "settings", "title": "Settings",
               "description": "The settings.", "mimeType": "text/plain", "size": 5})
    );
    let entry = file::entry(&SchemaOptions::default());
    let ResourceTarget::Template { definition, .. } = entry.target else {
        panic!("a URI with variables is a template");
    };
    assert_eq!(
        serde_json::to_value(definition).unwrap(),
        json!({"uriTemplate": "users://{id}/files/{+path}{?limit}", "name": "file",
               "mimeType": "application/json"})
    );
    assert_eq!(entry.completers[0].0, "path");
}

#[tokio::test]
async fn a_templates_variables_become_typed_parameters() {
    let uri = "users://7/files/a/b%20c?limit=3";
    let result = read::<file>(uri).await.unwrap();
    let ResourceContents::Text(text) = &result.contents[0] else {
        panic!("text")
    };
    assert_eq!(
        (text.uri.as_str(), text.mime_type.as_deref()),
        (uri, Some("application/json"))
    );
    assert_eq!(
        serde_json::from_str::<Value>(&text.text).unwrap(),
        json!({"id": 7, "path": "a/b c", "limit": 3, "uri": uri})
    );
    assert!(read::<file>("users://7/files/a").await.is_ok());
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    assert_eq!(
        read::<file>("users://0/files/a").await,
        Err(ResourceError::NotFound)
    );
    assert_eq!(
        read::<file>("users://x/files/a").await,
        Err(ResourceError::NotFound)
    );
    assert_eq!(read::<gone>("gone://x").await, Err(ResourceError::NotFound));
}

#[tokio::test]
async fn bytes_become_a_blob() {
    let result = read::<blob>("blob://x").await.unwrap();
    assert_eq!(
        result.contents,
        vec![ResourceContents::blob("blob://x", "AQID")]
    );
}

//! Tools and a prompt that ask in the middle: written once, for clients of both eras.

#![allow(deprecated, reason = "what is deprecated has to work")]

use std::convert::Infallible;

use serde_json::json;
use toolwright::ask::StepError;
use toolwright::model::legacy::{
    CreateMessageParams, CreateMessageResult, SamplingBlock, SamplingMessage,
};
use toolwright::model::{ElicitFormParams, FormSchema, Role};
use toolwright::prelude::*;

/// Asks the client's model.
#[tool]
pub(crate) async fn test_sampling(
    cx: Context,
    /// What the model is asked.
    prompt: String,
) -> Result<String, AskError> {
    let answer = cx.sample("answer", question(&prompt)).await?;
    Ok(format!("LLM response: {}", text_of(&answer)))
}

/// Asks the user anything, and repeats what came back, whatever its fields are.
#[tool]
pub(crate) async fn test_elicitation(
    cx: Context,
    /// What the user is asked.
    message: String,
) -> Result<String, AskError> {
    let schema: FormSchema = serde_json::from_value(json!({
        "type": "object",
        "properties": { "response": { "type": "string" } },
        "required": ["response"],
    }))
    .expect("the schema above is a form's");
    let params = ElicitFormParams::new(message, schema);
    Ok(match cx.elicit_form("response", params).await? {
        Elicited::Accepted(content) => {
            format!("User response: action=accept, content={}", json!(content))
        }
        Elicited::Declined => "User response: action=decline, content={}".to_owned(),
        Elicited::Dismissed => "User response: action=cancel, content={}".to_owned(),
    })
}

/// A form with a default for every kind of field.
#[form]
#[derive(Debug)]
pub(crate) struct Defaults {
    #[serde(default = "defaults::name")]
    name: String,
    #[serde(default = "defaults::age")]
    age: i64,
    #[serde(default = "defaults::score")]
    score: f64,
    #[serde(default = "defaults::status")]
    status: Status,
    #[serde(default = "defaults::verified")]
    verified: bool,
}

#[form]
#[derive(Debug)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Active,
    Inactive,
    Pending,
}

mod defaults {
    use super::Status;

    pub(super) fn name() -> String {
        "John Doe".to_owned()
    }

    pub(super) fn age() -> i64 {
        30
    }

    pub(super) fn score() -> f64 {
        95.5
    }

    pub(super) fn status() -> Status {
        Status::Active
    }

    pub(super) fn verified() -> bool {
        true
    }
}

/// Asks by a form whose fields are filled in already.
#[tool]
pub(crate) async fn test_elicitation_sep1034_defaults(cx: Context) -> Result<String, AskError> {
    let answer = cx
        .elicit::<Defaults>("defaults", "Are these right?")
        .await?;
    Ok(format!("Elicitation completed: {answer:?}"))
}

#[form]
#[derive(Debug)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Plain {
    Option1,
    Option2,
    Option3,
}

#[form]
#[derive(Debug)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Titled {
    /// The first option
    Value1,
    /// The second option
    Value2,
    /// The third option
    Value3,
}

/// Titles as 2025-06-18 wrote them.
#[form]
#[derive(Debug)]
#[serde(rename_all = "lowercase")]
#[schemars(extend("enumNames" = ["Option one", "Option two", "Option three"]))]
pub(crate) enum OldTitled {
    Opt1,
    Opt2,
    Opt3,
}

/// The five ways to select from a list.
#[form]
#[derive(Debug)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Choices {
    untitled_single: Option<Plain>,
    titled_single: Option<Titled>,
    legacy_enum: Option<OldTitled>,
    #[serde(default)]
    untitled_multi: Vec<Plain>,
    #[serde(default)]
    titled_multi: Vec<Titled>,
}

/// Asks by a form with every kind of list to select from.
#[tool]
pub(crate) async fn test_elicitation_sep1330_enums(cx: Context) -> Result<String, AskError> {
    let answer = cx
        .elicit::<Choices>("choices", "Select what you like.")
        .await?;
    Ok(format!("Elicitation completed: {answer:?}"))
}

#[form]
pub(crate) struct Name {
    /// What to call you.
    name: String,
}

#[form]
pub(crate) struct Favourite {
    /// The colour you like best.
    color: String,
}

#[form]
pub(crate) struct Confirmation {
    ok: bool,
}

/// Asks for a name.
#[tool]
pub(crate) async fn test_input_required_result_elicitation(
    cx: Context,
) -> Result<String, AskError> {
    let who: Name = cx
        .elicit("user_name", "What is your name?")
        .await?
        .accepted()?;
    Ok(format!("Hello, {}!", who.name))
}

/// Asks for a name while its caller listens.
#[tool]
pub(crate) async fn test_streaming_elicitation(cx: Context) -> Result<String, AskError> {
    test_input_required_result_elicitation(cx).await
}

/// Asks the client's model.
#[tool]
pub(crate) async fn test_input_required_result_sampling(cx: Context) -> Result<String, AskError> {
    let asked = question("What is the capital of France?");
    let answer = cx.sample("capital_question", asked).await?;
    Ok(format!("The model says: {}", text_of(&answer)))
}

/// Asks for the roots.
#[tool]
pub(crate) async fn test_input_required_result_list_roots(cx: Context) -> Result<String, AskError> {
    let roots = cx.roots("client_roots").await?;
    let uris: Vec<_> = roots.iter().map(|root| root.uri.as_str()).collect();
    Ok(format!("Roots: {}", uris.join(", ")))
}

/// Asks, and knows afterwards what a step found out before.
#[tool]
pub(crate) async fn test_input_required_result_request_state(
    cx: Context,
) -> Result<String, StepError<Infallible>> {
    let found = cx
        .step("found", async |_| Ok("state-ok".to_owned()))
        .await?;
    confirm(&cx).await?;
    Ok(found)
}

/// The same, for those who change the state on the way.
#[tool]
pub(crate) async fn test_input_required_result_tampered_state(
    cx: Context,
) -> Result<String, StepError<Infallible>> {
    test_input_required_result_request_state(cx).await
}

/// Asks the user, the model and for the roots, all at once.
#[tool]
pub(crate) async fn test_input_required_result_multiple_inputs(
    cx: Context,
) -> Result<String, AskError> {
    let (who, greeting, roots) = tokio::join!(
        cx.elicit::<Name>("user_name", "What is your name?"),
        cx.sample("greeting", question("Write a short greeting.")),
        cx.roots("client_roots"),
    );
    let (who, greeting) = (who?.accepted()?, greeting?);
    let roots = roots?.len();
    Ok(format!(
        "{}, {}! {roots} roots",
        text_of(&greeting),
        who.name
    ))
}

/// Asks twice, one after the other.
#[tool]
pub(crate) async fn test_input_required_result_multi_round(
    cx: Context,
) -> Result<String, AskError> {
    let who: Name = cx.elicit("step1", "What is your name?").await?.accepted()?;
    let favourite: Favourite = cx
        .elicit("step2", "What is your favourite colour?")
        .await?
        .accepted()?;
    Ok(format!("{} likes {}.", who.name, favourite.color))
}

/// Asks whoever can be asked.
#[tool]
pub(crate) async fn test_input_required_result_capabilities(
    cx: Context,
) -> Result<String, AskError> {
    if cx.can_elicit() {
        return test_input_required_result_elicitation(cx).await;
    }
    test_input_required_result_sampling(cx).await
}

#[form]
pub(crate) struct UserContext {
    /// What the prompt is for.
    context: String,
}

/// Asks what it is for.
#[prompt]
pub(crate) async fn test_input_required_result_prompt(cx: Context) -> Result<String, AskError> {
    let asked = cx.elicit("user_context", "What is this for?").await?;
    let UserContext { context } = asked.accepted()?;
    Ok(format!("Keep in mind: {context}"))
}

async fn confirm(cx: &Context) -> Result<Confirmation, AskError> {
    cx.elicit("confirm", "Go on?").await?.accepted()
}

fn question(text: &str) -> CreateMessageParams {
    CreateMessageParams::new(vec![SamplingMessage::text(Role::User, text)], 100)
}

/// The texts of the model's answer.
fn text_of(answer: &CreateMessageResult) -> String {
    let texts = answer
        .content
        .blocks()
        .iter()
        .filter_map(|block| match block {
            SamplingBlock::Text(text) => Some(text.text.as_str()),
            _ => None,
        });
    texts.collect()
}

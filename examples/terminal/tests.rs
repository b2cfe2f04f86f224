//! The terminal over pipes, asked by a server in the same process, in both eras.

#![allow(deprecated, reason = "what is deprecated has to work")]

use std::io::{BufReader, Read as _, Write as _, pipe};

use serde_json::json;
use toolwright::Revision;
use toolwright::client::{CallError, Client, ClientConfig};
use toolwright::model::legacy::CreateMessageParams;
use toolwright::model::legacy::{SamplingBlock, SamplingContent, SamplingMessage};
use toolwright::model::{JsonObject, Role};
use toolwright::prelude::*;

use crate::capabilities;
use crate::terminal::Terminal;

#[form]
struct Guest {
    /// As in the passport.
    name: String,
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 9))]
    nights: u32,
    breakfast: Option<bool>,
}

fn one() -> u32 {
    1
}

#[tool]
async fn book(cx: Context) -> Result<String, ToolError> {
    let guest = cx
        .elicit::<Guest>("guest", "Who is\u{1b}[2J travelling?")
        .await?;
    Ok(match guest.accepted() {
        Ok(guest) => format!("{}, {}, {:?}", guest.name, guest.nights, guest.breakfast),
        Err(error) => error.to_string(),
    })
}

#[tool]
async fn pay(cx: Context, url: String) -> Result<String, ToolError> {
    let answer = cx.elicit_url("pay", "Pay the room.", &url).await?;
    Ok(format!("{answer:?}"))
}

#[tool]
async fn describe(cx: Context) -> Result<String, ToolError> {
    let question = SamplingMessage {
        role: Role::User,
        content: SamplingContent::One(SamplingBlock::text("What is a fjord?")),
        meta: None,
        extra: JsonObject::new(),
    };
    let answer = cx
        .sample("what", CreateMessageParams::new(vec![question], 10))
        .await?;
    match answer.content.blocks() {
        [SamplingBlock::Text(text)] => Ok(text.text.clone()),
        other => Ok(format!("{other:?}")),
    }
}

/// What the tool says, and what stood on the screen, when these lines are typed.
async fn typing(lines: &str, tool: &str, arguments: serde_json::Value) -> (String, String) {
    let mut said = Vec::new();
    for revision in [Revision::V2025_11_25, Revision::V2026_07_28] {
        let server = Server::new("travel", "1.0.0").tool::<(book, pay, describe)>();
        let (input, mut keyboard) = pipe().unwrap();
        let (mut screen, output) = pipe().unwrap();
        keyboard.write_all(lines.as_bytes()).unwrap();
        drop(keyboard);
        let terminal = Terminal::new("Travel", BufReader::new(input), output);
        let config = ClientConfig::new("test", "1.0.0")
            .capabilities(capabilities())
            .pin(revision);
        let client = Client::builder(config).answers(terminal);
        let client = client.connect(&server.build().unwrap()).await.unwrap();
        let result = client.call(tool, &arguments).await;
        let text = match result {
            Ok(result) => result.content[0].as_text().unwrap().to_owned(),
            // A refused question of the modern era ends the call; before, the tool hears of it.
            Err(CallError::Unanswered { key, error }) => {
                format!("`{key}` was not answered: {error}")
            }
            Err(error) => panic!("{error}"),
        };
        drop(client);
        let mut shown = String::new();
        // The terminal goes with the last clone of the client and its connection's task.
        let read = tokio::task::spawn_blocking(move || {
            screen.read_to_string(&mut shown).unwrap();
            shown
        });
        said.push((text, read.await.unwrap()));
    }
    let modern = said.pop().unwrap();
    assert_eq!(said.pop().unwrap(), modern, "both eras look the same");
    modern
}

#[tokio::test]
async fn a_form_is_asked_for_field_by_field_and_sent_when_the_person_agrees() {
    let (text, shown) = typing("Ada\n3\nyes\ny\n", "book", json!({})).await;
    assert_eq!(text, "Ada, 3, Some(true)");
    assert!(
        shown.contains("name (As in the passport.) (required): "),
        "{shown}"
    );
    assert!(shown.contains("nights [1]: "), "{shown}");
    assert!(shown.contains("  name: Ada\n  nights: 3\n"), "{shown}");
}

#[tokio::test]
async fn an_empty_line_takes_the_default_or_leaves_the_field_out() {
    let (text, _) = typing("Ada\n\n\ny\n", "book", json!({})).await;
    assert_eq!(text, "Ada, 1, None");
}

#[tokio::test]
async fn what_does_not_fit_is_asked_for_again() {
    let (text, shown) = typing("\nAda\nmany\n10\n2\nperhaps\nn\ny\n", "book", json!({})).await;
    assert_eq!(text, "Ada, 2, Some(false)");
    for why in [
        "`name` must be filled in.",
        "`nights` must be a whole number.",
        "`nights` must be 9 or less.",
        "`breakfast` must be `true` or `false`.",
    ] {
        assert!(shown.contains(why), "{shown}");
    }
}

#[tokio::test]
async fn nothing_is_sent_without_a_yes() {
    for (lines, outcome) in [
        ("Ada\n\n\n\n", "declined"),
        ("/no\n", "declined"),
        ("Ada\n", "dismissed"),
    ] {
        let (text, _) = typing(lines, "book", json!({})).await;
        assert!(text.contains(outcome), "{lines:?}: {text}");
    }
}

#[tokio::test]
async fn a_server_cannot_paint_on_the_screen() {
    let (_, shown) = typing("/no\n", "book", json!({})).await;
    assert!(
        shown.starts_with("Travel asks: Who is\u{fffd}[2J travelling?\n"),
        "{shown}"
    );
    assert!(!shown.contains('\u{1b}'), "{shown}");
}

#[tokio::test]
async fn an_address_is_shown_in_full_with_its_host_and_agreed_to() {
    let url = "https://pay.example/room?id=7";
    for (lines, outcome) in [
        ("y\n", "Accept"),
        ("\n", "Decline"),
        ("n\n", "Decline"),
        ("", "Dismissed"),
    ] {
        let (text, shown) = typing(lines, "pay", json!({ "url": url })).await;
        assert!(text.contains(outcome), "{lines:?}: {text}");
        assert!(
            shown.contains("Travel asks you to visit pay.example:\n"),
            "{shown}"
        );
        assert!(
            shown.contains("  https://pay.example/room?id=7\n"),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn fault_90_an_address_that_cannot_be_judged_is_refused_unseen() {
    for url in [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://a.example/$(id)",
    ] {
        let (text, shown) = typing("y\n", "pay", json!({ "url": url })).await;
        assert!(text.contains("Decline"), "{text}");
        assert!(!shown.contains(url), "{shown}");
    }
}

#[tokio::test]
async fn a_model_s_answer_is_typed_or_refused() {
    let (text, shown) = typing("Water.\n", "describe", json!({})).await;
    assert_eq!(text, "Water.");
    assert!(shown.contains("What is a fjord?"), "{shown}");
    let (text, _) = typing("\n", "describe", json!({})).await;
    assert!(text.contains("refused"), "{text}");
}

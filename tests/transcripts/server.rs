//! The server of the transcripts.

#![allow(deprecated, reason = "what is deprecated has to work")]

use toolwright::prelude::*;

/// A server that answers the same for ever.
pub(crate) fn golden() -> ServerHandle {
    Server::new("golden", "1.0.0")
        .title("Golden Server")
        .description("Answers the same for ever.")
        .instructions("Greet first.")
        .tool::<(greet, weather, count, fail, wait, touch)>()
        .resource::<(today, other)>()
        .prompt::<review>()
        .build()
        .unwrap()
}

/// Greets somebody.
#[tool(title = "Greet", read_only)]
fn greet(
    /// Who is greeted.
    name: &str,
) -> String {
    format!("Hello, {name}!")
}

#[data]
struct Weather {
    degrees: i32,
    sky: String,
}

/// Tells the weather.
#[tool]
fn weather() -> Json<Weather> {
    Json(Weather {
        degrees: 21,
        sky: "clear".to_owned(),
    })
}

/// Counts to two.
#[tool]
fn count(cx: Context) -> &'static str {
    cx.progress(1.0, Some(2.0), Some("one"));
    cx.info("half way");
    cx.progress(2.0, Some(2.0), Some("two"));
    "counted"
}

/// Fails.
#[tool]
fn fail() -> Result<String, ToolError> {
    Err(ToolError::new("out of ink"))
}

/// Waits until it is cancelled.
#[tool]
async fn wait() {
    std::future::pending::<()>().await;
}

/// Changes the note of today.
#[tool]
fn touch(cx: Context) -> &'static str {
    cx.server().resource_updated("note://today");
    "touched"
}

/// The note of today.
#[resource("note://today", title = "Today", mime = "text/plain")]
fn today() -> &'static str {
    "buy ink"
}

/// Any other note.
#[resource("note://{day}/{+rest}", mime = "text/plain")]
fn other(#[arg(complete = days)] day: &str, rest: &str) -> String {
    format!("{day}: {rest}")
}

fn days(prefix: &str) -> Vec<&'static str> {
    let days = ["monday", "tuesday", "thursday"];
    days.into_iter()
        .filter(|day| day.starts_with(prefix))
        .collect()
}

/// Asks for a review.
#[prompt(title = "Review")]
fn review(
    /// What is reviewed.
    #[arg(complete = expressions)]
    code: &str,
) -> String {
    format!("Review this: {code}")
}

fn expressions(prefix: &str) -> Vec<String> {
    vec![format!("{prefix} + 1")]
}

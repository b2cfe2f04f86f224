//! Tools that say something before they answer, or take their time.

#![allow(deprecated, reason = "what is deprecated has to work")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;
use toolwright::handler::{FromCall, Scope};
use toolwright::jsonrpc::{ErrorCode, ErrorObject};
use toolwright::prelude::*;

/// The pause between two messages, so that a client sees them one by one.
const PAUSE: Duration = Duration::from_millis(50);

/// Reports progress three times: 0, 50 and 100 of 100.
#[tool(read_only)]
pub(crate) async fn test_tool_with_progress(progress: Progress) -> &'static str {
    for done in [0.0, 50.0, 100.0] {
        progress.report(done, Some(100.0), format!("{done} of 100"));
        sleep(PAUSE).await;
    }
    "Reported progress three times."
}

/// Sends three log messages while it runs.
#[tool(read_only)]
pub(crate) async fn test_tool_with_logging(cx: Context) -> &'static str {
    cx.info("Tool execution started");
    sleep(PAUSE).await;
    cx.info("Tool processing data");
    sleep(PAUSE).await;
    cx.info("Tool execution completed");
    "Sent three log messages."
}

/// Lets the client come back for the result, where it can.
#[tool(read_only)]
pub(crate) async fn test_reconnection(cx: Context) -> &'static str {
    cx.close_stream();
    sleep(2 * PAUSE).await;
    "Worked without a connection."
}

/// Sends one log message; a client that asked for none gets none.
#[tool(read_only)]
pub(crate) fn test_logging_tool(cx: Context) -> &'static str {
    cx.info("A message of test_logging_tool");
    "Logged once."
}

/// Announces that the list of tools changed.
#[tool]
pub(crate) fn test_trigger_tool_change(cx: Context) -> &'static str {
    cx.server().tools_changed();
    "Announced a change of the tools."
}

/// Announces that the list of prompts changed.
#[tool]
pub(crate) fn test_trigger_prompt_change(cx: Context) -> &'static str {
    cx.server().prompts_changed();
    "Announced a change of the prompts."
}

/// An extractor of our own: a call gets it only from a client that lends its model.
///
/// What an extractor refuses with is the protocol's error, where a tool's own error would be a
/// result that the model reads.
pub(crate) struct LendsModel;

impl FromCall for LendsModel {
    fn from_call(scope: &Scope<'_>) -> Result<Self, ErrorObject> {
        if scope.context().client_capabilities().sampling.is_some() {
            return Ok(Self);
        }
        Err(ErrorObject::new(
            ErrorCode::MISSING_REQUIRED_CLIENT_CAPABILITY,
            "the tool needs a client that declares `sampling`",
        )
        .with_data(json!({ "requiredCapabilities": { "sampling": {} } })))
    }
}

/// Runs only for clients that declare sampling.
#[tool(read_only)]
pub(crate) fn test_missing_capability(_: LendsModel) -> &'static str {
    "The client declares sampling."
}

/// How many calls of `slow` were given up.
#[derive(Default)]
pub(crate) struct GivenUp(AtomicU64);

/// Counts a call that ends before it is done, whether it is told so or dropped on the spot.
struct Unfinished<'a>(&'a GivenUp);

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Takes a few seconds, and stops when it is cancelled.
#[tool(read_only)]
pub(crate) async fn slow(
    /// How many seconds it takes, at most 60.
    #[arg(default = 5)]
    seconds: u8,
    progress: Progress,
    cancelled: Cancelled,
    given_up: State<GivenUp>,
) -> Result<String, ToolError> {
    if seconds > 60 {
        return Err(ToolError::new("choose 60 seconds or fewer"));
    }
    let unfinished = Unfinished(&given_up);
    let total = f64::from(seconds);
    for second in 1..=seconds {
        tokio::select! {
            // Nobody reads this answer any more; a tool with work to undo would do that here.
            () = cancelled.cancelled() => return Err(ToolError::new("cancelled")),
            () = sleep(Duration::from_secs(1)) => {
                progress.report(f64::from(second), Some(total), None);
            }
        }
    }
    // It is done, so that there is nothing to count.
    std::mem::forget(unfinished);
    Ok(format!("Took {seconds} seconds."))
}

/// Tells how many calls of `slow` were given up before they were done.
#[tool(read_only)]
pub(crate) fn slow_calls_given_up(given_up: State<GivenUp>) -> String {
    given_up.0.0.load(Ordering::Relaxed).to_string()
}

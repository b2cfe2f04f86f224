//! The faults of a server on standard input and output, each met by a real process over pipes:
//! the exact answer, and a valid request on the same connection that succeeds afterwards.
#![allow(deprecated, reason = "what is deprecated has to work")]
#![cfg(all(unix, feature = "macros", feature = "stdio"))]
#![allow(clippy::unwrap_used)]

mod support;

#[path = "faults_stdio/ends.rs"]
mod ends;
#[path = "faults_stdio/framing.rs"]
mod framing;
#[path = "faults_stdio/handlers.rs"]
mod handlers;
#[path = "faults_stdio/messages.rs"]
mod messages;

use std::time::Duration;

use support::process::serve_when_started;
use toolwright::Limits;
use toolwright::prelude::*;

/// Not a test by itself: what the others start.
#[test]
fn the_server() {
    serve_when_started(|kind| {
        // On a machine under load no answer is late: only a test that is about time sets one.
        let mut limits = Limits {
            drain: Duration::from_secs(3600),
            ..Limits::default()
        };
        match kind {
            "hasty" => {
                limits.drain = Duration::from_millis(50);
                limits.call_timeout = Duration::from_millis(50);
            }
            "patient" => {
                limits.drain_unread = Duration::from_millis(50);
            }
            _ => {}
        }
        let server = support::new_server().tool::<until_told>();
        support::with_tools(server, &support::Gates::new()).limits(limits)
    });
}

/// Ends when the process is told to end, and so not before.
#[tool]
async fn until_told(cx: Context) -> &'static str {
    cx.info("waiting");
    mcp_transport::signal::terminated().await.unwrap();
    "in time"
}

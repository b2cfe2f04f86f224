//! What is left in a server's memory of sessions whose clients are gone. What one holds that idles,
//! `cargo xtask scale` says.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::guard_http;
use crate::Outcome;
use crate::http::Connection;

/// Sessions held at once; as many as a server takes by default.
const SESSIONS: u32 = 10_000;

/// How long a session may be idle where the end of all of them is awaited.
const IDLE: Duration = Duration::from_secs(3);

/// How often all sessions are opened after the first time, to see whether memory grows.
const LOTS: u32 = 2;

/// Prints how the memory in use after many sessions, none of which its client ended, relates to
/// that after as many had come and gone once.
///
/// The first lot is not compared with a server that had none: what was freed, the allocator may
/// keep for the next. No lot could be opened if the one before were still there.
pub(crate) fn churned(program: &Path) -> Outcome {
    let idle = IDLE.as_secs().to_string();
    let server = guard_http::serve(Command::new(program), &["--session-idle", &idle])?;
    let mut connection = server.connect()?;
    let mut come_and_gone = || {
        open_all(&mut connection)?;
        // The server looks for idle sessions several times in that time.
        std::thread::sleep(IDLE * 2);
        server.resident_bytes()
    };
    let baseline = come_and_gone()?;
    for _ in 1..LOTS {
        come_and_gone()?;
    }
    let churned = come_and_gone()?;
    drop(connection);
    server.stop()?;
    #[expect(clippy::cast_precision_loss, reason = "both are far below 2^52")]
    let ratio = churned as f64 / baseline as f64;
    println!("ratio http_session_churn_vs_baseline {ratio:.3}");
    Ok(())
}

/// Opens as many sessions as are counted.
fn open_all(connection: &mut Connection) -> Outcome {
    for _ in 0..SESSIONS {
        open(connection)?;
    }
    Ok(())
}

/// Opens a session as a client does, and returns its id.
pub(crate) fn open(connection: &mut Connection) -> Result<String, String> {
    let hello = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1.0.0"}}}"#;
    let answer = connection.post(&[], hello)?;
    let Some(id) = answer.header("mcp-session-id").map(str::to_owned) else {
        return Err(format!("no session but {} {}", answer.status, answer.body));
    };
    let ready = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    let answer = connection.post(&within(&id), ready)?;
    if answer.status == 202 {
        Ok(id)
    } else {
        Err(format!("ready was answered with {}", answer.status))
    }
}

/// The headers of what is said in a session.
pub(crate) fn within(id: &str) -> [(&str, &str); 2] {
    [
        ("mcp-session-id", id),
        ("mcp-protocol-version", "2025-11-25"),
    ]
}

//! The least that a server on tokio can do for a `tools/call` of `add` over stdio.
//!
//! Nothing here is a server anyone should ship: it answers one tool, has no lifecycle, no
//! limits and no error replies. It exists so that the cost of the real server can be given as
//! a ratio to what the pipe, the line split and the JSON itself cost on the same machine.

use std::fs::File;
use std::io::{self, Write as _};

use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::unix::pipe;

/// The envelope, borrowed from the line.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    method: &'a str,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
}

/// What the envelope's `params` hold for a `tools/call`.
#[derive(Deserialize)]
struct Call<'a> {
    name: &'a str,
    arguments: Addends,
}

/// The arguments of `add`.
#[derive(Deserialize)]
struct Addends {
    a: i64,
    b: i64,
}

fn main() -> io::Result<()> {
    tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?
        .block_on(serve())
}

/// Reads until end of file; every whole line that is a request is answered at once.
async fn serve() -> io::Result<()> {
    // A fresh description of each pipe, so that the non-blocking flag stays ours.
    let mut input = pipe::Receiver::from_file(File::open("/proc/self/fd/0")?)?;
    let mut output = pipe::Sender::from_file(File::options().write(true).open("/proc/self/fd/1")?)?;
    let mut unread: Vec<u8> = Vec::with_capacity(64 * 1024);
    let mut replies: Vec<u8> = Vec::with_capacity(64 * 1024);
    while input.read_buf(&mut unread).await? > 0 {
        let mut start = 0;
        while let Some(length) = memchr::memchr(b'\n', &unread[start..]) {
            answer(&unread[start..start + length], &mut replies)?;
            start += length + 1;
        }
        unread.drain(..start);
        if !replies.is_empty() {
            output.write_all(&replies).await?;
            replies.clear();
        }
    }
    Ok(())
}

/// Appends the reply to one line, or nothing if the line is a notification.
fn answer(line: &[u8], replies: &mut Vec<u8>) -> io::Result<()> {
    let envelope: Envelope<'_> = serde_json::from_slice(line)?;
    let Some(id) = envelope.id else {
        return Ok(());
    };
    write!(replies, "{{\"jsonrpc\":\"2.0\",\"id\":{}", id.get())?;
    match (envelope.method, envelope.params) {
        ("tools/call", Some(params)) => {
            let call: Call<'_> = serde_json::from_str(params.get())?;
            assert_eq!(call.name, "add", "the floor has one tool");
            writeln!(
                replies,
                ",\"result\":{{\"content\":[{{\"type\":\"text\",\"text\":\"{}\"}}],\"resultType\":\"complete\"}}}}",
                call.arguments.a + call.arguments.b
            )?;
        }
        _ => replies.extend_from_slice(b",\"result\":{}}\n"),
    }
    Ok(())
}

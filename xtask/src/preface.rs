//! `preface`: a server that was built without HTTP/2 is spoken to in it.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use crate::Outcome;
use crate::bench::{guard_http, packages};
use crate::http::Server;

/// How a connection of HTTP/2 begins, with a frame of settings that says nothing (RFC 9113 §3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
/// How long the connection may stay open.
const PATIENCE: Duration = Duration::from_secs(10);

/// Has the server end such a connection, at once and when it comes in two pieces, and serve the
/// next one.
pub(crate) fn run() -> Outcome {
    packages::build("ours", &[])?;
    let server = guard_http::serve(Command::new(packages::binary("bench-ours")), &[])?;
    let mut ended = 0;
    for at in [0, 1, 14, 16, 20, 24, PREFACE.len()] {
        let (first, rest) = PREFACE.split_at(at);
        ends(&server, first, rest).map_err(|why| format!("{at} bytes first: {why}"))?;
        let mut next = server.connect()?;
        guard_http::call(&mut next, &guard_http::HEADERS, guard_http::META, 1)?;
        ended += 1;
    }
    println!("    {ended} connections of HTTP/2 ended, the next of HTTP/1.1 was served each time");
    server.stop()
}

/// Sends these and reads to the end, which comes in time and after nothing that is HTTP/2.
fn ends(server: &Server, first: &[u8], rest: &[u8]) -> Outcome {
    let failed = |error: std::io::Error| error.to_string();
    let mut stream = TcpStream::connect(server.address()).map_err(failed)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    stream.write_all(first).map_err(failed)?;
    // It may have seen enough before the rest comes.
    let _ = stream.write_all(rest);
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => {}
        // It was closed while there was something to read.
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => return Err(format!("it stays open: {error}")),
    }
    match answer.is_empty()
        || answer.starts_with(b"HTTP/1.1 4")
        || answer.starts_with(b"HTTP/1.1 5")
    {
        true => Ok(()),
        false => Err(format!("{:?} came", String::from_utf8_lossy(&answer))),
    }
}

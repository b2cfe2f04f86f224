//! The guard around standard input and output, in a process of its own: this test binary starts
//! itself as the server.
#![cfg(all(unix, feature = "stdio"))]
// The exemption of tests does not reach the helpers of a test file.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use mcp_transport::codec::{Line, LineFramer};
use mcp_transport::stdio;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const IS_SERVER: &str = "TOOLWRIGHT_TEST_IS_STDIO_SERVER";
/// Ends what the test harness of the server printed before the protocol began.
const READY: &str = "the protocol begins";

/// Not a test by itself: what the other tests start. It echoes every line, and does what a few
/// of them ask for.
#[test]
fn the_server() {
    if std::env::var_os(IS_SERVER).is_none() {
        return;
    }
    // Half a line that waits in Rust's buffer must not end up in front of a message.
    print!("\nprinted before, ");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .unwrap();
    let code = runtime.block_on(async {
        let mut connection = stdio::take().unwrap();
        let ready = format!("\n{READY}\n");
        connection.writer.write_all(ready.as_bytes()).await.unwrap();
        tokio::select! {
            // Polled first, so that an answer shows that the signals are listened for.
            biased;
            told = mcp_transport::signal::terminated() => { told.unwrap(); 3 }
            () = echo(&mut connection) => 0,
        }
    });
    std::process::exit(code);
}

async fn echo(connection: &mut stdio::Stdio) {
    let mut framer = LineFramer::new(1024);
    loop {
        let read = connection.reader.read(framer.space()).await.unwrap();
        if read == 0 {
            break;
        }
        framer.commit(read);
        while let Some(Line::Message(line)) = framer.next() {
            act(line);
            let mut answer = line.to_vec();
            answer.push(b'\n');
            connection.writer.write_all(&answer).await.unwrap();
        }
        connection.writer.flush().await.unwrap();
    }
}

fn act(line: &[u8]) {
    match line {
        b"print" => println!("printed during"),
        b"start a child" => {
            let child = Command::new("sh")
                .args(["-c", "cat; echo printed by a child"])
                .status();
            assert!(child.unwrap().success());
        }
        b"take again" => {
            let error = stdio::take().unwrap_err();
            assert_eq!(error.kind(), std::io::ErrorKind::ResourceBusy);
            assert!(error.to_string().contains("already taken"), "{error}");
        }
        _ => {}
    }
}

fn server() -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["the_server", "--exact", "--nocapture"])
        .env(IS_SERVER, "1")
        .stderr(Stdio::piped());
    command
}

fn over_pipes() -> (Child, ChildStdin, BufReader<ChildStdout>) {
    let mut command = server();
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let to_server = child.stdin.take().unwrap();
    let mut from_server = BufReader::new(child.stdout.take().unwrap());
    skip_to_the_protocol(&mut from_server);
    (child, to_server, from_server)
}

fn skip_to_the_protocol(from_server: &mut impl BufRead) {
    while next_line(from_server) != READY {}
}

fn next_line(from_server: &mut impl BufRead) -> String {
    let mut line = String::new();
    let read = from_server.read_line(&mut line).unwrap();
    assert_ne!(read, 0, "the server has gone");
    line.trim_end().to_owned()
}

/// Ends the input, and returns what came after: the rest of standard output, and all of standard
/// error.
fn finish(mut child: Child, to_server: impl Write, mut from_server: impl Read) -> (String, String) {
    drop(to_server);
    let (mut rest, mut errors) = (String::new(), String::new());
    from_server.read_to_string(&mut rest).unwrap();
    let mut stderr = child.stderr.take().unwrap();
    stderr.read_to_string(&mut errors).unwrap();
    assert!(child.wait().unwrap().success(), "{errors}");
    (rest, errors)
}

#[test]
fn fault_14_prints_land_on_stderr_and_the_protocol_is_unharmed() {
    let (child, mut to_server, mut from_server) = over_pipes();
    to_server.write_all(b"print\nanother\n").unwrap();
    assert_eq!(next_line(&mut from_server), "print");
    assert_eq!(next_line(&mut from_server), "another");
    let (rest, errors) = finish(child, to_server, from_server);
    assert_eq!(rest, "");
    assert!(
        errors.contains("printed before, printed during\n"),
        "{errors}"
    );
}

#[test]
fn children_of_the_server_neither_read_nor_write_the_protocol() {
    let (child, mut to_server, mut from_server) = over_pipes();
    to_server.write_all(b"start a child\n").unwrap();
    to_server.write_all(b"for the server\n").unwrap();
    assert_eq!(next_line(&mut from_server), "start a child");
    assert_eq!(next_line(&mut from_server), "for the server");
    let (rest, errors) = finish(child, to_server, from_server);
    assert_eq!(rest, "");
    assert!(errors.contains("printed by a child"), "{errors}");
}

#[test]
fn taking_twice_is_an_error_that_says_so() {
    let (child, mut to_server, mut from_server) = over_pipes();
    to_server.write_all(b"take again\n").unwrap();
    assert_eq!(next_line(&mut from_server), "take again");
    finish(child, to_server, from_server);
}

#[test]
fn a_host_that_connects_sockets_is_served() {
    let (input, mut to_server) = UnixStream::pair().unwrap();
    let (from_server, output) = UnixStream::pair().unwrap();
    let mut command = server();
    command
        .stdin(OwnedFd::from(input))
        .stdout(OwnedFd::from(output));
    let child = command.spawn().unwrap();
    // It holds the server's ends: with it open, nobody would see the server go.
    drop(command);
    let mut from_server = BufReader::new(from_server);
    skip_to_the_protocol(&mut from_server);
    to_server.write_all(b"print\n").unwrap();
    assert_eq!(next_line(&mut from_server), "print");
    let (rest, errors) = finish(child, to_server, from_server);
    assert_eq!(rest, "");
    assert!(errors.contains("printed during"), "{errors}");
}

#[test]
fn a_message_before_the_start_and_the_end_of_input_behind_it_are_both_seen() {
    let mut command = server();
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut to_server = child.stdin.take().unwrap();
    to_server.write_all(b"early\n").unwrap();
    drop(to_server);
    let mut from_server = BufReader::new(child.stdout.take().unwrap());
    skip_to_the_protocol(&mut from_server);
    assert_eq!(next_line(&mut from_server), "early");
    finish(child, std::io::sink(), from_server);
}

#[test]
fn sigterm_and_sigint_are_told_even_while_a_thread_waits_for_input() {
    for signal in ["-TERM", "-INT"] {
        let (input, to_server) = UnixStream::pair().unwrap();
        let mut command = server();
        command.stdin(OwnedFd::from(input)).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut from_server = BufReader::new(child.stdout.take().unwrap());
        skip_to_the_protocol(&mut from_server);
        (&to_server).write_all(b"hello\n").unwrap();
        assert_eq!(next_line(&mut from_server), "hello");
        let sent = Command::new("kill")
            .args([signal, &child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(3), "{signal}");
    }
}

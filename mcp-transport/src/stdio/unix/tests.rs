use std::future::poll_fn;
use std::io::{ErrorKind, PipeReader, PipeWriter, Read, Write, pipe};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::task::Poll;

use rustix::fs::{OFlags, fcntl_getfl};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{ReaderKind, Stdio, WriterKind, connect};

const IS_LINUX: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// A connection over pipes, and the host's ends.
fn over_pipes() -> (Stdio, PipeWriter, PipeReader) {
    let (input, to_server) = pipe().unwrap();
    let (from_server, output) = pipe().unwrap();
    let stdio = connect(input.into(), output.into()).unwrap();
    (stdio, to_server, from_server)
}

/// A connection over a socket pair in each direction, as some hosts start their children.
fn over_sockets() -> (Stdio, UnixStream, UnixStream) {
    let (input, to_server) = UnixStream::pair().unwrap();
    let (from_server, output) = UnixStream::pair().unwrap();
    let stdio = connect(input.into(), output.into()).unwrap();
    (stdio, to_server, from_server)
}

async fn echo_once(stdio: &mut Stdio, to_server: &mut impl Write, from_server: &mut impl Read) {
    to_server.write_all(b"{}\n").unwrap();
    let mut bytes = [0; 3];
    stdio.reader.read_exact(&mut bytes).await.unwrap();
    stdio.writer.write_all(&bytes).await.unwrap();
    stdio.writer.flush().await.unwrap();
    let mut bytes = [0; 3];
    from_server.read_exact(&mut bytes).unwrap();
    assert_eq!(&bytes, b"{}\n");
}

async fn is_pending(stdio: &mut Stdio) -> bool {
    let hang_up = &mut stdio.hang_up;
    poll_fn(|cx| Poll::Ready(Pin::new(&mut *hang_up).poll(cx).is_pending())).await
}

#[tokio::test]
async fn messages_go_both_ways_over_pipes() {
    let (mut stdio, mut to_server, mut from_server) = over_pipes();
    assert_eq!(matches!(stdio.reader.0, ReaderKind::Pipe(_)), IS_LINUX);
    assert_eq!(matches!(stdio.writer.0, WriterKind::Pipe(_)), IS_LINUX);
    for _ in 0..3 {
        echo_once(&mut stdio, &mut to_server, &mut from_server).await;
    }
}

#[tokio::test]
async fn messages_go_both_ways_over_sockets() {
    let (mut stdio, mut to_server, mut from_server) = over_sockets();
    assert!(matches!(stdio.reader.0, ReaderKind::Blocking(_)));
    assert!(matches!(stdio.writer.0, WriterKind::Blocking(_)));
    for _ in 0..3 {
        echo_once(&mut stdio, &mut to_server, &mut from_server).await;
    }
}

#[tokio::test]
async fn nobody_who_shares_a_description_finds_it_non_blocking() {
    let shared = |descriptor: &OwnedFd| descriptor.try_clone().unwrap();
    let is_blocking =
        |descriptor: &OwnedFd| !fcntl_getfl(descriptor).unwrap().contains(OFlags::NONBLOCK);

    let (input, _to_server) = pipe().unwrap();
    let (_from_server, output) = UnixStream::pair().unwrap();
    let (input, output) = (OwnedFd::from(input), OwnedFd::from(output));
    let (kept_input, kept_output) = (shared(&input), shared(&output));
    let mut stdio = connect(input, output).unwrap();
    stdio.writer.write_all(b"x").await.unwrap();
    assert!(is_blocking(&kept_input) && is_blocking(&kept_output));
}

#[tokio::test]
async fn fault_15_the_end_of_input_is_seen_whenever_it_came() {
    // Before the pipe was opened, with nothing in it.
    let (input, to_server) = pipe().unwrap();
    let (_from_server, output) = pipe().unwrap();
    drop(to_server);
    let mut stdio = connect(input.into(), output.into()).unwrap();
    assert_eq!(stdio.reader.read(&mut [0; 8]).await.unwrap(), 0);

    // Together with the last bytes.
    let (mut stdio, mut to_server, _from_server) = over_pipes();
    to_server.write_all(b"{}").unwrap();
    drop(to_server);
    let mut all = Vec::new();
    stdio.reader.read_to_end(&mut all).await.unwrap();
    assert_eq!(all, b"{}");

    // While waiting for it.
    let (mut stdio, to_server, _from_server) = over_sockets();
    let mut space = [0; 8];
    let (read, ()) = tokio::join!(stdio.reader.read(&mut space), async { drop(to_server) });
    assert_eq!(read.unwrap(), 0);
}

#[tokio::test]
async fn a_socket_that_the_host_reset_reads_as_ended() {
    let (input, to_server) = UnixStream::pair().unwrap();
    let (_from_server, output) = UnixStream::pair().unwrap();
    // What the host never read is what makes its close a reset.
    (&input).write_all(b"unread").unwrap();
    let mut stdio = connect(input.into(), output.into()).unwrap();
    drop(to_server);
    assert_eq!(stdio.reader.read(&mut [0; 8]).await.unwrap(), 0);
}

#[tokio::test]
async fn fault_17_a_full_pipe_makes_the_writer_wait_and_nothing_is_lost() {
    let (stdio, _to_server, mut from_server) = over_pipes();
    let mut writer = stdio.writer;
    drop(stdio.hang_up);
    let sent: Vec<u8> = (0..1_000_000_u32).map(|n| (n % 251) as u8).collect();
    let reading = std::thread::spawn(move || {
        let mut received = Vec::new();
        from_server.read_to_end(&mut received).map(|_| received)
    });
    writer.write_all(&sent).await.unwrap();
    writer.shutdown().await.unwrap();
    drop(writer);
    assert!(reading.join().unwrap().unwrap() == sent);
}

#[tokio::test]
async fn fault_16_writing_to_nobody_is_a_broken_pipe() {
    let (mut stdio, _to_server, from_server) = over_pipes();
    drop(from_server);
    let error = write_until_it_fails(&mut stdio).await;
    assert_eq!(error, ErrorKind::BrokenPipe);

    let (mut stdio, _to_server, from_server) = over_sockets();
    // Unread bytes make the close a reset, which must look the same.
    stdio.writer.write_all(b"unread").await.unwrap();
    drop(from_server);
    let error = write_until_it_fails(&mut stdio).await;
    assert_eq!(error, ErrorKind::BrokenPipe);
}

async fn write_until_it_fails(stdio: &mut Stdio) -> ErrorKind {
    loop {
        if let Err(error) = stdio.writer.write_all(b"x").await {
            return error.kind();
        }
    }
}

#[tokio::test]
async fn a_pipe_nobody_reads_from_the_start_still_opens() {
    let (input, _to_server) = pipe().unwrap();
    let (from_server, output) = pipe().unwrap();
    drop(from_server);
    let mut stdio = connect(input.into(), output.into()).unwrap();
    let error = write_until_it_fails(&mut stdio).await;
    assert_eq!(error, ErrorKind::BrokenPipe);
}

#[cfg(any(target_os = "linux", target_os = "android"))]
#[tokio::test]
async fn fault_15_a_hang_up_is_told_without_a_write() {
    let (mut stdio, mut to_server, mut from_server) = over_pipes();
    assert!(is_pending(&mut stdio).await);
    echo_once(&mut stdio, &mut to_server, &mut from_server).await;
    assert!(is_pending(&mut stdio).await);
    drop(from_server);
    (&mut stdio.hang_up).await;
    (&mut stdio.hang_up).await;
}

#[tokio::test]
async fn files_are_read_and_written_on_threads() {
    let program = std::fs::File::open(std::env::current_exe().unwrap()).unwrap();
    let null = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/null")
        .unwrap();
    let mut stdio = connect(program.into(), null.into()).unwrap();
    assert!(matches!(stdio.reader.0, ReaderKind::Blocking(_)));
    assert!(matches!(stdio.writer.0, WriterKind::Blocking(_)));
    let mut start = [0; 70_000];
    stdio.reader.read_exact(&mut start).await.unwrap();
    let expected = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    assert!(expected.starts_with(&start));
    stdio.writer.write_all(&start).await.unwrap();
    stdio.writer.flush().await.unwrap();
}

#[tokio::test]
async fn a_thread_waits_on_a_description_that_others_made_non_blocking() {
    let (input, mut to_server) = pipe().unwrap();
    let flags = fcntl_getfl(&input).unwrap() | OFlags::NONBLOCK;
    rustix::fs::fcntl_setfl(&input, flags).unwrap();
    let mut patient = super::Patient(input.as_fd().try_clone_to_owned().unwrap());
    let reading = std::thread::spawn(move || {
        let mut bytes = [0; 8];
        patient.read(&mut bytes)
    });
    to_server.write_all(b"{}").unwrap();
    assert_eq!(reading.join().unwrap().unwrap(), 2);
}

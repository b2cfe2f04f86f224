//! Reading and writing on threads, for what cannot say when it is ready: files, terminals, and
//! platforms without the better ways.
//!
//! The threads are plain ones: a runtime waits at its shutdown for its own blocking threads, and
//! one that sits in a read of a terminal would never let the process go.

use std::io::{self, Read, Write};
use std::sync::mpsc as jobs;
use std::task::{Context, Poll, ready};
use std::thread;

use tokio::io::ReadBuf;
use tokio::sync::mpsc;

/// The most that one read or write of a thread moves.
const CHUNK: usize = 64 * 1024;

/// A thread that does one blocking operation at a time. The two sides pass one buffer back and
/// forth, so that an operation allocates nothing. When the worker is dropped, its thread ends
/// with the operation under way.
#[derive(Debug)]
struct Worker {
    jobs: jobs::Sender<Vec<u8>>,
    done: mpsc::Receiver<(Vec<u8>, io::Result<()>)>,
}

impl Worker {
    fn spawn(
        name: &str,
        mut operation: impl FnMut(&mut Vec<u8>) -> io::Result<()> + Send + 'static,
    ) -> io::Result<Self> {
        let (jobs, todo) = jobs::channel::<Vec<u8>>();
        let (report, done) = mpsc::channel(1);
        thread::Builder::new().name(name.into()).spawn(move || {
            while let Ok(mut buffer) = todo.recv() {
                let result = operation(&mut buffer);
                if report.blocking_send((buffer, result)).is_err() {
                    break;
                }
            }
        })?;
        Ok(Self { jobs, done })
    }

    fn start(&self, buffer: Vec<u8>) -> io::Result<()> {
        self.jobs.send(buffer).map_err(|_| thread_ended())
    }

    fn poll_done(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(Vec<u8>, io::Result<()>)>> {
        self.done
            .poll_recv(cx)
            .map(|done| done.ok_or_else(thread_ended))
    }
}

/// Only a panic of the reader or writer ends a thread early.
fn thread_ended() -> io::Error {
    io::Error::other("the thread that reads or writes for this connection has panicked")
}

/// Reads only when asked to: what nobody waits for stays where it is.
#[derive(Debug)]
pub(super) struct BlockingReader {
    worker: Worker,
    /// What was read; away while the thread reads.
    buffer: Option<Vec<u8>>,
    /// How much of it was handed out.
    taken: usize,
}

impl BlockingReader {
    pub(super) fn spawn(mut source: impl Read + Send + 'static) -> io::Result<Self> {
        let worker = Worker::spawn("mcp-stdin", move |buffer| {
            buffer.resize(CHUNK, 0);
            let read = read_some(&mut source, buffer);
            buffer.truncate(*read.as_ref().unwrap_or(&0));
            read.map(drop)
        })?;
        Ok(Self {
            worker,
            buffer: Some(Vec::with_capacity(CHUNK)),
            taken: 0,
        })
    }

    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let left = |buffer: &Vec<u8>, taken| buffer.len() > taken;
        if let Some(buffer) = self.buffer.take_if(|buffer| !left(buffer, self.taken)) {
            self.worker.start(buffer)?;
        }
        if self.buffer.is_none() {
            let (buffer, result) = ready!(self.worker.poll_done(cx))?;
            self.buffer = Some(buffer);
            self.taken = 0;
            result?;
        }
        let read = self.buffer.as_deref().unwrap_or_default();
        let fresh = read.get(self.taken..).unwrap_or_default();
        let fits = fresh.len().min(buf.remaining());
        buf.put_slice(fresh.get(..fits).unwrap_or_default());
        self.taken += fits;
        Poll::Ready(Ok(()))
    }
}

fn read_some(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// Accepts a chunk while the one before has been written; its failure comes with the next call.
#[derive(Debug)]
pub(super) struct BlockingWriter {
    worker: Worker,
    /// Away while the thread writes.
    buffer: Option<Vec<u8>>,
}

impl BlockingWriter {
    pub(super) fn spawn(mut sink: impl Write + Send + 'static) -> io::Result<Self> {
        let worker = Worker::spawn("mcp-stdout", move |buffer| {
            sink.write_all(buffer)?;
            sink.flush()
        })?;
        Ok(Self {
            worker,
            buffer: Some(Vec::with_capacity(CHUNK)),
        })
    }

    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_flush(cx))?;
        let mut buffer = self.buffer.take().unwrap_or_default();
        let chunk = bytes.get(..CHUNK).unwrap_or(bytes);
        buffer.clear();
        buffer.extend_from_slice(chunk);
        self.worker.start(buffer)?;
        Poll::Ready(Ok(chunk.len()))
    }

    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.buffer.is_none() {
            let (buffer, result) = ready!(self.worker.poll_done(cx))?;
            self.buffer = Some(buffer);
            result?;
        }
        Poll::Ready(Ok(()))
    }
}

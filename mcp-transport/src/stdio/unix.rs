//! Descriptors 0 and 1: moving them out of reach, and finding the best way to use them.

use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;

use rustix::event::{PollFd, PollFlags};
use rustix::fs::{Mode, OFlags};
use rustix::io::{Errno, fcntl_dupfd_cloexec};
use rustix::stdio::{dup2_stdin, dup2_stdout, stderr, stdin, stdout};
use tokio::io::Interest;
use tokio::net::unix::pipe;

use super::blocking::{BlockingReader, BlockingWriter};
use super::{HangUp, ReaderKind, Stdio, StdioReader, StdioWriter, WriterKind};

/// The lowest descriptor that is not a standard one.
const FIRST_FREE: i32 = 3;

/// Diverts last, so that a failure leaves descriptors 0 and 1 as they were.
pub(super) fn open() -> io::Result<Stdio> {
    let input = fcntl_dupfd_cloexec(stdin(), FIRST_FREE)?;
    let output = fcntl_dupfd_cloexec(stdout(), FIRST_FREE)?;
    let stdio = connect(input, output)?;
    divert()?;
    Ok(stdio)
}

/// Makes descriptor 0 the null device and descriptor 1 standard error, for this process and the
/// children it starts from now on.
fn divert() -> io::Result<()> {
    let null = rustix::fs::open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())?;
    // Held over the switch: what other threads print goes to one place or the other, in one piece.
    let mut prints = io::stdout().lock();
    dup2_stdin(&null)?;
    dup2_stdout(stderr()).or_else(|_| dup2_stdout(&null))?;
    // Half a line printed earlier must not follow a message. Nobody misses it if stderr is gone.
    let _ = prints.flush();
    Ok(())
}

fn connect(input: OwnedFd, output: OwnedFd) -> io::Result<Stdio> {
    let reader = match own_path(&input).map(|path| pipe::OpenOptions::new().open_receiver(path)) {
        Some(Ok(pipe)) => ReaderKind::Pipe(pipe),
        _ => ReaderKind::Blocking(BlockingReader::spawn(Patient(input))?),
    };
    let (writer, hang_up) = match own_path(&output).map(|path| open_sender_and_watch(&path)) {
        Some(Ok((pipe, hang_up))) => (WriterKind::Pipe(pipe), hang_up),
        _ => {
            let writer = BlockingWriter::spawn(Patient(output))?;
            (WriterKind::Blocking(writer), HangUp::never())
        }
    };
    Ok(Stdio {
        reader: StdioReader(reader),
        writer: StdioWriter(writer),
        hang_up,
    })
}

/// A path that opens a description of the pipe which this process alone holds, and which may be
/// non-blocking. The one it was started with is shared: with the shell, with siblings, with
/// whoever uses it after us.
///
/// `None` for everything but an anonymous pipe. A named pipe without a writer, for one, never
/// reports its end to a fresh description.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn own_path(descriptor: &OwnedFd) -> Option<String> {
    use std::os::fd::AsRawFd;

    /// What `statfs` calls the file system of anonymous pipes.
    const PIPEFS_MAGIC: rustix::fs::FsWord = 0x5049_5045;

    let file_system = rustix::fs::fstatfs(descriptor).ok()?.f_type;
    (file_system == PIPEFS_MAGIC).then(|| format!("/proc/self/fd/{}", descriptor.as_raw_fd()))
}

/// Elsewhere a path to a descriptor opens the same description again.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn own_path(_: &OwnedFd) -> Option<String> {
    None
}

/// Fails where `/proc` is missing, or when the pipe belongs to another user.
fn open_sender_and_watch(path: &str) -> io::Result<(pipe::Sender, HangUp)> {
    let sender = pipe::OpenOptions::new().open_sender(path)?;
    // A description of its own, so that it can be awaited while the sender is written to.
    let watched = pipe::OpenOptions::new().open_sender(path)?;
    let hang_up = HangUp::new(async move {
        // A pipe whose last reader closed is in error. Should waiting fail, writing will, too.
        let _ = watched.ready(Interest::ERROR).await;
    });
    Ok((sender, hang_up))
}

/// A descriptor whose calls block even if somebody who shares its description made it
/// non-blocking, as happens to terminals; and whose peer ends like that of a pipe, where a socket
/// tells whether its last messages were read.
struct Patient(OwnedFd);

impl Patient {
    fn wait(
        &self,
        readiness: PollFlags,
        mut call: impl FnMut(&OwnedFd) -> Result<usize, Errno>,
    ) -> Result<usize, Errno> {
        loop {
            match call(&self.0) {
                Err(Errno::AGAIN) => {
                    rustix::event::poll(&mut [PollFd::new(&self.0, readiness)], None)?;
                }
                result => return result,
            }
        }
    }
}

impl Read for Patient {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = |descriptor: &OwnedFd| rustix::io::read(descriptor, &mut *into);
        match self.wait(PollFlags::IN, read) {
            Err(Errno::CONNRESET) => Ok(0),
            result => Ok(result?),
        }
    }
}

impl Write for Patient {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let write = |descriptor: &OwnedFd| rustix::io::write(descriptor, bytes);
        match self.wait(PollFlags::OUT, write) {
            Err(Errno::CONNRESET) => Err(Errno::PIPE.into()),
            result => Ok(result?),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;

//! One message a line, on two pipes that do not block.

use std::fs::File;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::unix::pipe;

use crate::Failure;
use crate::message::{self, Answer, Envelope, Era};
use crate::options::Options;
use crate::tools::Listing;

/// What a connection knows.
struct Connection {
    era: Era,
    listing: Listing,
    /// The output once more, for answers that take their time.
    late: Arc<pipe::Sender>,
}

/// Reads until end of file; every whole line that is a request is answered.
pub async fn serve(options: &Options) -> Result<(), Failure> {
    // A fresh description of each pipe, so that the non-blocking flag stays ours.
    let mut input = pipe::Receiver::from_file(File::open("/proc/self/fd/0")?)?;
    let mut output = output()?;
    let mut connection = Connection {
        era: Era::Modern,
        listing: Listing::new(options),
        late: Arc::new(self::output()?),
    };
    let mut unread: Vec<u8> = Vec::with_capacity(64 * 1024);
    // Up to here there is no end of a line.
    let mut searched = 0;
    let mut replies: Vec<u8> = Vec::with_capacity(64 * 1024);
    loop {
        unread.reserve(16 * 1024);
        if input.read_buf(&mut unread).await? == 0 {
            return Ok(());
        }
        let mut start = 0;
        while let Some(length) = memchr::memchr(b'\n', &unread[searched..]) {
            let end = searched + length;
            connection.take(&unread[start..end], &mut replies)?;
            start = end + 1;
            searched = start;
        }
        unread.drain(..start);
        searched = unread.len();
        if !replies.is_empty() {
            output.write_all(&replies).await?;
            replies.clear();
        }
    }
}

/// A description of standard output of our own.
fn output() -> std::io::Result<pipe::Sender> {
    pipe::Sender::from_file(File::options().write(true).open("/proc/self/fd/1")?)
}

impl Connection {
    /// Appends the reply to one line, or nothing if the line is a notification.
    fn take(&mut self, line: &[u8], replies: &mut Vec<u8>) -> Result<(), Failure> {
        let envelope: Envelope<'_> = serde_json::from_slice(line)?;
        let Some(id) = envelope.id else {
            return Ok(());
        };
        if envelope.method == "initialize" {
            self.era = Era::Legacy;
        }
        match message::answer(&envelope, id, self.era, &self.listing, replies)? {
            Answer::Written => {}
            Answer::Progress(count, token) => {
                if let Some(token) = token {
                    for done in 1..=count {
                        message::progress(replies, &token, done, count);
                        replies.push(b'\n');
                    }
                }
                message::done(replies, id.get(), self.era);
            }
            Answer::Hold(ms) => {
                self.answer_late(id.get().to_owned(), ms);
                return Ok(());
            }
            Answer::Listen => message::acknowledged(replies, id.get()),
        }
        replies.push(b'\n');
        Ok(())
    }

    /// Such an answer is short enough for the system to write it in one piece.
    fn answer_late(&self, id: String, ms: u64) {
        let (late, era) = (Arc::clone(&self.late), self.era);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            let mut reply = Vec::with_capacity(128);
            message::done(&mut reply, &id, era);
            reply.push(b'\n');
            while late.writable().await.is_ok() {
                match late.try_write(&reply) {
                    Err(full) if full.kind() == ErrorKind::WouldBlock => {}
                    // Either it is written, or nobody reads any more.
                    _ => return,
                }
            }
        });
    }
}

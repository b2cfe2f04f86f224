//! A child's standard error: read without end, so that the child never blocks on it (fault 23).

use std::collections::VecDeque;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::AsyncReadExt as _;
use tokio::process::ChildStderr;

use crate::codec::{Line, LineFramer};

/// The longest line that is logged, in bytes; a longer one is left out.
const LONGEST: usize = 8 * 1024;

/// Where a child's standard error goes (STDIO-A-02). None of it means an error.
#[derive(Debug, Clone, Default)]
pub enum Stderr {
    /// Line by line to the log, at the level `info`, with the program's name.
    #[default]
    Log,
    /// Into memory.
    Capture(Captured),
    /// To this process's own standard error.
    Inherit,
    /// Nowhere.
    Discard,
}

impl Stderr {
    pub(super) fn stdio(&self) -> Stdio {
        match self {
            Self::Log | Self::Capture(_) => Stdio::piped(),
            Self::Inherit => Stdio::inherit(),
            Self::Discard => Stdio::null(),
        }
    }
}

/// The last bytes of what a child wrote to its standard error. Clones share them.
#[derive(Debug, Clone)]
pub struct Captured {
    bytes: Arc<Mutex<VecDeque<u8>>>,
    most: usize,
}

impl Captured {
    /// Keeps the last `most` bytes.
    pub fn last(most: usize) -> Self {
        Self {
            bytes: Arc::default(),
            most,
        }
    }

    /// What is kept, as text.
    pub fn text(&self) -> String {
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: Vec<u8> = bytes.iter().copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn push(&self, read: &[u8]) {
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.extend(read);
        let over = bytes.len().saturating_sub(self.most);
        bytes.drain(..over);
    }
}

/// Reads `pipe` to its end.
pub(super) async fn forward(mut pipe: ChildStderr, to: Stderr, program: String) {
    let mut framer = LineFramer::new(LONGEST);
    loop {
        let Ok(count) = pipe.read(framer.space()).await else {
            return;
        };
        if count == 0 {
            break;
        }
        if let Stderr::Capture(captured) = &to {
            let read = framer.space().get(..count).unwrap_or_default();
            captured.push(read);
            continue;
        }
        framer.commit(count);
        while let Some(line) = framer.next() {
            log(&program, line);
        }
    }
    if let Some(line) = framer.finish() {
        log(&program, line);
    }
}

fn log(program: &str, line: Line<'_>) {
    match line {
        Line::Message(bytes) => {
            let text = String::from_utf8_lossy(bytes);
            tracing::info!(target: "toolwright::stderr", program, "{text}");
        }
        Line::TooLong => tracing::info!(target: "toolwright::stderr", program, "(a long line)"),
    }
}

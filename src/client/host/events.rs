//! What a host can show a person of its connections.

use std::time::Duration;

use mcp_core::engine::CallError;
use tokio::sync::broadcast::{self, error::RecvError};

use super::Fingerprint;
use crate::client::ServerEvent;

/// Something that happened to one of a host's servers.
#[derive(Debug, Clone, PartialEq)]
pub struct HostEvent {
    /// The server's name.
    pub server: String,
    /// What happened.
    pub kind: HostEventKind,
}

/// What happened to a server.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum HostEventKind {
    /// It is being connected to.
    Connecting,
    /// It can be used.
    Connected,
    /// There was no connection, and why.
    ConnectFailed(String),
    /// The connection ended.
    Disconnected(CallError),
    /// It is tried again after a while.
    Retrying {
        /// The how many-th time in a row, from 1.
        attempt: u32,
        /// How long after this event.
        delay: Duration,
    },
    /// It is not tried any more.
    GivenUp,
    /// A tool is not what it was (tool poisoning). Told before the tool is called again.
    Redefined {
        /// The tool's name, without prefix.
        tool: String,
        /// What it was.
        was: Box<Fingerprint>,
        /// What it is.
        is: Box<Fingerprint>,
    },
    /// It had ended a subscription, and agreed to one like it: what changed meanwhile was not told
    /// (SUB-M-09).
    ListeningAgain,
    /// It said something unasked.
    Said(ServerEvent),
}

/// The events of a host. The queue is bounded; who is slow misses the oldest.
#[derive(Debug)]
pub struct HostEvents(pub(super) broadcast::Receiver<HostEvent>);

impl HostEvents {
    /// The next event, or `None` when the host is gone.
    pub async fn next(&mut self) -> Option<HostEvent> {
        loop {
            match self.0.recv().await {
                Ok(event) => return Some(event),
                Err(RecvError::Lagged(missed)) => {
                    tracing::debug!(missed, "events of a host were not taken in time");
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

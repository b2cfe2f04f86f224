//! What an exchange tells the connection's loop.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use mcp_core::engine::CallError;
use mcp_core::jsonrpc::{ErrorObject, RequestId};
use tokio::sync::mpsc;

/// What an exchange is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The answer to this request.
    Request(RequestId),
    /// That `notifications/initialized` is taken.
    Initialized,
    /// What the server says unasked (HTTP-L-05).
    Listening,
    /// That something is said which gets no answer.
    Aside,
}

/// Something an exchange came by.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) purpose: Purpose,
    /// Which session, counted from the first, it belongs to.
    pub(super) session: u64,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    /// The head of a good answer, and the session it names.
    Accepted(Option<HeaderValue>),
    /// A message of the server.
    Message(Bytes),
    /// Where messages go, says a server of 2024-11-05 (HTTP-L-40).
    Endpoint(String),
    /// The user, perhaps, is asked who sends the request: that takes its time.
    Paused,
    /// That was answered.
    Resumed,
    /// The exchange has had the time that others wait for its head.
    Overdue,
    /// The exchange is over.
    Ended(End),
}

/// How an exchange ended.
#[derive(Debug)]
pub(super) enum End {
    /// All of its answer came, or a stream broke.
    Over(Over),
    /// The server refused, by this status and perhaps a JSON-RPC error.
    Refused {
        status: StatusCode,
        error: Option<ErrorObject>,
        why: String,
    },
    /// There was no answer.
    Failed(CallError),
}

/// The end of an answer.
#[derive(Debug, Default)]
pub(super) struct Over {
    /// From where the stream can be resumed (HTTP-L-10).
    pub(super) resume: Option<String>,
    /// How long the server asks to wait before that (HTTP-L-11).
    pub(super) retry: Option<Duration>,
    /// How long it lasted.
    pub(super) lasted: Duration,
    /// Why a stream broke, if it did.
    pub(super) broken: Option<String>,
}

/// The way of reports to the loop. A full queue holds the exchange back, and with it the server.
#[derive(Debug, Clone)]
pub(super) struct Reporter {
    pub(super) purpose: Purpose,
    pub(super) session: u64,
    pub(super) sender: mpsc::Sender<Report>,
}

impl Reporter {
    /// Without effect when the connection is gone.
    pub(super) async fn tell(&self, what: What) {
        let report = Report {
            purpose: self.purpose.clone(),
            session: self.session,
            what,
        };
        let _ = self.sender.send(report).await;
    }

    pub(super) async fn paused(&self) {
        self.tell(What::Paused).await;
    }

    pub(super) async fn resumed(&self) {
        self.tell(What::Resumed).await;
    }
}

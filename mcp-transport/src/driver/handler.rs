//! What answers the calls of connections.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use mcp_core::engine::{Call, Outcome, Principal, Scopes, Signals};
use mcp_core::lifecycle::Params;

/// What a handler made of a call.
pub enum Dispatch {
    /// It is answered.
    Ready(Outcome),
    /// It will be: the future was polled once already and is not ready. It must not panic.
    Pending(Pin<Box<dyn Future<Output = Outcome> + Send>>),
}

/// Answers the calls of connections.
pub trait Handler: Send + Sync + 'static {
    /// Starts a call, and finishes it if it can be finished without waiting.
    fn handle(&self, call: &Call<'_>) -> Dispatch;

    /// Notes the mailbox of a new connection, or of a stream that is one by itself: it wants to
    /// hear of changes, and of the end, until it is [disconnected](Self::disconnected).
    fn connected(&self, signals: &Arc<Signals>);

    /// Forgets a mailbox: its connection is over.
    fn disconnected(&self, signals: &Arc<Signals>);

    /// Asks every connection that is noted to end: who listens says so when it is time.
    fn shutdown(&self);

    /// What a principal lacks to make this request: all the scopes that it needs (AUTH-S-04), and
    /// `None` when the principal may make it. Asked before [`handle`](Self::handle), and before
    /// the engine answers by itself, wherever a peer need not be the local one.
    fn lacking(&self, principal: &Principal, method: &str, params: &Params<'_>) -> Option<Scopes>;

    /// The arguments of a tool that headers repeat (HTTP-M-20); `None` when there are none.
    fn mirrored(&self, tool: &str) -> Option<Arc<[Mirrored]>>;
}

/// A mailbox that a handler has noted, until this is dropped.
pub(crate) struct Noted {
    handler: Arc<dyn Handler>,
    signals: Arc<Signals>,
}

impl Noted {
    /// Lets `handler` note the mailbox of a connection.
    pub(crate) fn by<H: Handler>(handler: &Arc<H>, signals: &Arc<Signals>) -> Self {
        handler.connected(signals);
        Self {
            handler: Arc::<H>::clone(handler),
            signals: Arc::clone(signals),
        }
    }
}

impl Drop for Noted {
    fn drop(&mut self) {
        self.handler.disconnected(&self.signals);
    }
}

/// An argument that travels in a header, too (HTTP-M-20).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirrored {
    /// The whole name of the header: `Mcp-Param-…`.
    pub header: Box<str>,
    /// The way to the argument: the members to go through, from the arguments on.
    pub path: Box<[Box<str>]>,
}

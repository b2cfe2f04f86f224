//! The engines: a connection's protocol without its IO.
//!
//! An engine is fed and drained; it never waits. Four kinds of calls, always in this order:
//!
//! 1. `handle_*` feeds it: [`ServerEngine::handle_message`] takes one message,
//!    [`ServerEngine::handle_timeout`] the time.
//! 2. It answers with what its caller has to do: a [`Call`] to hand to the handler. The caller
//!    gives the outcome back by [`ServerEngine::complete`], or, when that takes longer, by
//!    [`ServerEngine::begin`] now and [`ServerEngine::finish`] later.
//! 3. `poll_*` drains it: [`ServerEngine::poll_output`] for messages to send,
//!    [`ServerEngine::poll_abort`] for handlers to stop, [`ServerEngine::poll_timeout`] for when
//!    to come back. Each is called until it returns nothing.
//! 4. [`Signals`] wakes the caller when a running handler has something to send.
//!
//! The clock is a parameter. A modern HTTP exchange needs no engine: it calls the same functions
//! ([`open`], [`ResultEncoder`]) in a straight line.

mod ask;
mod change;
mod client;
mod elicitation;
mod exchange;
mod incoming;
#[cfg(all(test, shuttle))]
mod interleavings;
mod modern;
mod output;
mod principal;
mod profile;
mod reply;
mod scopes;
mod server;
mod signals;
mod subscription;
mod text_result;

pub use ask::{AskFailure, AskOutcome};
pub use change::{Change, Changes};
pub use client::{
    Answer, CallError, ClientConfig, ClientEngine, ClientEvent, Peer, RequestOptions, Wait,
};
pub use elicitation::Elicitation;
pub use exchange::{Exchange, ExchangeEvent, ExchangeId};
pub use incoming::{Incoming, IncomingRequest};
pub use modern::{Opened, open};
pub use output::{Outbound, Route};
pub use principal::Principal;
pub use profile::ServerProfile;
pub use reply::{Outcome, Reply, ResultBody, ResultEncoder};
pub use scopes::Scopes;
pub use server::{Call, ClientProfile, ParkedCall, Received, ServerEngine, Ticket};
pub use signals::{Mail, Signals};
pub use subscription::Subscription;

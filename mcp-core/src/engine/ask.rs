//! What a handler asks its client in the middle of a request: a request of the server's own, in
//! the era that has such requests (RPC-L-10).

use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use serde_json::value::RawValue;

use super::exchange::Exchange;
use crate::Era;
use crate::jsonrpc::ErrorObject;
use crate::model::{InputRequest, Lower};

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AskFailure {
    /// The client answered with an error.
    #[error(transparent)]
    Client(#[from] ErrorObject),
    /// No answer came in time (LIFE-L-09). The client was told.
    #[error("no answer within {} s (limit `ask_timeout`)", .0.as_secs_f32())]
    Timeout(Duration),
    /// The request that asks is over: answered, cancelled, or without its connection.
    #[error("the request that asks is over")]
    Ended,
    /// The client did not finish its handshake (LIFE-L-05).
    #[error("the client has not finished its handshake")]
    NotReady,
    /// An answer could not find its way back: the request is no legacy one, or its connection
    /// keeps no state.
    #[error("no answer could find its way back on this connection")]
    NoWayBack,
    /// One request asks too much at once.
    #[error("more than {0} questions of one request are open (limit `queue`)")]
    TooMany(usize),
    /// The answer was not what the protocol allows.
    #[error("the client broke the protocol: {0}")]
    Protocol(String),
}

/// The JSON of an answer, or why there is none.
pub type AskOutcome = Result<Box<RawValue>, AskFailure>;

/// What an exchange wants of its engine.
#[derive(Debug)]
pub(super) enum AskCommand {
    /// To send this.
    Ask { number: u64, request: InputRequest },
    /// To give that up.
    Withdraw(u64),
}

/// The questions of one exchange.
#[derive(Debug, Default)]
pub(super) struct ExchangeAsks {
    next: u64,
    open: BTreeMap<u64, OpenAsk>,
    commands: VecDeque<AskCommand>,
}

#[derive(Debug, Default)]
struct OpenAsk {
    waker: Option<Waker>,
    outcome: Option<AskOutcome>,
}

impl ExchangeAsks {
    fn insert(&mut self, outcome: Option<AskOutcome>) -> u64 {
        let number = self.next;
        self.next += 1;
        let waker = None;
        self.open.insert(number, OpenAsk { waker, outcome });
        number
    }

    /// Takes what the engine has to do.
    pub(super) fn take_commands(&mut self) -> VecDeque<AskCommand> {
        std::mem::take(&mut self.commands)
    }

    /// Ends every question without an answer, and returns whom to wake.
    pub(super) fn end(&mut self) -> Vec<Waker> {
        self.commands.clear();
        let open = self.open.values_mut();
        open.filter_map(|ask| {
            ask.outcome.get_or_insert(Err(AskFailure::Ended));
            ask.waker.take()
        })
        .collect()
    }
}

impl Exchange {
    /// Sends the client a request, brought down to what its revision knows, and waits for the
    /// result.
    ///
    /// Dropping the future withdraws the request, and tells the client. So does the end of the
    /// exchange. Only a legacy connection whose handshake is over can be asked.
    pub fn ask(
        self: &Arc<Self>,
        mut request: InputRequest,
    ) -> impl Future<Output = AskOutcome> + Send + use<> {
        let mut state = self.state();
        let refused = if self.revision().era() == Era::Modern {
            Some(AskFailure::NoWayBack)
        } else if state.finished {
            Some(AskFailure::Ended)
        } else if state.asks.open.len() >= self.capacity() {
            Some(AskFailure::TooMany(self.capacity()))
        } else {
            None
        };
        let accepted = refused.is_none();
        let number = state.asks.insert(refused.map(Err));
        if accepted {
            request.lower(self.revision());
            let command = AskCommand::Ask { number, request };
            state.asks.commands.push_back(command);
            self.announce(state);
        }
        AskFuture {
            exchange: Arc::clone(self),
            number,
        }
    }

    /// Ends a question.
    pub(super) fn answer_ask(&self, number: u64, outcome: AskOutcome) {
        let mut state = self.state();
        let Some(ask) = state.asks.open.get_mut(&number) else {
            return;
        };
        ask.outcome.get_or_insert(outcome);
        let waker = ask.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Takes what the engine has to do about questions.
    pub(super) fn drain_asks(&self) -> VecDeque<AskCommand> {
        self.state().asks.take_commands()
    }
}

struct AskFuture {
    exchange: Arc<Exchange>,
    number: u64,
}

impl Future for AskFuture {
    type Output = AskOutcome;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<AskOutcome> {
        let mut state = self.exchange.state();
        let Some(ask) = state.asks.open.get_mut(&self.number) else {
            return Poll::Pending;
        };
        if let Some(outcome) = ask.outcome.take() {
            state.asks.open.remove(&self.number);
            return Poll::Ready(outcome);
        }
        let replaced = ask.waker.replace(cx.waker().clone());
        // A waker may own a task that asks here too: it must not go while the lock is held.
        drop(state);
        drop(replaced);
        Poll::Pending
    }
}

impl Drop for AskFuture {
    fn drop(&mut self) {
        let mut state = self.exchange.state();
        let Some(ask) = state.asks.open.remove(&self.number) else {
            return;
        };
        let number = self.number;
        let unsent = |command: &AskCommand| matches!(command, AskCommand::Ask { number: queued, .. } if *queued == number);
        if let Some(at) = state.asks.commands.iter().position(unsent) {
            state.asks.commands.remove(at);
            drop(state);
        } else if ask.outcome.is_none() {
            state.asks.commands.push_back(AskCommand::Withdraw(number));
            self.exchange.announce(state);
        } else {
            drop(state);
        }
        drop(ask);
    }
}

//! What the tools of the simulated server do, a tick at a time.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use mcp_core::engine::{AskOutcome, Call, Exchange, Outcome, Reply, Ticket};
use mcp_core::jsonrpc::{ErrorObject, RequestId};
use mcp_core::model::legacy::LoggingLevel;
use mcp_core::model::{CallToolResult, ElicitParams, ElicitUrlParams, InputRequest};
use serde_json::{Value, json};

use crate::diary::Diary;
use crate::dice::Dice;

/// What a tool does. The caller names it in its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    /// Answers at once.
    Quick,
    /// Answers after some ticks.
    Slow,
    /// Tells how far it is at each tick.
    Progress,
    /// Asks the client, and answers when it was answered.
    Ask,
    /// Asks the client, and no longer wants to know.
    GiveUp,
    /// Fails after some ticks.
    Fail,
    /// Watches for cancellation, and then ends by itself.
    Watch,
    /// Never ends.
    Stubborn,
}

impl Script {
    pub(crate) const ALL: [(Self, &'static str); 8] = [
        (Self::Quick, "quick"),
        (Self::Slow, "slow"),
        (Self::Progress, "progress"),
        (Self::Ask, "ask"),
        (Self::GiveUp, "give up"),
        (Self::Fail, "fail"),
        (Self::Watch, "watch"),
        (Self::Stubborn, "stubborn"),
    ];
}

/// The number that tells one call from every other, and what is to be done.
pub(crate) fn order(call: &Call<'_>) -> (u64, Script) {
    let params = call.params.raw().expect("a call has parameters");
    let params: Value = serde_json::from_str(params.get()).expect("JSON");
    let nonce = params["arguments"]["nonce"].as_u64().expect("a nonce");
    let name = params["name"].as_str().expect("a name");
    let mut all = Script::ALL.into_iter();
    let found = all.find(|(_, listed)| *listed == name);
    (nonce, found.expect("a script").0)
}

pub(crate) fn answer(nonce: u64) -> Outcome {
    Ok(Reply::CallTool(CallToolResult::text(format!(
        "nonce {nonce}"
    ))))
}

pub(crate) fn failure(nonce: u64, why: &str) -> Outcome {
    Err(ErrorObject::internal(why.to_owned()).with_data(json!({ "nonce": nonce })))
}

/// Where the answer of a running handler goes.
#[derive(Debug)]
pub(crate) enum Way {
    /// To the engine of its connection.
    Engine(Ticket),
    /// To a stream that is all its own.
    Alone { post: u64, id: RequestId },
}

type Asking = Pin<Box<dyn Future<Output = AskOutcome> + Send>>;

/// A handler that runs.
pub(crate) struct Run {
    pub(crate) nonce: u64,
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) way: Way,
    /// When it is stopped if it has not ended; the engine looks after its own.
    pub(crate) deadline: Option<u64>,
    script: Script,
    ticks: u64,
    asking: Option<Asking>,
}

impl Run {
    pub(crate) fn new(call: &Call<'_>, way: Way, dice: &mut Dice) -> Self {
        let (nonce, script) = order(call);
        let exchange = Arc::clone(call.exchange());
        if script == Script::Watch {
            exchange.watch();
        }
        Self {
            nonce,
            exchange,
            way,
            deadline: None,
            script,
            ticks: dice.between(1, 8),
            asking: None,
        }
    }

    /// Goes on for a while, and returns what has come of it if it is over.
    pub(crate) fn tick(&mut self, dice: &mut Dice, diary: &mut Diary) -> Option<Outcome> {
        self.ticks = self.ticks.saturating_sub(1);
        let over = self.ticks == 0;
        match self.script {
            Script::Quick | Script::Slow => over.then(|| answer(self.nonce)),
            Script::Fail => over.then(|| failure(self.nonce, "as was wished")),
            Script::Stubborn => None,
            Script::Watch if self.exchange.is_cancelled() => {
                diary.count("handlers that ended when cancelled");
                Some(answer(self.nonce))
            }
            Script::Watch => (over && dice.one_in(3)).then(|| answer(self.nonce)),
            Script::Progress => {
                self.report(dice);
                over.then(|| answer(self.nonce))
            }
            Script::Ask | Script::GiveUp => self.ask(over, diary),
        }
    }

    /// More may be reported in one tick than the queue holds, and some of it is no progress.
    fn report(&mut self, dice: &mut Dice) {
        for _ in 0..dice.between(1, 6) {
            let message = format!("nonce {}", self.nonce);
            let far = f64::from(u32::try_from(dice.below(100)).expect("small"));
            self.exchange.progress(far, Some(100.0), Some(message));
            let data = json!({ "nonce": self.nonce });
            self.exchange.log(LoggingLevel::Info, None, data);
        }
    }

    fn ask(&mut self, over: bool, diary: &mut Diary) -> Option<Outcome> {
        let nonce = self.nonce;
        let asking = self.asking.get_or_insert_with(|| {
            diary.count("questions");
            let url = ElicitUrlParams::new(format!("nonce {nonce}"), "https://example.com");
            let request = InputRequest::Elicit(Box::new(ElicitParams::Url(url)));
            Box::pin(self.exchange.ask(request))
        });
        let polled = asking.as_mut();
        match polled.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(json)) => {
                let said: Value = serde_json::from_str(json.get()).expect("JSON");
                assert_eq!(said["content"]["nonce"], nonce, "somebody else's answer");
                diary.count("questions answered");
                Some(answer(nonce))
            }
            Poll::Ready(Err(why)) => {
                diary.count("questions without an answer");
                Some(failure(nonce, &why.to_string()))
            }
            Poll::Pending if over && self.script == Script::GiveUp => {
                self.asking = None;
                diary.count("questions withdrawn");
                Some(answer(nonce))
            }
            Poll::Pending => None,
        }
    }
}

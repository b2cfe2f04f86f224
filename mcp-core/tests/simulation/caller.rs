//! The simulated client: an engine, what it is to do, and what it may expect.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use mcp_core::Revision;
use mcp_core::engine::{
    Answer, CallError, ClientConfig, ClientEngine, ClientEvent, RequestOptions, Wait,
};
use mcp_core::jsonrpc::{ErrorCode, ErrorObject, RequestId};
use mcp_core::model::ProgressParams;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};

use crate::clock::{at, millis_of};
use crate::diary::Diary;
use crate::dice::Dice;
use crate::handlers::Script;
use crate::nonces::nonces_of;

/// A request, from its beginning to its one end.
#[derive(Debug)]
struct Asked {
    nonce: u64,
    /// How far it was at last, if it asked for progress.
    progress: Option<f64>,
    is_subscription: bool,
    acknowledged: bool,
    over: bool,
}

pub(crate) struct Caller {
    pub(crate) engine: ClientEngine,
    asked: BTreeMap<RequestId, Asked>,
    next_nonce: u64,
    /// Questions of the server, and when they are answered.
    questions: BTreeSet<(u64, RequestId)>,
    nonces: BTreeMap<RequestId, u64>,
    is_connected: bool,
    /// Whether the connection is over.
    is_over: bool,
}

impl Caller {
    pub(crate) fn new(config: ClientConfig) -> Self {
        Self {
            engine: ClientEngine::new(config),
            asked: BTreeMap::new(),
            next_nonce: 0,
            questions: BTreeSet::new(),
            nonces: BTreeMap::new(),
            is_connected: false,
            is_over: false,
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Whether requests can be sent now.
    pub(crate) fn is_connected(&self) -> bool {
        self.is_connected && self.engine.revision().is_some()
    }

    /// Calls a tool that does one of the things that tools do.
    pub(crate) fn call(&mut self, now: u64, dice: &mut Dice, diary: &mut Diary) {
        let (_, script) = dice.pick(&Script::ALL);
        let nonce = self.nonce();
        let arguments = json!({ "nonce": nonce });
        let params = json!({ "name": script, "arguments": arguments });
        let mut options = RequestOptions {
            progress: dice.one_in(2),
            ..RequestOptions::default()
        };
        if dice.one_in(4) {
            options.wait = Wait::For(Duration::from_millis(dice.between(20, 400)));
        }
        diary.count("calls");
        self.request(now, nonce, "tools/call", params, &options, diary);
    }

    /// Sends a request that the engine of the server answers itself, or one that it refuses.
    pub(crate) fn small(&mut self, now: u64, dice: &mut Dice, diary: &mut Diary) {
        let uri = json!({ "uri": "file:///a" });
        let (method, params) = dice.pick(&[
            ("ping", None),
            ("resources/subscribe", Some(())),
            ("resources/unsubscribe", Some(())),
            ("server/discover", None),
            ("nothing/known", None),
        ]);
        let params = params.map_or_else(|| json!({}), |()| uri);
        let nonce = self.nonce();
        let options = RequestOptions::default();
        diary.count("small requests");
        self.request(now, nonce, method, params, &options, diary);
    }

    pub(crate) fn listen(&mut self, now: u64, diary: &mut Diary) {
        let nonce = self.nonce();
        let wanted = json!({ "toolsListChanged": true, "resourceSubscriptions": ["file:///a"] });
        let options = RequestOptions {
            wait: Wait::Forever,
            total: Some(Duration::MAX),
            ..RequestOptions::default()
        };
        diary.count("subscriptions");
        let params = json!({ "notifications": wanted });
        self.request(now, nonce, "subscriptions/listen", params, &options, diary);
    }

    fn nonce(&mut self) -> u64 {
        self.next_nonce += 1;
        self.next_nonce
    }

    fn request(
        &mut self,
        now: u64,
        nonce: u64,
        method: &str,
        params: Value,
        options: &RequestOptions,
        diary: &mut Diary,
    ) {
        let params: Map<String, Value> = serde_json::from_value(params).expect("an object");
        let id = self.engine.request(at(now), method, params, options);
        let id = id.expect("the connection is open");
        diary.note(now, format_args!("client: {id} is {method}, nonce {nonce}"));
        let asked = Asked {
            nonce,
            progress: options.progress.then_some(f64::NEG_INFINITY),
            is_subscription: method == "subscriptions/listen",
            acknowledged: false,
            over: false,
        };
        assert!(self.asked.insert(id, asked).is_none(), "an id comes again");
    }

    /// Gives up one of the requests that wait.
    pub(crate) fn cancel(&mut self, now: u64, dice: &mut Dice, diary: &mut Diary) {
        let open: Vec<RequestId> = self.open(|_| true);
        if open.is_empty() {
            return;
        }
        let at = usize::try_from(dice.below(open.len() as u64)).expect("an index");
        self.give_up(now, &open[at].clone(), diary);
    }

    /// Ends every subscription from this side.
    pub(crate) fn end_subscriptions(&mut self, now: u64, diary: &mut Diary) {
        for id in self.open(|asked| asked.is_subscription) {
            self.give_up(now, &id, diary);
        }
    }

    fn open(&self, which: impl Fn(&Asked) -> bool) -> Vec<RequestId> {
        let open = self.asked.iter().filter(|(_, a)| !a.over && which(a));
        open.map(|(id, _)| id.clone()).collect()
    }

    fn give_up(&mut self, now: u64, id: &RequestId, diary: &mut Diary) {
        diary.note(now, format_args!("client: gives up {id}"));
        diary.count("cancellations");
        self.engine.cancel(id, None);
        self.asked.get_mut(id).expect("asked").over = true;
    }

    /// When something is due.
    pub(crate) fn poll_timeout(&self) -> Option<u64> {
        let question = self.questions.first().map(|(due, _)| *due);
        let engine = self.engine.poll_timeout().map(millis_of);
        [question, engine].into_iter().flatten().min()
    }

    /// Does what is due.
    pub(crate) fn wake(&mut self, now: u64, dice: &mut Dice) {
        self.engine.handle_timeout(at(now));
        while let Some((_, id)) = self
            .questions
            .first()
            .filter(|(due, _)| *due <= now)
            .cloned()
        {
            self.questions.pop_first();
            let outcome = match dice.one_in(4) {
                true => Err(ErrorObject::new(ErrorCode(-1), "no")),
                false => Ok(self.reply_to(&id)),
            };
            self.engine.reply(&id, outcome);
        }
    }

    fn reply_to(&self, id: &RequestId) -> Box<RawValue> {
        let content = json!({ "nonce": self.nonces[id] });
        let said = json!({ "action": "accept", "content": content });
        to_raw_value(&said).expect("JSON")
    }

    /// Takes what happened, and holds it against what may happen.
    pub(crate) fn take_events(&mut self, now: u64, dice: &mut Dice, diary: &mut Diary) {
        while let Some(event) = self.engine.poll_event() {
            match event {
                ClientEvent::Connected(peer) => {
                    diary.note(now, format_args!("client: connected, {}", peer.revision));
                    diary.count(name_of(peer.revision));
                    self.is_connected = true;
                }
                ClientEvent::Failed(error) => {
                    diary.note(now, format_args!("client: failed, {error}"));
                    diary.count("connections that failed");
                    self.close();
                }
                ClientEvent::Answered(id, answer) => self.answered(now, &id, &answer, diary),
                ClientEvent::Progress(id, progress) => self.progressed(&id, &progress, diary),
                ClientEvent::Notified(method, params) => {
                    self.notified(&method, params.as_deref(), diary);
                }
                ClientEvent::Asked { id, params, .. } => {
                    let params = params.map_or(Value::Null, |json| read(&json));
                    let nonces = nonces_of(&params);
                    assert_eq!(nonces.len(), 1, "{params}");
                    self.assert_mine(&nonces);
                    self.nonces.insert(id.clone(), nonces[0]);
                    // Some are never answered.
                    if !dice.one_in(6) {
                        self.questions.insert((now + dice.between(1, 300), id));
                    }
                }
                ClientEvent::Withdrawn(id) => {
                    assert!(self.nonces.contains_key(&id), "nobody asked {id}");
                    self.questions.retain(|(_, asked)| *asked != id);
                }
            }
        }
    }

    fn answered(&mut self, now: u64, id: &RequestId, answer: &Answer, diary: &mut Diary) {
        diary.note(now, format_args!("client: {id} ends, {answer:?}"));
        let Some(asked) = self.asked.get_mut(id) else {
            // What the engine asks for itself, such as a level of logging.
            return;
        };
        assert!(!asked.over, "{id} has a second outcome: {answer:?}");
        asked.over = true;
        let said = match answer {
            Ok(result) => {
                diary.count("answers");
                nonces_of(&read(result))
            }
            Err(CallError::Server(error)) => {
                diary.count("errors");
                error.data.as_ref().map(nonces_of).unwrap_or_default()
            }
            Err(CallError::Timeout(_) | CallError::Overdue(_)) => {
                diary.count("timeouts");
                Vec::new()
            }
            Err(CallError::Closed) => {
                diary.count("requests whose connection closed");
                Vec::new()
            }
            Err(CallError::Lost(_)) => {
                diary.count("answers lost");
                Vec::new()
            }
            Err(other) => panic!("{id}: {other}"),
        };
        let strangers = said.iter().any(|nonce| *nonce != asked.nonce);
        assert!(!strangers, "{id} got the answer of another: {answer:?}");
    }

    fn progressed(&mut self, id: &RequestId, progress: &ProgressParams, diary: &mut Diary) {
        diary.count("progress");
        let asked = self.asked.get_mut(id).expect("progress of a request");
        assert!(!asked.over, "progress of {id} after its end");
        let far = progress.progress.as_f64().expect("a number");
        let before = asked.progress.replace(far).expect("it asked for progress");
        assert!(far > before, "{far} after {before}");
        let mine = format!("nonce {}", asked.nonce);
        if let Some(message) = &progress.message {
            assert_eq!(*message, mine, "the progress of another");
        }
    }

    fn notified(&mut self, method: &str, params: Option<&RawValue>, diary: &mut Diary) {
        let params = params.map_or(Value::Null, read);
        let subscription = &params["_meta"]["io.modelcontextprotocol/subscriptionId"];
        match method {
            "notifications/message" => {
                diary.count("log messages");
                self.assert_mine(&nonces_of(&params));
            }
            "notifications/subscriptions/acknowledged" => {
                let asked = self.subscription(subscription).expect("a subscription");
                asked.acknowledged = true;
            }
            "notifications/tools/list_changed" | "notifications/resources/updated" => {
                diary.count("changes heard");
                if let Some(asked) = self.subscription(subscription) {
                    assert!(asked.acknowledged, "a change before the acknowledgement");
                }
            }
            // What came too late to be told to a request.
            "notifications/progress" | "notifications/cancelled" => {}
            other => panic!("{other} was not expected"),
        }
    }

    fn subscription(&mut self, id: &Value) -> Option<&mut Asked> {
        let id: RequestId = serde_json::from_value(id.clone()).ok()?;
        let asked = self.asked.get_mut(&id).expect("a subscription of ours");
        assert!(asked.is_subscription, "{id} is no subscription");
        Some(asked)
    }

    fn assert_mine(&self, nonces: &[u64]) {
        let known = |nonce: &u64| (1..=self.next_nonce).contains(nonce);
        assert!(nonces.iter().all(known), "{nonces:?} is of nobody");
    }

    /// The connection is gone.
    pub(crate) fn close(&mut self) {
        self.is_over = true;
        self.questions.clear();
        self.engine.handle_close();
    }

    /// That every request has ended, and nothing is left behind.
    pub(crate) fn assert_at_rest(&self) {
        let open = self.open(|_| true);
        assert!(open.is_empty(), "without an outcome: {open:?}");
        let mut pending = self.asked.keys().filter(|id| self.engine.is_pending(id));
        assert_eq!(pending.next(), None, "its engine still waits");
        assert_eq!(self.engine.poll_timeout(), None, "something is due");
    }
}

fn read(json: &RawValue) -> Value {
    serde_json::from_str(json.get()).expect("JSON")
}

/// The name of a revision, for those that are counted.
pub(crate) fn name_of(revision: Revision) -> &'static str {
    revision.as_str()
}

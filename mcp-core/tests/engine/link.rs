//! A client engine and its other end, with a clock between them.

use std::time::Instant;

use mcp_core::Revision;
use mcp_core::engine::{
    Answer, CallError, ClientConfig, ClientEngine, ClientEvent, Peer, RequestOptions,
};
use serde_json::{Value, json};

use crate::clients::sent;
use crate::harness::{START, Server};

/// The other end of the client's connection.
pub(crate) trait Other {
    fn receive(&mut self, message: &Value) -> Vec<Value>;
}

impl Other for Server {
    fn receive(&mut self, message: &Value) -> Vec<Value> {
        self.send(message)
    }
}

/// A server that says the same to every request; `ID` stands for the request's id.
pub(crate) struct Parrot(pub(crate) &'static str);

impl Other for Parrot {
    fn receive(&mut self, message: &Value) -> Vec<Value> {
        let Some(id) = message.get("id") else {
            return Vec::new();
        };
        let answer = self.0.replace("\"ID\"", &id.to_string());
        vec![serde_json::from_str(&answer).expect("JSON")]
    }
}

/// A server that ignores what it does not know, as some legacy ones do.
pub(crate) struct Deaf<T>(pub(crate) T);

impl<T: Other> Other for Deaf<T> {
    fn receive(&mut self, message: &Value) -> Vec<Value> {
        match message["method"].as_str() {
            Some("server/discover") => Vec::new(),
            _ => self.0.receive(message),
        }
    }
}

pub(crate) struct Pair<T> {
    pub(crate) client: ClientEngine,
    pub(crate) other: T,
    pub(crate) now: Instant,
    /// The methods the client sent, in order.
    pub(crate) methods: Vec<String>,
    pub(crate) connected: Option<Result<Peer, CallError>>,
    answers: Vec<Answer>,
}

impl<T: Other> Pair<T> {
    pub(crate) fn connect(pinned: Option<Revision>, other: T) -> Self {
        let mut config = ClientConfig::new("client", "1");
        config.pinned = pinned;
        let mut pair = Self {
            client: ClientEngine::new(config),
            other,
            now: *START,
            methods: Vec::new(),
            connected: None,
            answers: Vec::new(),
        };
        pair.client.connect(pair.now);
        pair.drive();
        pair
    }

    /// Passes messages to and fro until both sides are silent.
    pub(crate) fn drive(&mut self) {
        loop {
            let messages = sent(&mut self.client);
            if messages.is_empty() {
                break;
            }
            for message in messages {
                self.methods
                    .extend(message["method"].as_str().map(Into::into));
                for answer in self.other.receive(&message) {
                    let bytes = answer.to_string();
                    self.client.handle_message(self.now, bytes.as_bytes());
                }
            }
        }
        while let Some(event) = self.client.poll_event() {
            match event {
                ClientEvent::Connected(peer) => self.decide(Ok(*peer)),
                ClientEvent::Failed(error) => self.decide(Err(error)),
                ClientEvent::Answered(_, answer) => self.answers.push(answer),
                ClientEvent::Notified(..)
                | ClientEvent::Progress(..)
                | ClientEvent::Asked { .. }
                | ClientEvent::Withdrawn(_) => {}
            }
        }
    }

    fn decide(&mut self, outcome: Result<Peer, CallError>) {
        assert!(self.connected.is_none(), "a connection is decided once");
        self.connected = Some(outcome);
    }

    /// Turns the clock to the client's next timeout.
    pub(crate) fn wait(&mut self) {
        self.now = self.client.poll_timeout().expect("the client waits");
        self.client.handle_timeout(self.now);
        self.drive();
    }

    pub(crate) fn revision(&self) -> Option<Revision> {
        match &self.connected {
            Some(Ok(peer)) => Some(peer.revision),
            _ => None,
        }
    }

    pub(crate) fn failure(&self) -> &CallError {
        match &self.connected {
            Some(Err(error)) => error,
            other => panic!("expected a failure, got {other:?}"),
        }
    }

    /// Calls the tool that answers at once.
    pub(crate) fn works(&mut self) {
        let params = json!({ "name": "now", "arguments": {} });
        let Value::Object(params) = params else {
            unreachable!("an object");
        };
        self.client
            .request(self.now, "tools/call", params, &RequestOptions::default())
            .expect("open");
        self.drive();
        let answer = self.answers.pop().expect("an answer").expect("a result");
        assert!(answer.get().contains("done"));
    }
}

/// A server that loses its first messages.
pub(crate) struct Slow(pub(crate) Server, pub(crate) usize);

impl Other for Slow {
    fn receive(&mut self, message: &Value) -> Vec<Value> {
        if self.1 > 0 {
            self.1 -= 1;
            return Vec::new();
        }
        self.0.receive(message)
    }
}

//! The client's engine against whatever a server says, at any time: every request has exactly one
//! outcome, and at the end nothing is waited for (faults 22, 28, 31, 51).
//!
//! A line that begins with `!` is something that happens; any other is a message of the server.
#![no_main]

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use mcp_core::engine::{ClientConfig, ClientEngine, ClientEvent, RequestOptions};
use mcp_core::jsonrpc::{ErrorObject, RequestId};
use serde_json::{Map, json};
use toolwright_fuzz::server::limits;

/// Where every run begins. Only differences count.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

struct Run {
    engine: ClientEngine,
    now: Instant,
    open: BTreeSet<RequestId>,
    asked: BTreeSet<RequestId>,
    /// How often it was said that the connection is made, or that it failed.
    connected: usize,
}

impl Run {
    fn happens(&mut self, what: &[u8]) {
        let number = what.get(1).map_or(0, |byte| usize::from(*byte & 0x0f));
        match what.first() {
            Some(b'r') => {
                let method = ["tools/call", "subscriptions/listen"][number % 2];
                let progress = number % 4 > 1;
                let options = RequestOptions {
                    progress,
                    ..RequestOptions::default()
                };
                if let Ok(id) = self.engine.request(self.now, method, Map::new(), &options) {
                    assert!(self.open.insert(id), "an id twice");
                }
            }
            Some(b'c') => {
                if let Some(id) = self.open.iter().nth(number).cloned() {
                    self.engine.cancel(&id, None);
                    self.open.remove(&id);
                }
            }
            Some(b't') => {
                self.now += Duration::from_secs(number as u64 * 4);
                self.engine.handle_timeout(self.now);
            }
            Some(b'a') => {
                if let Some(id) = self.asked.pop_first() {
                    self.engine.reply(&id, Err(ErrorObject::internal("no")));
                }
            }
            Some(b'o') => self.engine.handle_overlong(),
            _ => {}
        }
    }

    fn drain(&mut self) {
        let mut buffer = Vec::new();
        while self.engine.poll_output(&mut buffer).is_some() {
            assert!(!buffer.contains(&b'\n'), "one message a line");
            assert!(serde_json::from_slice::<serde::de::IgnoredAny>(&buffer).is_ok());
            buffer.clear();
        }
        while let Some(event) = self.engine.poll_event() {
            match event {
                ClientEvent::Connected(_) => {
                    self.connected += 1;
                    assert_eq!(self.connected, 1, "connected twice");
                }
                ClientEvent::Answered(id, _) => {
                    assert!(self.open.remove(&id), "{id} was answered already");
                }
                ClientEvent::Progress(id, _) => {
                    assert!(self.open.contains(&id), "progress of {id}, which is over");
                }
                ClientEvent::Asked { id, .. } => {
                    self.asked.insert(id);
                    assert!(self.asked.len() <= limits().in_flight, "limit `in_flight`");
                }
                ClientEvent::Withdrawn(id) => {
                    assert!(self.asked.remove(&id), "{id} was not asked");
                }
                ClientEvent::Failed(_) | ClientEvent::Notified(..) => {}
            }
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let mut config = ClientConfig::new("fuzzed", "1").limits(limits());
    let capabilities = json!({ "roots": {}, "sampling": {}, "elicitation": { "form": {} } });
    config.capabilities = serde_json::from_value(capabilities).expect("capabilities");
    let mut run = Run {
        engine: ClientEngine::new(config),
        now: *START,
        open: BTreeSet::new(),
        asked: BTreeSet::new(),
        connected: 0,
    };
    run.engine.connect(run.now);
    for line in data.split(|byte| *byte == b'\n') {
        match line.strip_prefix(b"!") {
            Some(what) => run.happens(what),
            None => run.engine.handle_message(run.now, line),
        }
        run.drain();
    }
    run.engine.handle_close();
    run.drain();
    assert!(run.open.is_empty(), "unanswered: {:?}", run.open);
    assert_eq!(run.engine.poll_timeout(), None);
});

//! The server's engine in any order of messages, time, progress and endings: every accepted request
//! has one outcome, and at rest nothing is held (faults 45 to 53).
//!
//! A line that begins with `!` is something that happens; any other is a message.
#![no_main]

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use mcp_core::Revision;
use mcp_core::engine::{
    Call, Change, Exchange, Received, Reply, ServerEngine, ServerProfile, Ticket,
};
use mcp_core::lifecycle::{Method, State};
use mcp_core::model::legacy::LoggingLevel;
use mcp_core::model::{CallToolResult, Implementation, ListToolsResult};
use serde_json::json;
use toolwright_fuzz::server::limits;
use toolwright_fuzz::wire::Ids;

/// Where every run begins. Only differences count.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

static PROFILE: LazyLock<Arc<ServerProfile>> = LazyLock::new(|| {
    let capabilities = json!({
        "logging": {}, "completions": {}, "prompts": { "listChanged": true },
        "resources": { "listChanged": true, "subscribe": true }, "tools": { "listChanged": true },
    });
    let capabilities = serde_json::from_value(capabilities).expect("capabilities");
    let info = Implementation::new("fuzzed", "1");
    Arc::new(ServerProfile::new(info, capabilities, None, &Revision::ALL))
});

struct Run {
    engine: ServerEngine,
    now: Instant,
    running: Vec<(Ticket, Arc<Exchange>)>,
    answered: Ids,
}

impl Run {
    fn feed(&mut self, line: &[u8]) {
        let calls = match self.engine.handle_message(self.now, line) {
            Received::Handled => Vec::new(),
            Received::Call(call) => vec![call],
            Received::Batch(calls) => calls,
        };
        for call in calls {
            if self.engine.parked() == 0 && self.engine.has_capacity() {
                self.dispatch(&call);
            } else {
                self.engine.park(self.now, call);
            }
        }
    }

    /// Tools run until they are told to end; everything else is answered at once.
    fn dispatch(&mut self, call: &Call<'_>) {
        match call.method {
            Method::CallTool => {
                let exchange = Arc::clone(call.exchange());
                if call
                    .params
                    .name
                    .is_some_and(|name| name.get() == "\"watch\"")
                {
                    exchange.watch();
                }
                self.running
                    .push((self.engine.begin(self.now, call), exchange));
            }
            Method::ListTools => {
                self.engine
                    .complete(call, Ok(Reply::ListTools(ListToolsResult::default())));
            }
            _ => self.engine.complete(call, Ok(Reply::Empty)),
        }
    }

    fn happens(&mut self, what: &[u8]) {
        let number = what.get(1).map_or(0, |byte| usize::from(*byte & 0x0f));
        let picked = number % self.running.len().max(1);
        match (what.first(), self.running.get(picked)) {
            (Some(b'f'), Some(_)) => {
                let (ticket, _) = self.running.remove(picked);
                self.engine
                    .finish(&ticket, Ok(Reply::CallTool(CallToolResult::text("done"))));
            }
            (Some(b'p'), Some((_, exchange))) => exchange.progress(number as f64, None, None),
            (Some(b'l'), Some((_, exchange))) => exchange.log(LoggingLevel::Error, None, json!(1)),
            (Some(b't'), _) => {
                self.now += Duration::from_millis(400 * (number as u64).pow(2));
                self.engine.handle_timeout(self.now);
            }
            (Some(b'c'), _) => self.engine.signals().change(Change::Tools),
            (Some(b'u'), _) => {
                self.engine
                    .signals()
                    .change(Change::Resource("note://today".into()));
            }
            (Some(b'o'), _) => self.engine.handle_oversized(self.now),
            (Some(b'e'), _) => self.engine.end_subscriptions(),
            _ => {}
        }
    }

    fn drain(&mut self) {
        while let Some(parked) = self.engine.unpark() {
            self.dispatch(&parked.call());
        }
        if let Some(mail) = self.engine.signals().take() {
            for exchange in mail.exchanges {
                self.engine.flush(self.now, &exchange);
            }
            self.engine.announce(&mail.changes);
        }
        while let Some(stopped) = self.engine.poll_abort() {
            self.running
                .retain(|(_, exchange)| exchange.id() != stopped);
        }
        let mut buffer = Vec::new();
        while self.engine.poll_output(&mut buffer).is_some() {
            assert!(!buffer.contains(&b'\n'), "one message a line");
            self.answered.answered(&buffer);
            buffer.clear();
        }
        let limits = limits();
        assert!(
            self.running.len() <= limits.concurrency,
            "limit `concurrency`"
        );
        assert!(
            self.engine.in_flight() <= limits.in_flight,
            "limit `in_flight`"
        );
    }
}

fuzz_target!(|data: &[u8]| {
    let mut run = Run {
        engine: ServerEngine::new(Arc::clone(&PROFILE), limits()),
        now: *START,
        running: Vec::new(),
        answered: Ids::default(),
    };
    let mut asked = Ids::default();
    for line in data.split(|byte| *byte == b'\n') {
        match line.strip_prefix(b"!") {
            Some(what) => run.happens(what),
            None => {
                asked.asked(line);
                run.feed(line);
            }
        }
        run.drain();
    }
    while let Some((ticket, _)) = run.running.pop() {
        run.engine
            .finish(&ticket, Ok(Reply::CallTool(CallToolResult::text("done"))));
        run.drain();
    }
    run.engine.end_subscriptions();
    run.drain();
    assert!(run.engine.is_at_rest(), "{:?}", run.engine);
    asked.cover(&run.answered);
    run.engine.handle_close(run.now);
    assert_eq!(run.engine.state(), State::Closed);
});

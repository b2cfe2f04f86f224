//! A handler, its connection and the rest of the server on threads of their own, in every order
//! that chance comes upon: `cargo xtask shuttle`.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use serde_json::{Value, json};
use shuttle::future::block_on;
use shuttle::{rand, thread};

use super::{
    Change, Changes, Exchange, Received, Reply, ServerEngine, ServerProfile, Signals, Ticket,
};
use crate::model::{Implementation, InputRequest, ServerCapabilities};
use crate::{Limits, Revision};

#[expect(
    clippy::disallowed_methods,
    reason = "an `Instant` has no other origin"
)]
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Runs something in many orders: by chance, and with few changes at the worst places.
fn in_many_orders(what: &'static str, run: fn()) {
    const ORDERS: usize = 1_500;
    shuttle::check_random(run, ORDERS);
    shuttle::check_pct(run, ORDERS, 3);
    println!("shuttle: {} orders of {what}", 2 * ORDERS);
}

/// The connection's side: a legacy session whose tools run.
struct Connection {
    engine: ServerEngine,
    tickets: BTreeMap<i64, Ticket>,
    exchanges: BTreeMap<i64, Arc<Exchange>>,
}

impl Connection {
    /// A connection with so many calls, each of which wants progress under its id.
    fn with_calls(calls: i64) -> Self {
        let capabilities: ServerCapabilities =
            serde_json::from_value(json!({ "tools": { "listChanged": true } })).expect("JSON");
        let info = Implementation::new("tested", "1");
        let profile = ServerProfile::new(info, capabilities, None, &Revision::ALL);
        let engine = ServerEngine::new(Arc::new(profile), Limits::default())
            .after_handshake(Revision::NEWEST_LEGACY);
        let mut connection = Self {
            engine,
            tickets: BTreeMap::new(),
            exchanges: BTreeMap::new(),
        };
        for id in 1..=calls {
            connection.call(id);
        }
        connection
    }

    fn call(&mut self, id: i64) {
        let params = json!({ "name": "x", "_meta": { "progressToken": id } });
        let call = json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params });
        let bytes = call.to_string();
        let Received::Call(call) = self.engine.handle_message(*START, bytes.as_bytes()) else {
            panic!("it is a call");
        };
        self.exchanges.insert(id, Arc::clone(call.exchange()));
        let ticket = self.engine.begin(*START, &call);
        self.tickets.insert(id, ticket);
    }

    fn exchange(&self, id: i64) -> Arc<Exchange> {
        Arc::clone(&self.exchanges[&id])
    }

    fn signals(&self) -> Arc<Signals> {
        Arc::clone(self.engine.signals())
    }

    /// Takes the mail and returns what is sent.
    fn turn(&mut self) -> Vec<Value> {
        if let Some(mail) = self.engine.signals().take() {
            for exchange in mail.exchanges {
                self.engine.flush(*START, &exchange);
            }
            self.engine.announce(&mail.changes);
        }
        let mut sent = Vec::new();
        let mut bytes = Vec::new();
        while self.engine.poll_output(&mut bytes).is_some() {
            sent.push(serde_json::from_slice(&bytes).expect("JSON"));
            bytes.clear();
        }
        sent
    }

    /// Works as a driver does, until `done` has seen enough. A wake-up that is lost is a deadlock.
    fn drive_until(&mut self, mut done: impl FnMut(&mut Self, Vec<Value>) -> bool) {
        block_on(poll_fn(|cx| {
            loop {
                let sent = self.turn();
                if done(self, sent) {
                    return Poll::Ready(());
                }
                if self.engine.signals().poll_mail(cx).is_pending() {
                    return Poll::Pending;
                }
            }
        }));
    }
}

fn token(message: &Value) -> i64 {
    message["params"]["progressToken"]
        .as_i64()
        .expect("a token")
}

fn progress(message: &Value) -> i64 {
    message["params"]["progress"].as_i64().expect("a number")
}

#[test]
fn no_progress_is_left_behind_and_none_reaches_another_call() {
    in_many_orders("two handlers that report", || {
        let mut connection = Connection::with_calls(2);
        let handlers: Vec<_> = [1, 2]
            .map(|id| {
                let exchange = connection.exchange(id);
                thread::spawn(move || {
                    for far in [1.0, 2.0, 3.0] {
                        let message = format!("of {id}");
                        exchange.progress(far, None, Some(message));
                    }
                })
            })
            .into();
        let mut last = BTreeMap::from([(1, 0), (2, 0)]);
        connection.drive_until(|_, sent| {
            for message in sent {
                let (id, far) = (token(&message), progress(&message));
                assert_eq!(message["params"]["message"], format!("of {id}"));
                assert!(far > last[&id], "{far} after {}", last[&id]);
                last.insert(id, far);
            }
            last.values().all(|far| *far == 3)
        });
        for handler in handlers {
            handler.join().expect("it reports");
        }
    });
}

#[test]
fn every_change_is_heard_whoever_posts_it() {
    in_many_orders("two changes", || {
        let connection = Connection::with_calls(0);
        let signals = connection.signals();
        for change in [Change::Tools, Change::Prompts] {
            let signals = Arc::clone(&signals);
            thread::spawn(move || signals.change(change));
        }
        let mut heard = Changes::default();
        block_on(poll_fn(|cx| {
            loop {
                if let Some(mail) = signals.take() {
                    heard.tools |= mail.changes.tools;
                    heard.prompts |= mail.changes.prompts;
                }
                if heard.tools && heard.prompts {
                    return Poll::Ready(());
                }
                if signals.poll_mail(cx).is_pending() {
                    return Poll::Pending;
                }
            }
        }));
    });
}

#[test]
fn a_shutdown_is_heard_beside_a_change() {
    in_many_orders("a change and a shutdown", || {
        let connection = Connection::with_calls(0);
        let signals = connection.signals();
        let (one, other) = (Arc::clone(&signals), Arc::clone(&signals));
        thread::spawn(move || one.change(Change::Tools));
        thread::spawn(move || other.shutdown());
        let mut seen = (false, false);
        block_on(poll_fn(|cx| {
            loop {
                if let Some(mail) = signals.take() {
                    seen = (seen.0 || mail.changes.tools, seen.1 || mail.shutdown);
                }
                if seen == (true, true) {
                    return Poll::Ready(());
                }
                if signals.poll_mail(cx).is_pending() {
                    return Poll::Pending;
                }
            }
        }));
    });
}

#[test]
fn a_cancellation_wakes_everybody_who_waits_for_it() {
    in_many_orders("a cancellation", || {
        let connection = Connection::with_calls(1);
        let waiters: Vec<_> = [false, true]
            .map(|gives_up_first| {
                let exchange = connection.exchange(1);
                thread::spawn(move || {
                    if gives_up_first {
                        let mut waiting = Box::pin(exchange.cancelled());
                        let _ = waiting
                            .as_mut()
                            .poll(&mut Context::from_waker(Waker::noop()));
                    }
                    block_on(exchange.cancelled());
                    assert!(exchange.is_cancelled());
                })
            })
            .into();
        let exchange = connection.exchange(1);
        thread::spawn(move || exchange.cancel());
        for waiter in waiters {
            waiter.join().expect("it was woken");
        }
    });
}

#[test]
fn a_question_has_an_outcome_whatever_ends_it() {
    in_many_orders("a question", || {
        let mut connection = Connection::with_calls(1);
        let exchange = connection.exchange(1);
        let handler = thread::spawn(move || {
            let outcome = block_on(exchange.ask(InputRequest::ListRoots(None)));
            outcome.is_ok()
        });
        let mut answered = false;
        let ends_first = rand::Rng::gen_bool(&mut rand::thread_rng(), 0.3);
        if ends_first {
            let ticket = connection.tickets[&1].clone();
            connection.engine.finish(&ticket, Ok(Reply::Empty));
        } else {
            connection.drive_until(|connection, sent| {
                let mut asked = sent.iter().filter(|m| m["method"] == "roots/list");
                let Some(question) = asked.next() else {
                    return false;
                };
                let message = match rand::Rng::gen_bool(&mut rand::thread_rng(), 0.5) {
                    true => {
                        answered = true;
                        json!({ "jsonrpc": "2.0", "id": question["id"], "result": {} })
                    }
                    false => {
                        let params = json!({ "requestId": 1 });
                        let method = "notifications/cancelled";
                        json!({ "jsonrpc": "2.0", "method": method, "params": params })
                    }
                };
                let bytes = message.to_string();
                connection.engine.handle_message(*START, bytes.as_bytes());
                true
            });
        }
        let was_answered = handler.join().expect("it has an outcome");
        assert_eq!(was_answered, answered);
        assert_eq!(connection.engine.asking(), 0);
    });
}

#[test]
fn a_question_that_is_given_up_leaves_nothing_open() {
    in_many_orders("a question that is given up", || {
        let mut connection = Connection::with_calls(1);
        let exchange = connection.exchange(1);
        let handler = thread::spawn(move || {
            let mut asking = Box::pin(exchange.ask(InputRequest::ListRoots(None)));
            let _ = asking
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()));
            drop(asking);
            // Whatever was on its way, this comes behind it.
            exchange.progress(1.0, None, None);
        });
        connection.drive_until(|_, sent| {
            let mut told = sent.iter();
            told.any(|message| message["method"] == "notifications/progress")
        });
        handler.join().expect("it goes on");
        connection.turn();
        assert_eq!(connection.engine.asking(), 0);
    });
}

#[test]
fn nothing_follows_the_answer_although_the_handler_goes_on() {
    in_many_orders("the end of a call", || {
        let mut connection = Connection::with_calls(1);
        let exchange = connection.exchange(1);
        let handler = thread::spawn(move || {
            for far in [1.0, 2.0] {
                exchange.progress(far, None, None);
            }
        });
        let mut sent = connection.turn();
        let ticket = connection.tickets[&1].clone();
        connection.engine.finish(&ticket, Ok(Reply::Empty));
        sent.extend(connection.turn());
        handler.join().expect("it goes on");
        sent.extend(connection.turn());
        let is_answer = |message: &&Value| message.get("method").is_none();
        assert_eq!(sent.iter().filter(is_answer).count(), 1);
        assert!(is_answer(&sent.last().expect("an answer")), "{sent:?}");
        drop(connection.exchanges);
        assert!(connection.engine.is_at_rest());
    });
}

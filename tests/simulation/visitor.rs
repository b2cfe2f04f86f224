//! The simulated clients: whom they are asked for, what they call, and what may come of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use toolwright::Revision;
use toolwright::client::{
    Answers, Backoff, CallError, CallOptions, Client, ClientConfig, KnownServers,
};
use toolwright::jsonrpc::{ErrorCode, ErrorObject};
use toolwright::model::{CallToolResult, ElicitParams, ElicitResult, ListenFilter};

use crate::network::Network;
use crate::tools::TOOLS;

/// How a client reaches its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    Pipe,
    Http,
}

/// The numbers of the calls of one client.
#[derive(Debug, Clone, Copy)]
struct Numbers {
    first: u64,
}

/// More calls than any client makes.
const MOST: u64 = 1_000;

impl Numbers {
    /// The number that a text names, which has to be one of these.
    fn read(self, text: &str) -> u64 {
        let number = text.strip_prefix("nonce ").and_then(|n| n.parse().ok());
        let number: u64 = number.unwrap_or_else(|| panic!("no number: {text}"));
        let mine = (self.first..self.first + MOST).contains(&number);
        assert!(mine, "{number} is asked of the client of {}", self.first);
        number
    }
}

/// A user, who mostly says what was asked.
struct User {
    numbers: Numbers,
    network: Network,
}

impl Answers for User {
    async fn elicit(&self, params: ElicitParams) -> Result<ElicitResult, ErrorObject> {
        let ElicitParams::Form(form) = params else {
            panic!("a form is asked");
        };
        self.numbers.read(&form.message);
        self.network.count("questions");
        let (fate, millis) = {
            let mut dice = self.network.dice();
            (dice.below(12), dice.between(1, 400))
        };
        sleep(Duration::from_millis(millis)).await;
        match fate {
            0 => Err(ErrorObject::new(ErrorCode(-1), "no")),
            1 => Ok(ElicitResult::decline()),
            fate => {
                // Some think for longer than anybody waits.
                if fate == 2 {
                    sleep(Duration::from_secs(20)).await;
                }
                let content = json!({ "text": form.message });
                let content = serde_json::from_value(content).expect("an object");
                Ok(ElicitResult::accept(Some(content)))
            }
        }
    }
}

/// Lives the life of one client.
pub(crate) async fn visit(network: Network, number: u64) {
    let numbers = Numbers {
        first: number * MOST,
    };
    let (wire, pin, life, calls) = {
        let mut dice = network.dice();
        let wire = dice.pick(&[Wire::Pipe, Wire::Http]);
        let pins = Revision::ALL.map(Some);
        let pin = dice.pick(&[pins[0], pins[1], pins[2], pins[3], pins[4], pins[4], None]);
        let life = dice.one_in(4).then(|| dice.between(100, 4_000));
        (wire, pin, life, dice.between(3, 8))
    };
    let client = match connect(&network, wire, pin, life, numbers).await {
        Ok(client) => client,
        Err(error) => {
            network.note(format_args!("client {number}: not connected, {error}"));
            return network.count("connections that failed");
        }
    };
    let revision = client.peer().revision;
    network.note(format_args!("client {number}: {wire:?}, {revision}"));
    network.count(revision.as_str());
    network.count(match wire {
        Wire::Pipe => "clients on pipes",
        Wire::Http => "clients over HTTP",
    });
    let mut doing = JoinSet::new();
    for call in 0..calls {
        doing.spawn(call_one(network.clone(), client.clone(), numbers, call));
    }
    doing.spawn(listen(network.clone(), client.clone()));
    drop(client);
    while let Some(done) = doing.join_next().await {
        done.expect("no task of a client panics");
    }
}

async fn connect(
    network: &Network,
    wire: Wire,
    pin: Option<Revision>,
    life: Option<u64>,
    numbers: Numbers,
) -> Result<Client, CallError> {
    let patience = network.dice().between(300, 3_000);
    let mut config = ClientConfig::new("simulated", "1");
    config.pinned = pin;
    let asked = json!({ "elicitation": { "form": {} } });
    config.capabilities = serde_json::from_value(asked).expect("capabilities");
    config.limits.request_timeout = Duration::from_millis(patience);
    config.limits.request_total = Duration::from_millis(2 * patience);
    let user = User {
        numbers,
        network: network.clone(),
    };
    let builder = Client::builder(config)
        .answers(user)
        .known_servers(KnownServers::new())
        .reconnect(Backoff::new().jitter(|| 0.0))
        .http_client(network.clone());
    match wire {
        Wire::Pipe => {
            let (reader, writer) = network.pipe(life.map(Duration::from_millis));
            builder.over(reader, writer).await
        }
        Wire::Http => builder.connect("http://localhost/").await,
    }
}

/// Makes one call at some time, and perhaps gives it up.
async fn call_one(network: Network, client: Client, numbers: Numbers, call: u64) {
    let nonce = numbers.first + call;
    let (begin, tool, millis, patience, usual) = {
        let mut dice = network.dice();
        let begin = dice.below(4_000);
        // The journey has most of what can go wrong.
        let tool = match dice.one_in(3) {
            true => "journey",
            false => dice.pick(&TOOLS),
        };
        let patience = dice.one_in(4).then(|| dice.between(1, 400));
        (begin, tool, dice.between(0, 400), patience, dice.one_in(3))
    };
    sleep(Duration::from_millis(begin)).await;
    let over = Arc::new(AtomicBool::new(false));
    let options = match usual {
        true => CallOptions::new(),
        false => {
            let (over, network) = (Arc::clone(&over), network.clone());
            CallOptions::new().on_progress(move |progress| {
                // The first revision has no words for it.
                if let Some(said) = &progress.message {
                    assert_eq!(numbers.read(said), nonce, "the progress of another");
                }
                assert!(!over.load(Ordering::Relaxed), "progress after the end");
                network.count("progress");
            })
        }
    };
    let arguments = json!({ "nonce": nonce, "millis": millis });
    let arguments = match tool {
        "deaf" => json!({}),
        "quick" | "wish" => json!({ "nonce": nonce }),
        _ => arguments,
    };
    let client = client.with(options);
    let asked = client.call(tool, arguments);
    network.note(format_args!("{tool} {nonce} begins"));
    network.count("calls");
    // A day is over at once where nothing is left to happen.
    let day = Duration::from_secs(24 * 60 * 60);
    let patience_or_day = patience.map_or(day, Duration::from_millis);
    let outcome = timeout(patience_or_day, asked).await;
    over.store(true, Ordering::Relaxed);
    match outcome {
        Ok(outcome) => judge(&network, tool, nonce, numbers, outcome),
        Err(_) => {
            assert!(patience.is_some(), "{tool} {nonce} has no outcome");
            network.note(format_args!("{tool} {nonce} is given up"));
            network.count("calls given up");
        }
    }
}

/// What may come of a call.
fn judge(
    network: &Network,
    tool: &str,
    nonce: u64,
    numbers: Numbers,
    outcome: Result<CallToolResult, CallError>,
) {
    match outcome {
        Ok(result) => {
            let text = result.content[0].as_text().expect("a text").to_owned();
            network.note(format_args!("{tool} {nonce}: {text}"));
            if result.is_error == Some(true) {
                network.count("failures");
                if tool == "fail" {
                    assert_eq!(numbers.read(&text), nonce);
                }
                return;
            }
            network.count(match tool {
                "journey" => "journeys",
                _ => "answers",
            });
            assert_eq!(numbers.read(&text), nonce, "the answer of another");
        }
        Err(error) => {
            network.note(format_args!("{tool} {nonce}: {error}"));
            assert!(tool != "fall" || !error.to_string().contains("nonce"));
            network.count(match error {
                CallError::Server(_) => "errors",
                CallError::Timeout(_) | CallError::Overdue(_) => "timeouts",
                CallError::Lost(_) | CallError::Unreachable(_) => "answers lost",
                CallError::Closed => "calls whose connection closed",
                CallError::Unanswered { .. } => "questions refused",
                other => panic!("{tool} {nonce}: {other:?}"),
            });
        }
    }
}

/// Hears of changes for a while.
async fn listen(network: Network, client: Client) {
    let (begin, life) = {
        let mut dice = network.dice();
        (dice.below(3_000), dice.between(1, 4_000))
    };
    sleep(Duration::from_millis(begin)).await;
    let filter = ListenFilter {
        tools_list_changed: Some(true),
        ..ListenFilter::default()
    };
    let hearing = async {
        let mut subscription = client.listen(filter).await.ok()?;
        network.count("subscriptions");
        while subscription.next().await.is_some() {
            network.count("changes heard");
        }
        Some(())
    };
    let _ = timeout(Duration::from_millis(life), hearing).await;
}

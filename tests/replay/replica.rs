//! The server under test: this very test program, started anew for each process.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::SystemTime;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use toolwright::ask::{Begun, JournalStore, Journals, KeyRing, Round, RoundOutcome, StoreError};
use toolwright::handler::{BoxFuture, State};
use toolwright::http::HttpOptions;
use toolwright::prelude::*;

use crate::ledger::{Ledger, ask, live};

const LEDGER: &str = "TOOLWRIGHT_TEST_LEDGER";
const STORE: &str = "TOOLWRIGHT_TEST_STORE";

/// Whether processes note the rounds that begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Store {
    /// With the ledger, for all of them.
    Shared,
    /// Nowhere.
    None,
}

/// A process that serves.
pub(crate) struct Replica {
    pub(crate) address: SocketAddr,
    child: Child,
}

impl Replica {
    /// Starts a process, which shares its key with every other.
    pub(crate) async fn start(ledger: &Ledger, store: Store) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "replica::the_replica",
                "--exact",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(LEDGER, ledger.address.to_string())
            .env(STORE, format!("{store:?}"))
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = loop {
            let line = lines.next_line().await.unwrap().expect("its address");
            // The harness says things of its own, on the same line, too.
            if let Some((_, address)) = line.split_once("listening at ") {
                break address.parse().unwrap();
            }
        };
        Self { address, child }
    }

    /// Ends the process at once, with whatever it does.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

/// The body of a replica; a test that does nothing otherwise.
#[test]
fn the_replica() {
    let Ok(ledger) = std::env::var(LEDGER) else {
        return;
    };
    let ledger: SocketAddr = ledger.parse().unwrap();
    let store = std::env::var(STORE).unwrap();
    let mut journals = Journals::sealed(KeyRing::new([7; 32]));
    if store == format!("{:?}", Store::Shared) {
        journals = journals.once(LedgerStore(ledger));
    }
    let server = Server::new("replica", "1.0.0")
        .journals(journals)
        .state(ledger)
        .tool::<(journey, unheard)>()
        .build()
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let _lives = live(ledger).await.unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        println!("listening at {}", listener.local_addr().unwrap());
        let options = HttpOptions::default();
        server.serve_listener(listener, options).await.unwrap();
    });
}

#[form]
struct Answer {
    text: String,
}

/// Charges for a step, and returns the number of the charge.
async fn charge(ledger: SocketAddr, step: &str, key: &str) -> std::io::Result<u64> {
    let request = json!({ "do": "charge", "step": step, "key": key });
    Ok(ask(ledger, request).await?.as_u64().unwrap_or_default())
}

/// Three questions, and a step between each two.
#[tool]
async fn journey(cx: Context, ledger: State<SocketAddr>) -> Result<String, ToolError> {
    let from: Answer = cx.elicit("from", "From where?").await?.accepted()?;
    let out = cx
        .step("out", async |key| charge(*ledger, "out", &key).await)
        .await?;
    let to: Answer = cx.elicit("to", "Where to?").await?.accepted()?;
    let back = cx
        .step("back", async |key| charge(*ledger, "back", &key).await)
        .await?;
    let sure: Answer = cx.elicit("sure", "Sure?").await?.accepted()?;
    let way = format!("{} to {}", from.text, to.text);
    Ok(format!("{way}, {}: {out} and {back}", sure.text))
}

/// A step whose client goes away while it runs: it charges when it begins and when it ends. Nothing
/// is charged behind it.
#[tool]
async fn unheard(cx: Context, ledger: State<SocketAddr>) -> Result<String, ToolError> {
    cx.elicit::<Answer>("go", "Go on?").await?.accepted()?;
    cx.step("step", async |key| {
        charge(*ledger, "begun", &key).await?;
        // Waiting for the cancellation would be a wish to end by oneself.
        while !cx.is_cancelled() {
            tokio::task::yield_now().await;
        }
        charge(*ledger, "finished", &key).await
    })
    .await?;
    charge(*ledger, "behind", "").await?;
    cx.step("next", async |key| charge(*ledger, "next", &key).await)
        .await?;
    Ok("heard".to_owned())
}

/// Rounds noted by the ledger, so that every process knows of those of the others.
struct LedgerStore(SocketAddr);

impl LedgerStore {
    fn request(
        &self,
        what: &str,
        round: &Round,
        outcome: Value,
    ) -> BoxFuture<Result<Value, StoreError>> {
        let name = format!("{} {}", round.journal, round.number);
        let process = std::process::id();
        let request = json!({ "do": what, "round": name, "process": process, "outcome": outcome });
        let ledger = self.0;
        Box::pin(async move { Ok(ask(ledger, request).await?) })
    }
}

impl JournalStore for LedgerStore {
    fn begin(&self, round: Round, _: SystemTime) -> BoxFuture<Result<Begun, StoreError>> {
        let begun = self.request("begin", &round, Value::Null);
        Box::pin(async move {
            Ok(match begun.await? {
                Value::Null => Begun::First,
                outcome => Begun::Ended(serde_json::from_value(outcome)?),
            })
        })
    }

    fn end(&self, round: Round, outcome: RoundOutcome) -> BoxFuture<Result<(), StoreError>> {
        let ended = self.request("end", &round, json!(outcome));
        Box::pin(async move {
            ended.await?;
            Ok(())
        })
    }
}

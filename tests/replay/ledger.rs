//! Somebody else's services, as the test sees them: one that charges and one that notes rounds, for
//! all processes.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

/// What the services know. One connection carries one request and its answer, a line each.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    pub(crate) address: SocketAddr,
    state: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// What was charged for, in order: the step and its key.
    charges: Mutex<Vec<(String, String)>>,
    /// Each round, with the process that began it and how it ended.
    rounds: Mutex<HashMap<String, Noted>>,
    /// A charge has come in.
    came: Semaphore,
    /// As many charges are answered.
    answers: Semaphore,
}

#[derive(Debug)]
struct Noted {
    process: u64,
    outcome: watch::Sender<Option<Value>>,
}

impl Ledger {
    /// Services that answer at once.
    pub(crate) async fn open() -> Self {
        let ledger = Self::held().await;
        ledger.answer(Semaphore::MAX_PERMITS / 2);
        ledger
    }

    /// Services that note what comes, and answer a charge when they are told to.
    pub(crate) async fn held() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let ledger = Self {
            address: listener.local_addr().unwrap(),
            state: Arc::new(Shared {
                charges: Mutex::default(),
                rounds: Mutex::default(),
                came: Semaphore::new(0),
                answers: Semaphore::new(0),
            }),
        };
        let serving = ledger.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let ledger = serving.clone();
                tokio::spawn(async move { ledger.serve(stream).await });
            }
        });
        ledger
    }

    /// Lets so many charges be answered.
    pub(crate) fn answer(&self, charges: usize) {
        self.state.answers.add_permits(charges);
    }

    /// Waits until one more charge has come in.
    pub(crate) async fn came(&self) {
        self.state.came.acquire().await.unwrap().forget();
    }

    /// The steps that charged, in order.
    pub(crate) fn steps(&self) -> Vec<String> {
        let charges = self.charges();
        charges.iter().map(|(step, _)| step.clone()).collect()
    }

    /// What was charged for: the step and its key.
    pub(crate) fn charges(&self) -> MutexGuard<'_, Vec<(String, String)>> {
        self.state.charges.lock().unwrap()
    }

    /// Waits until so many rounds have ended.
    pub(crate) async fn ended(&self, rounds: usize) {
        loop {
            let open: Vec<_> = {
                let known = self.state.rounds.lock().unwrap();
                known
                    .values()
                    .map(|round| round.outcome.subscribe())
                    .collect()
            };
            if open.len() >= rounds {
                for mut round in open {
                    round.wait_for(Option::is_some).await.unwrap();
                }
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    async fn serve(&self, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        if stream.read_line(&mut line).await.is_err() {
            return;
        }
        let Ok(request) = serde_json::from_str::<Value>(&line) else {
            return;
        };
        let text = |name: &str| request[name].as_str().unwrap_or_default().to_owned();
        let answer = match request["do"].as_str() {
            Some("charge") => {
                let count = {
                    let mut charges = self.charges();
                    charges.push((text("step"), text("key")));
                    charges.len()
                };
                self.state.came.add_permits(1);
                self.state.answers.acquire().await.unwrap().forget();
                json!(count)
            }
            Some("begin") => self.begin(text("round"), process(&request)).await,
            Some("live") => {
                // The process says nothing more: at the end of the connection it is gone.
                let _ = stream.read_line(&mut line).await;
                return self.bury(process(&request));
            }
            _ => self.end(&text("round"), request["outcome"].clone()),
        };
        // Who asked may be gone.
        let _ = stream.write_all(format!("{answer}\n").as_bytes()).await;
    }

    /// `null` for who is first; everybody else waits for the end.
    async fn begin(&self, round: String, process: u64) -> Value {
        let known = {
            let mut rounds = self.state.rounds.lock().unwrap();
            let known = rounds.get(&round).map(|round| round.outcome.subscribe());
            if known.is_none() {
                let outcome = watch::Sender::new(None);
                rounds.insert(round, Noted { process, outcome });
            }
            known
        };
        match known {
            None => Value::Null,
            Some(mut outcome) => {
                let ended = outcome.wait_for(Option::is_some).await.unwrap();
                ended.clone().unwrap()
            }
        }
    }

    fn end(&self, round: &str, outcome: Value) -> Value {
        let rounds = self.state.rounds.lock().unwrap();
        rounds[round].outcome.send_replace(Some(outcome));
        Value::Null
    }

    /// Ends the rounds that a process has begun and will never end.
    fn bury(&self, process: u64) {
        let died = json!({ "refused": { "code": -32603, "message": "its process died" } });
        for round in self.state.rounds.lock().unwrap().values() {
            if round.process == process {
                let unended = |outcome: &mut Option<Value>| {
                    let open = outcome.is_none();
                    outcome.get_or_insert_with(|| died.clone());
                    open
                };
                round.outcome.send_if_modified(unended);
            }
        }
    }
}

fn process(request: &Value) -> u64 {
    request["process"].as_u64().unwrap_or_default()
}

/// Tells the services that this process lives, for as long as the connection does.
pub(crate) async fn live(address: SocketAddr) -> std::io::Result<TcpStream> {
    let mut stream = TcpStream::connect(address).await?;
    let said = json!({ "do": "live", "process": std::process::id() });
    stream.write_all(format!("{said}\n").as_bytes()).await?;
    Ok(stream)
}

/// Asks the services at `address`.
pub(crate) async fn ask(address: SocketAddr, request: Value) -> std::io::Result<Value> {
    let mut stream = BufReader::new(TcpStream::connect(address).await?);
    stream.write_all(format!("{request}\n").as_bytes()).await?;
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    Ok(serde_json::from_str(&line)?)
}

//! One server of a host: its connection, and how that heals.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::{broadcast, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::tools::Known;
use super::{Connector, HostError, HostEvent, HostEventKind, Settings};
use crate::client::{CallError, Client, ConnectError, Events, ServerEvent};

/// One server.
pub(super) struct Member {
    pub(super) name: String,
    pub(super) settings: Arc<Settings>,
    connector: Box<dyn Connector>,
    state: watch::Sender<State>,
    events: broadcast::Sender<HostEvent>,
    /// The resources that are watched, for the next connection too (SUB-M-09).
    pub(super) watched: Mutex<BTreeSet<String>>,
    /// Each keeps one subscription, for as long as the connection lives.
    pub(super) listening: Mutex<JoinSet<()>>,
    /// What is known of its tools.
    pub(super) known: tokio::sync::Mutex<Known>,
    /// Whether that may be out of date.
    pub(super) stale: AtomicBool,
}

#[derive(Clone)]
enum State {
    Connecting,
    Connected(Client),
    /// It will be tried again.
    Down(String),
    GivenUp(String),
}

impl Member {
    pub(super) fn new(
        name: String,
        connector: Box<dyn Connector>,
        settings: Arc<Settings>,
        events: broadcast::Sender<HostEvent>,
    ) -> Self {
        Self {
            name,
            settings,
            connector,
            state: watch::Sender::new(State::Connecting),
            events,
            watched: Mutex::default(),
            listening: Mutex::default(),
            known: tokio::sync::Mutex::default(),
            stale: AtomicBool::new(true),
        }
    }

    /// Keeps a connection for as long as it is polled.
    pub(super) async fn run(self: Arc<Self>) {
        let mut attempt = 0;
        loop {
            self.tell(HostEventKind::Connecting);
            match self.connect().await {
                Ok(client) => {
                    let since = Instant::now();
                    let error = self.serve(client).await;
                    if self.settings.backoff.is_good(since.elapsed()) {
                        attempt = 0;
                    }
                    self.state.send_replace(State::Down(error.to_string()));
                    self.tell(HostEventKind::Disconnected(error));
                }
                Err(error) => {
                    let why = error.to_string();
                    self.tell(HostEventKind::ConnectFailed(why.clone()));
                    // What is not there now will not be there in a second.
                    if !matches!(error, ConnectError::Call(_)) {
                        return self.give_up(why);
                    }
                    self.state.send_replace(State::Down(why));
                }
            }
            attempt += 1;
            let Some(delay) = self.settings.backoff.delay(attempt) else {
                return self.give_up(format!("it failed {attempt} times"));
            };
            self.tell(HostEventKind::Retrying { attempt, delay });
            sleep(delay).await;
        }
    }

    /// Connects, and hears from the server itself that it is there.
    async fn connect(&self) -> Result<Client, ConnectError> {
        let connecting = self.connector.connect(self.settings.client.clone());
        Ok(connecting.await?.confirmed().await?)
    }

    fn give_up(&self, why: String) {
        self.state.send_replace(State::GivenUp(why));
        self.tell(HostEventKind::GivenUp);
    }

    /// Uses a connection until it ends.
    async fn serve(self: &Arc<Self>, client: Client) -> CallError {
        let events = client.events();
        self.stale.store(true, Ordering::SeqCst);
        self.listen(&client).await;
        self.state.send_replace(State::Connected(client.clone()));
        self.tell(HostEventKind::Connected);
        self.hear(events).await;
        let error = client.closed().await;
        self.stop_listening();
        error
    }

    async fn hear(&self, mut events: Events) {
        while let Some(event) = events.next().await {
            if matches!(event, ServerEvent::ToolsChanged | ServerEvent::Missed(_)) {
                self.stale.store(true, Ordering::SeqCst);
            }
            self.tell(HostEventKind::Said(event));
        }
    }

    /// The live connection, waited for while it is being made.
    pub(super) async fn client(&self) -> Result<Client, HostError> {
        let mut state = self.state.subscribe();
        let usable = |state: &State| match state {
            State::Connected(client) => !client.is_closed(),
            State::GivenUp(_) => true,
            State::Connecting | State::Down(_) => false,
        };
        let patience = self.settings.patience;
        let found = timeout(patience, state.wait_for(usable)).await;
        let why = match found {
            Ok(Ok(state)) => match &*state {
                State::Connected(client) => return Ok(client.clone()),
                State::GivenUp(why) | State::Down(why) => why.clone(),
                State::Connecting => String::new(),
            },
            Ok(Err(_)) => "the host is gone".to_owned(),
            Err(_) => match &*self.state.borrow() {
                State::Down(why) => why.clone(),
                _ => format!("no connection within {} s", patience.as_secs()),
            },
        };
        Err(HostError::Unavailable {
            server: self.name.clone(),
            why,
        })
    }

    /// The connection, if there is one now.
    pub(super) fn connected(&self) -> Option<Client> {
        match &*self.state.borrow() {
            State::Connected(client) if !client.is_closed() => Some(client.clone()),
            _ => None,
        }
    }

    /// Waits until the first attempt has succeeded or failed.
    pub(super) async fn tried(&self) {
        let mut state = self.state.subscribe();
        // An error means that the host is gone: nobody waits any more.
        let _ = state
            .wait_for(|state| !matches!(state, State::Connecting))
            .await;
    }

    pub(super) fn tell(&self, kind: HostEventKind) {
        // Nobody need listen.
        let _ = self.events.send(HostEvent {
            server: self.name.clone(),
            kind,
        });
    }
}

impl Member {
    /// Drops the connection, and with it the server's process.
    pub(super) fn hang_up(&self) {
        self.state
            .send_replace(State::GivenUp("the host is gone".to_owned()));
        self.stop_listening();
    }
}

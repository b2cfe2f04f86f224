//! What a host is made of.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::sync::broadcast;
use tokio::task::JoinSet;

use super::member::Member;
use super::{Backoff, Connector, Host, HostEvent, HostEvents, OnRedefined, Pins, Resend, Settings};
use crate::client::{Answers, CallOptions, Client, ClientConfig, Servers, ServersError};

/// Events that wait for a slow listener.
const EVENTS: usize = 256;

/// Builds a [`Host`].
pub struct HostBuilder {
    settings: Settings,
    servers: BTreeMap<String, Box<dyn Connector>>,
    events: broadcast::Sender<HostEvent>,
}

impl HostBuilder {
    pub(super) fn new(config: ClientConfig) -> Self {
        Self {
            settings: Settings {
                patience: config.limits.request_timeout,
                client: Client::builder(config),
                options: CallOptions::new(),
                separator: ".".to_owned(),
                backoff: Backoff::new(),
                resend: Resend::Never,
                on_redefined: OnRedefined::Report,
                pins: Mutex::default(),
            },
            servers: BTreeMap::new(),
            events: broadcast::Sender::new(EVENTS),
        }
    }

    /// Adds a server, in place of an earlier one of this name.
    #[must_use]
    pub fn server(mut self, name: impl Into<String>, connector: impl Connector) -> Self {
        self.servers.insert(name.into(), Box::new(connector));
        self
    }

    /// Adds every server of a file.
    ///
    /// # Errors
    /// [`ServersError::Entry`] for the first entry that cannot be used.
    pub fn servers(mut self, servers: &Servers) -> Result<Self, ServersError> {
        for name in servers.names() {
            self = self.server(name, servers.get(name)?.clone());
        }
        Ok(self)
    }

    /// What stands between a server's name and a tool's. A dot, unless said otherwise; models'
    /// providers often want `__`.
    #[must_use]
    pub fn separator(mut self, separator: impl Into<String>) -> Self {
        self.settings.separator = separator.into();
        self
    }

    /// Answers what the servers ask, of what the configuration declares.
    #[must_use]
    pub fn answers(mut self, answers: impl Answers) -> Self {
        self.settings.client = self.settings.client.answers(answers);
        self
    }

    /// How calls are made.
    #[must_use]
    pub fn calls(mut self, options: CallOptions) -> Self {
        self.settings.options = options;
        self
    }

    /// How servers that fell are tried again.
    #[must_use]
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.settings.backoff = backoff;
        self
    }

    /// Whether calls that lost their connection are made again.
    #[must_use]
    pub fn resend(mut self, resend: Resend) -> Self {
        self.settings.resend = resend;
        self
    }

    /// What the tools were when they were agreed to, and what becomes of those that are not.
    #[must_use]
    pub fn pins(mut self, pins: Pins, on_redefined: OnRedefined) -> Self {
        self.settings.pins = Mutex::new(pins);
        self.settings.on_redefined = on_redefined;
        self
    }

    /// What happens to the servers, from their start on.
    pub fn events(&self) -> HostEvents {
        HostEvents(self.events.subscribe())
    }

    /// Starts to connect to every server and returns at once.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start(self) -> Host {
        let settings = Arc::new(self.settings);
        let mut tasks = JoinSet::new();
        let mut members = BTreeMap::new();
        for (name, connector) in self.servers {
            let member = Arc::new(Member::new(
                name.clone(),
                connector,
                Arc::clone(&settings),
                self.events.clone(),
            ));
            tasks.spawn(Arc::clone(&member).run());
            members.insert(name, member);
        }
        Host {
            members,
            settings,
            events: self.events,
            _tasks: tasks,
        }
    }
}

impl std::fmt::Debug for HostBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HostBuilder")
            .field("servers", &self.servers.keys())
            .finish_non_exhaustive()
    }
}

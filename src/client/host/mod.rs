//! Many servers at once: what an agent's loop needs.

mod builder;
mod connector;
mod events;
mod listening;
mod member;
mod pins;
mod tools;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mcp_core::model::{CallToolResult, Tool};
use serde::Serialize;
use tokio::sync::broadcast;
use tokio::task::JoinSet;

pub use builder::HostBuilder;
pub use connector::{Connecting, Connector};
pub use events::{HostEvent, HostEventKind, HostEvents};
pub use mcp_transport::backoff::Backoff;
pub use pins::{Fingerprint, OnRedefined, Pins};

use super::{CallError, CallOptions, Client, ClientBuilder, ClientConfig, lock};
use member::Member;

/// Several named servers: their connections are kept alive, their tools stand in one list under
/// prefixes, and calls find their way by them.
///
/// ```
/// use toolwright::client::{ClientConfig, Host};
/// use toolwright::prelude::*;
///
/// #[tool]
/// fn add(a: i64, b: i64) -> i64 {
///     a + b
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Server::new("calculator", "1.0.0").tool::<add>().build()?;
/// let host = Host::builder(ClientConfig::new("agent", "1.0.0"))
///     .server("math", server)
///     .start();
///
/// let tools = host.tools().await;
/// assert_eq!(tools[0].name, "math.add");
/// let sum = host.call("math.add", serde_json::json!({ "a": 2, "b": 3 })).await?;
/// assert_eq!(sum.content[0].as_text(), Some("5"));
/// # Ok(())
/// # }
/// ```
///
/// The connections end when it is dropped.
pub struct Host {
    members: BTreeMap<String, Arc<Member>>,
    settings: Arc<Settings>,
    events: broadcast::Sender<HostEvent>,
    _tasks: JoinSet<()>,
}

/// What holds for all servers of a host.
struct Settings {
    client: ClientBuilder,
    /// How long a call waits for a connection.
    patience: Duration,
    options: CallOptions,
    separator: String,
    backoff: Backoff,
    resend: Resend,
    on_redefined: OnRedefined,
    pins: Mutex<Pins>,
}

/// Whether a call is made again when its connection ended before the answer came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Resend {
    /// No: it may have run.
    #[default]
    Never,
    /// If the tool says that it changes nothing, or nothing more when it runs twice. Trusts the
    /// server (TOOL-A-04).
    Idempotent,
    /// Yes.
    Always,
}

/// A tool of one of a host's servers.
#[derive(Debug, Clone, PartialEq)]
pub struct HostTool {
    /// The name to call it by: the server's name, the separator, the tool's own name.
    pub name: String,
    /// The server's name.
    pub server: String,
    /// The tool as its server defines it.
    pub tool: Tool,
}

/// Why a host made no call, or a call had no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// No server has a name that this begins with.
    #[error("`{0}` names no server of this host")]
    UnknownServer(String),
    /// There is no connection to the server.
    #[error("the server `{server}` cannot be reached: {why}")]
    Unavailable {
        /// Its name.
        server: String,
        /// Why.
        why: String,
    },
    /// The tool is not what it was ([`OnRedefined::Refuse`]).
    #[error("the tool `{tool}` of `{server}` is not what was agreed to; accept it first")]
    Redefined {
        /// The server's name.
        server: String,
        /// The tool's name, without prefix.
        tool: String,
    },
    /// The call failed.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl Host {
    /// A host whose connections are made as this configuration says.
    pub fn builder(config: ClientConfig) -> HostBuilder {
        HostBuilder::new(config)
    }

    /// The names of its servers.
    pub fn servers(&self) -> impl Iterator<Item = &str> {
        self.members.keys().map(String::as_str)
    }

    /// The live connection to a server, waited for while it is being made.
    ///
    /// # Errors
    /// [`HostError::UnknownServer`], [`HostError::Unavailable`].
    pub async fn client(&self, server: &str) -> Result<Client, HostError> {
        self.member(server)?.client().await
    }

    /// Waits until every server was tried once.
    pub async fn ready(&self) {
        for member in self.members.values() {
            member.tried().await;
        }
    }

    /// The tools of all servers that are connected once each was tried. A server that does not list
    /// its tools is left out, which the log says.
    pub async fn tools(&self) -> Vec<HostTool> {
        self.ready().await;
        let mut all = Vec::new();
        for (server, member) in &self.members {
            let Some(client) = member.connected() else {
                continue;
            };
            if client.peer().capabilities.tools.is_none() {
                continue;
            }
            match member.tools(&client).await {
                Ok(tools) => all.extend(tools.iter().map(|tool| HostTool {
                    name: format!("{server}{}{}", self.settings.separator, tool.name),
                    server: server.clone(),
                    tool: tool.clone(),
                })),
                Err(error) => tracing::warn!(server, %error, "its tools cannot be listed"),
            }
        }
        all
    }

    /// Calls a tool by its name in [`Host::tools`]. A server that is being restarted is waited for.
    ///
    /// # Errors
    /// [`HostError`].
    pub async fn call(
        &self,
        name: &str,
        arguments: impl Serialize,
    ) -> Result<CallToolResult, HostError> {
        let (member, tool) = self.route(name)?;
        let arguments = serde_json::to_value(arguments)
            .map_err(|error| CallError::Protocol(error.to_string()))?;
        member.call(tool, &arguments).await
    }

    /// Asks a server to tell of changes of a resource, again after every restart. They come as
    /// [`HostEventKind::Said`].
    ///
    /// # Errors
    /// [`HostError`].
    pub async fn watch(&self, server: &str, uri: &str) -> Result<(), HostError> {
        self.member(server)?.watch(uri).await
    }

    /// Agrees to the present definition of a tool that was refused, by its name in
    /// [`Host::tools`].
    ///
    /// # Errors
    /// [`HostError::UnknownServer`].
    pub async fn accept(&self, name: &str) -> Result<(), HostError> {
        let (member, tool) = self.route(name)?;
        member.accept(tool).await;
        Ok(())
    }

    /// The tools as they are agreed to, for [`HostBuilder::pins`] of the next start.
    pub fn pins(&self) -> Pins {
        lock(&self.settings.pins).clone()
    }

    /// What happens to the servers, from now on.
    pub fn events(&self) -> HostEvents {
        HostEvents(self.events.subscribe())
    }

    fn member(&self, server: &str) -> Result<&Arc<Member>, HostError> {
        let unknown = || HostError::UnknownServer(server.to_owned());
        self.members.get(server).ok_or_else(unknown)
    }

    /// The server whose name `name` begins with, the longest such, and what is left.
    fn route<'n>(&self, name: &'n str) -> Result<(&Member, &'n str), HostError> {
        let separator = self.settings.separator.as_str();
        let after = |server: &String| name.strip_prefix(server.as_str())?.strip_prefix(separator);
        let fitting = self
            .members
            .iter()
            .filter_map(|(server, member)| Some((server.len(), member, after(server)?)));
        let longest = fitting.max_by_key(|(length, ..)| *length);
        let found = longest.map(|(_, member, tool)| (&**member, tool));
        found.ok_or_else(|| HostError::UnknownServer(name.to_owned()))
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        for member in self.members.values() {
            member.hang_up();
        }
    }
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host")
            .field("servers", &self.members.keys())
            .finish_non_exhaustive()
    }
}

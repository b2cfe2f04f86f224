//! The client: lists, calls, reads and completes over one connection to a server of any revision.
//!
//! [`Client::spawn`] starts a server as a child process, [`Client::connect`] reaches one over HTTP
//! or in this process, and [`Client::over`] any pair of byte streams. Unless [`ClientConfig::pinned`] says
//! otherwise the server's era is found out: modern first, then the handshake (VER-D-10).
//!
//! [`Client::with`] changes how calls are made, [`Client::events`] hears what the server says
//! unasked, [`Client::listen`] asks it to speak of changes.

mod answers;
#[cfg(all(feature = "auth", feature = "http-client"))]
pub mod auth;
mod builder;
mod cache;
mod calls;
mod discover;
mod events;
mod first;
#[cfg(feature = "http-client")]
mod forgetting;
mod host;
#[cfg(feature = "http-client")]
mod http;
mod listen;
mod options;
#[cfg(feature = "validation")]
mod output;
mod pages;
mod servers;
mod subscribed;
mod target;
#[cfg(feature = "macros")]
mod typed;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mcp_core::Limits;
use mcp_core::engine::Peer;
#[doc(inline)]
pub use mcp_core::engine::{CallError, ClientConfig, Wait};
use mcp_transport::driver::{Answerer, ClientHandle, Listener};
use mcp_transport::memory::{self, MemoryConnection};
#[doc(inline)]
pub use mcp_transport::process::{Captured, Program, SpawnError, Stderr};
use tokio::io::{AsyncRead, AsyncWrite, ReadHalf, WriteHalf};
use tokio::sync::broadcast;

pub use answers::Answers;
pub use builder::ClientBuilder;
pub use events::{Events, ServerEvent};
pub use host::{
    Backoff, Connecting, Connector, Fingerprint, Host, HostBuilder, HostError, HostEvent,
    HostEventKind, HostEvents, HostTool, OnRedefined, Pins, Resend,
};
#[cfg(feature = "http-client")]
pub use http::{
    Authorize, Authorized, BoxError, Challenged, Exchanging, HttpClient, HttpError, HyperClient,
    Judged, KnownServers, ReceivedBody, Verdict, rustls,
};
pub use listen::Subscription;
pub use options::{CachePolicy, CallOptions};
pub use pages::{Listed, Pages};
pub use servers::{ServerEntry, Servers, ServersError, Variables};
pub use target::Target;
#[cfg(feature = "macros")]
#[doc(hidden)]
pub use typed::Arguments;

use crate::server::ServerHandle;
use cache::Cache;
use events::Heard;
use subscribed::Subscribed;

/// Bytes each direction of an in-memory connection holds before its writer waits.
const IN_MEMORY: usize = 64 * 1024;

/// A connection to a server. Cheap to clone; the connection ends when the last clone is dropped.
///
/// ```
/// use toolwright::client::{Client, ClientConfig};
/// use toolwright::prelude::*;
///
/// /// Add two numbers.
/// #[tool]
/// fn add(a: i64, b: i64) -> i64 {
///     a + b
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Server::new("calculator", "1.0.0").tool::<add>().build()?;
/// let client = Client::connect(&server, ClientConfig::new("example", "1.0.0")).await?;
///
/// let result = client.call("add", serde_json::json!({ "a": 2, "b": 40 })).await?;
/// assert_eq!(result.content[0].as_text(), Some("42"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Client {
    connection: ClientHandle,
    shared: Arc<Shared>,
    options: CallOptions,
}

/// What the clones of a client share.
#[derive(Debug)]
struct Shared {
    limits: Limits,
    answerer: Option<Arc<dyn Answerer>>,
    /// The connection holds the only strong one, so that listeners hear of its end.
    heard: broadcast::WeakSender<Heard>,
    cache: Arc<Mutex<Cache>>,
    subscribed: Subscribed,
    #[cfg(feature = "validation")]
    outputs: Mutex<output::Outputs>,
    /// The arguments that travel in headers, where there are headers.
    #[cfg(feature = "http-client")]
    mirrored: Option<Mutex<crate::mirrored::MirroredArguments>>,
}

impl Shared {
    /// Everything of a client but its connection, and what hears of it what the server says.
    fn new(builder: &ClientBuilder) -> (Self, Listener) {
        let limits = builder.config.limits.clone();
        let (heard, _) = broadcast::channel(limits.queue.max(1));
        let cache = Arc::new(Mutex::new(Cache::new(limits.client_cache)));
        let shared = Self {
            limits,
            answerer: builder.answerer.clone(),
            heard: heard.downgrade(),
            cache: Arc::clone(&cache),
            subscribed: Subscribed::default(),
            #[cfg(feature = "validation")]
            outputs: Mutex::default(),
            #[cfg(feature = "http-client")]
            mirrored: None,
        };
        (shared, events::listener(heard, cache))
    }
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The program could not be started; names it (fault 25).
    #[error(transparent)]
    Spawn(#[from] SpawnError),
    /// It was started, and there is no common revision or no usable answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The server is reached over HTTP, at this URL, and this is built without the feature
    /// `http-client`.
    #[error("`{0}` is reached over HTTP, for which there is the feature `http-client`")]
    Unsupported(String),
}

impl Client {
    /// A client that can be told more before it connects: what to answer to servers that ask.
    pub fn builder(config: ClientConfig) -> ClientBuilder {
        ClientBuilder::new(config)
    }

    /// Starts a server as a child process, without a shell, and connects over its standard input
    /// and output. A [`Command`](std::process::Command) will do where a [`Program`] is wanted.
    ///
    /// The child and all it started end when the last clone of the client is dropped: its input is
    /// closed, then it is asked to end, then it is killed (STDIO-A-03).
    ///
    /// # Errors
    /// [`ConnectError`].
    pub async fn spawn(
        program: impl Into<Program>,
        config: ClientConfig,
    ) -> Result<Self, ConnectError> {
        Self::builder(config).spawn(program).await
    }

    /// Connects to a server over HTTP, by its URL (feature `http-client`), or to one in this
    /// process, through the same engines and framing as any other connection.
    ///
    /// # Errors
    /// [`CallError`] when there is no server, no usable answer, or no common revision.
    pub async fn connect(target: impl Target, config: ClientConfig) -> Result<Self, CallError> {
        Self::builder(config).connect(target).await
    }

    /// Serves a connection in a task of its own, and returns its other end.
    fn serve_in_memory(
        server: &ServerHandle,
    ) -> (ReadHalf<MemoryConnection>, WriteHalf<MemoryConnection>) {
        let (near, far) = memory::pair(IN_MEMORY);
        let server = server.clone();
        tokio::spawn(async move {
            let (reader, writer) = tokio::io::split(far);
            if let Err(error) = server.serve(reader, writer).await {
                tracing::warn!(%error, "an in-memory connection failed");
            }
        });
        tokio::io::split(near)
    }

    /// Connects over any pair of byte streams, one JSON message a line (STDIO-A-07).
    ///
    /// # Errors
    /// [`CallError`] when there is no common revision, no usable answer, or no connection.
    pub async fn over<R, W>(reader: R, writer: W, config: ClientConfig) -> Result<Self, CallError>
    where
        R: AsyncRead + Unpin + Send + 'static,
        W: AsyncWrite + Unpin + Send + 'static,
    {
        Self::builder(config).over(reader, writer).await
    }

    fn new(connection: ClientHandle, shared: Shared) -> Self {
        Self {
            connection,
            shared: Arc::new(shared),
            options: CallOptions::default(),
        }
    }

    /// The same connection, used with these options.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use toolwright::client::{CallError, CallOptions, Client};
    /// # async fn report(client: &Client) -> Result<(), CallError> {
    /// let patient = CallOptions::new().timeout(Duration::from_secs(300));
    /// client.with(patient).call("report", serde_json::json!({})).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with(&self, options: CallOptions) -> Self {
        Self {
            options,
            ..self.clone()
        }
    }

    /// What is known of the server. Where a connection began without a word of it, its
    /// capabilities may not be known yet: [`Client::discover`] asks.
    pub fn peer(&self) -> &Peer {
        self.connection.peer()
    }

    /// What the server says unasked, from now on.
    pub fn events(&self) -> Events {
        Events::of(&self.shared.heard)
    }

    /// Waits for the end of the connection, and says why it ended.
    pub async fn closed(&self) -> CallError {
        self.connection.closed().await
    }

    /// Whether the connection has ended.
    pub fn is_closed(&self) -> bool {
        self.connection.is_closed()
    }
}

/// The guarded value; what panicked while it held one left nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

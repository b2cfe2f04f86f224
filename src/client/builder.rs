//! Connecting, with everything that a connection can be told beforehand.

use std::fmt;
use std::sync::Arc;

use mcp_transport::driver::{self, Answerer};
use mcp_transport::process::Program;
use tokio::io::{AsyncRead, AsyncWrite};

use super::answers::Dispatched;
#[cfg(feature = "http-client")]
use super::http::Http;
use super::target::Target;
use super::{Answers, CallError, Client, ClientConfig, ConnectError, Shared};

/// A client that is not connected yet. A clone connects in the same way.
///
/// ```
/// use toolwright::client::{Answers, Client, ClientConfig};
/// use toolwright::prelude::*;
///
/// struct Silent;
///
/// impl Answers for Silent {}
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Server::new("empty", "1.0.0").build()?;
/// let builder = Client::builder(ClientConfig::new("example", "1.0.0")).answers(Silent);
/// let client = builder.connect(&server).await?;
/// assert!(!client.is_closed());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ClientBuilder {
    pub(super) config: ClientConfig,
    pub(super) answerer: Option<Arc<dyn Answerer>>,
    #[cfg(feature = "http-client")]
    pub(super) http: Http,
}

impl ClientBuilder {
    pub(super) fn new(config: ClientConfig) -> Self {
        Self {
            config,
            answerer: None,
            #[cfg(feature = "http-client")]
            http: Http::default(),
        }
    }

    /// Answers what the server asks, of what
    /// [`capabilities`](mcp_core::engine::ClientConfig::capabilities) declares.
    #[must_use]
    pub fn answers(mut self, answers: impl Answers) -> Self {
        self.answerer = Some(Arc::new(Dispatched(Arc::new(answers))));
        self
    }

    /// Starts a server as a child process, as [`Client::spawn`] does.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub async fn spawn(self, program: impl Into<Program>) -> Result<Client, ConnectError> {
        let (output, input) = program.into().start()?;
        Ok(self.over(output, input).await?)
    }

    /// Connects to a server by its URL, or to one in this process, as [`Client::connect`] does.
    ///
    /// # Errors
    /// [`CallError`] when there is no server, no usable answer, or no common revision.
    pub async fn connect(self, target: impl Target) -> Result<Client, CallError> {
        target.connect(self).await
    }

    /// Connects over any pair of byte streams, as [`Client::over`] does.
    ///
    /// # Errors
    /// [`CallError`] when there is no common revision, no usable answer, or no connection.
    pub async fn over<R, W>(self, reader: R, writer: W) -> Result<Client, CallError>
    where
        R: AsyncRead + Unpin + Send + 'static,
        W: AsyncWrite + Unpin + Send + 'static,
    {
        let (shared, listener) = Shared::new(&self);
        let connecting = driver::connect(reader, writer, self.config, listener, self.answerer);
        Ok(Client::new(connecting.await?, shared))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("config", &self.config)
            .field("answers", &self.answerer.is_some())
            .finish()
    }
}

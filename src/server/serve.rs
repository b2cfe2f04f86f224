//! Serving: standard input and output, and any other pair of byte streams.

use std::io;
use std::sync::Arc;

use mcp_core::engine::ServerEngine;
use mcp_transport::driver::{self, HangUp};
use tokio::io::{AsyncRead, AsyncWrite};

use super::dispatch::Dispatcher;
use super::error::Error;
#[cfg(feature = "stdio")]
use super::stop::StopWatch;
use super::watchdog;
use super::{Server, ServerHandle};

impl Server {
    /// Builds the server and serves it over standard input and output until the client closes
    /// its end or the process is told to stop: what a host starts as a child process.
    ///
    /// While it runs, what anything prints goes to standard error.
    ///
    /// # Errors
    /// [`Error::Build`] when the parts do not make a server, [`Error::Io`] when standard input
    /// fails.
    #[cfg(feature = "stdio")]
    pub async fn serve_stdio(self) -> Result<(), Error> {
        self.build()?.serve_stdio().await
    }
}

impl ServerHandle {
    /// Serves over standard input and output; see [`Server::serve_stdio`].
    ///
    /// # Errors
    /// [`Error::Io`] when standard input fails, or is taken already.
    #[cfg(feature = "stdio")]
    pub async fn serve_stdio(&self) -> Result<(), Error> {
        let stdio = mcp_transport::stdio::take()?;
        let _stop = StopWatch::over(self);
        let hang_up = Some(Box::pin(stdio.hang_up) as _);
        Ok(self.drive(stdio.reader, stdio.writer, hang_up).await?)
    }

    /// Serves one connection over any byte streams, one JSON message a line (STDIO-A-07), until
    /// the client closes its end.
    ///
    /// # Errors
    /// [`Error::Io`] when reading fails.
    pub async fn serve<R, W>(&self, reader: R, writer: W) -> Result<(), Error>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        self.drive(reader, writer, None).await?;
        Ok(())
    }

    async fn drive<R, W>(&self, reader: R, writer: W, hang_up: Option<HangUp>) -> io::Result<()>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let limits = self.0.settings.limits.clone();
        let engine = ServerEngine::new(Arc::clone(&self.0.profile), limits.clone());
        let _watched = watchdog::watch(&self.0)
            .inspect_err(|error| tracing::warn!(%error, "handlers that block are not watched"));
        let dispatcher = Arc::new(Dispatcher(Arc::clone(&self.0)));
        driver::serve(reader, writer, dispatcher, engine, limits, hang_up).await
    }
}

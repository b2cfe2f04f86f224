//! Being told to stop while a server runs.

use tokio::task::AbortHandle;

use super::ServerHandle;

/// Shuts a server down when the process is told to stop. Dropped, it watches no more.
#[must_use]
pub(super) struct StopWatch(AbortHandle);

impl StopWatch {
    /// Begins to watch: in a task of its own, so that no call pays for it.
    pub(super) fn over(handle: &ServerHandle) -> Self {
        let handle = handle.clone();
        let watching = tokio::spawn(async move {
            match mcp_transport::signal::terminated().await {
                Ok(()) => handle.shutdown(),
                Err(error) => tracing::warn!(%error, "signals cannot be watched"),
            }
        });
        Self(watching.abort_handle())
    }
}

impl Drop for StopWatch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

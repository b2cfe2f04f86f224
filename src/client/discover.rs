//! Asking a server what it is.

use mcp_core::Era;
use mcp_core::engine::Peer;
use mcp_core::model::DiscoverResult;
use serde_json::json;

use super::{CallError, Client};

impl Client {
    /// What the server says of itself now, by `server/discover` (DISC-M-01). Of a legacy server
    /// it is what the handshake told.
    ///
    /// # Errors
    /// [`CallError`]: the server's own error, or why there was no answer.
    pub async fn discover(&self) -> Result<Peer, CallError> {
        let known = self.peer();
        if known.revision.era() == Era::Legacy {
            return Ok(known.clone());
        }
        let result: DiscoverResult = self.request("server/discover", json!({})).await?;
        let peer = Peer {
            revision: known.revision,
            info: result.server_info(),
            capabilities: result.capabilities,
            instructions: result.instructions,
        };
        self.connection.confirm(peer.clone());
        Ok(peer)
    }

    /// The same connection, after the server said itself that it is there.
    pub(super) async fn confirmed(self) -> Result<Self, CallError> {
        if !self.connection.is_confirmed() {
            self.discover().await?;
        }
        Ok(self)
    }
}

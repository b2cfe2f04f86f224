//! How a host reaches one of its servers, each time anew.

use std::future::Future;
use std::pin::Pin;

use mcp_transport::process::Program;

use crate::client::{Client, ClientBuilder, ConnectError, ServerEntry};
use crate::server::ServerHandle;

/// A connection in the making.
pub type Connecting = Pin<Box<dyn Future<Output = Result<Client, ConnectError>> + Send>>;

/// Makes connections to one server: a [`Program`], an entry of a file, a server of this process,
/// or something of your own.
#[diagnostic::on_unimplemented(
    message = "a host cannot reach a server by `{Self}`",
    note = "use a `Program`, a `ServerEntry` or a `ServerHandle`, or implement `Connector`"
)]
pub trait Connector: Send + Sync + 'static {
    /// Connects by one of the ways of `builder`, which knows the host's configuration and answers.
    fn connect(&self, builder: ClientBuilder) -> Connecting;
}

impl Connector for Program {
    fn connect(&self, builder: ClientBuilder) -> Connecting {
        Box::pin(builder.spawn(self.clone()))
    }
}

impl Connector for ServerEntry {
    fn connect(&self, builder: ClientBuilder) -> Connecting {
        let entry = self.clone();
        Box::pin(async move { entry.connect(builder).await })
    }
}

impl Connector for ServerHandle {
    fn connect(&self, builder: ClientBuilder) -> Connecting {
        let server = self.clone();
        Box::pin(async move { Ok(builder.connect(&server).await?) })
    }
}

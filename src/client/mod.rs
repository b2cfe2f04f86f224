//! The client: lists, calls, reads and completes over one connection to a server of any revision.
//!
//! So far it connects in memory and over any pair of byte streams. Without
//! [`ClientConfig::pinned`] it finds the server's era by itself: modern first, then the handshake
//! (VER-D-10).

mod pages;

use mcp_core::engine::Peer;
#[doc(inline)]
pub use mcp_core::engine::{CallError, ClientConfig};
use mcp_core::model::{
    CallToolResult, CompleteParams, CompleteResult, GetPromptResult, JsonObject, Prompt,
    ReadResourceResult, Resource, ResourceTemplate, ResultType, Tool,
};
use mcp_transport::driver::{self, ClientHandle, Notified};
use mcp_transport::memory;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;

use crate::server::ServerHandle;

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
}

impl Client {
    /// Connects to a server in this process, through the same engines and framing as any other
    /// connection.
    ///
    /// # Errors
    /// [`CallError`] when both have no revision in common.
    pub async fn connect(server: &ServerHandle, config: ClientConfig) -> Result<Self, CallError> {
        let (near, far) = memory::pair(IN_MEMORY);
        let server = server.clone();
        tokio::spawn(async move {
            let (reader, writer) = tokio::io::split(far);
            if let Err(error) = server.serve(reader, writer).await {
                tracing::warn!(%error, "an in-memory connection failed");
            }
        });
        let (reader, writer) = tokio::io::split(near);
        Self::over(reader, writer, config, None).await
    }

    /// Connects over any pair of byte streams, one JSON message a line (STDIO-A-07).
    /// `notified` gets the server's notifications; those that find no room there are dropped.
    ///
    /// # Errors
    /// [`CallError`] when there is no common revision, no usable answer, or no connection.
    pub async fn over<R, W>(
        reader: R,
        writer: W,
        config: ClientConfig,
        notified: Option<mpsc::Sender<Notified>>,
    ) -> Result<Self, CallError>
    where
        R: AsyncRead + Unpin + Send + 'static,
        W: AsyncWrite + Unpin + Send + 'static,
    {
        let connection = driver::connect(reader, writer, config, notified, None).await?;
        Ok(Self { connection })
    }

    /// What the connection told of the server.
    pub fn peer(&self) -> &Peer {
        self.connection.peer()
    }

    /// Every tool of the server, over all pages.
    ///
    /// # Errors
    /// [`CallError`]: the server's own error, or why there was no answer.
    pub async fn tools(&self) -> Result<Vec<Tool>, CallError> {
        self.all_pages("tools/list", "tools").await
    }

    /// Every prompt of the server, over all pages.
    ///
    /// # Errors
    /// [`CallError`]: the server's own error, or why there was no answer.
    pub async fn prompts(&self) -> Result<Vec<Prompt>, CallError> {
        self.all_pages("prompts/list", "prompts").await
    }

    /// Every resource of the server, over all pages.
    ///
    /// # Errors
    /// [`CallError`]: the server's own error, or why there was no answer.
    pub async fn resources(&self) -> Result<Vec<Resource>, CallError> {
        self.all_pages("resources/list", "resources").await
    }

    /// Every resource template of the server, over all pages.
    ///
    /// # Errors
    /// [`CallError`]: the server's own error, or why there was no answer.
    pub async fn resource_templates(&self) -> Result<Vec<ResourceTemplate>, CallError> {
        self.all_pages("resources/templates/list", "resourceTemplates")
            .await
    }

    /// Calls a tool with anything that serialises to an object. A tool's own failure is a result
    /// with `isError`, not an error here (TOOL-A-07).
    ///
    /// # Errors
    /// [`CallError`]: the server's own error, or why there was no answer.
    pub async fn call(
        &self,
        name: &str,
        arguments: impl Serialize,
    ) -> Result<CallToolResult, CallError> {
        let params = json!({ "name": name, "arguments": arguments });
        self.request("tools/call", params).await
    }

    /// Reads a resource.
    ///
    /// # Errors
    /// [`CallError`]: the server's own error, or why there was no answer.
    pub async fn read(&self, uri: &str) -> Result<ReadResourceResult, CallError> {
        self.request("resources/read", json!({ "uri": uri })).await
    }

    /// Gets a prompt with its arguments filled in.
    ///
    /// # Errors
    /// [`CallError`]: the server's own error, or why there was no answer.
    pub async fn prompt(
        &self,
        name: &str,
        arguments: impl Serialize,
    ) -> Result<GetPromptResult, CallError> {
        let params = json!({ "name": name, "arguments": arguments });
        self.request("prompts/get", params).await
    }

    /// Asks how an argument goes on (CMP-A-01).
    ///
    /// # Errors
    /// [`CallError`]: the server's own error, or why there was no answer.
    pub async fn complete(&self, params: CompleteParams) -> Result<CompleteResult, CallError> {
        self.request("completion/complete", json!(params)).await
    }

    /// Sends any request. Dropping the future cancels it.
    ///
    /// # Errors
    /// [`CallError`]: the server's own error, or why there was no answer. A result whose
    /// `resultType` is not one this client knows is no answer (RPC-M-08).
    pub async fn request<T: DeserializeOwned>(
        &self,
        method: &str,
        params: Value,
    ) -> Result<T, CallError> {
        let params = match params {
            Value::Object(params) => params,
            Value::Null => JsonObject::new(),
            _ => return Err(CallError::Protocol("params must be an object".to_owned())),
        };
        let raw = self.connection.request(method, params).await?;
        let invalid = |error: serde_json::Error| CallError::Protocol(error.to_string());
        let result: JsonObject = serde_json::from_str(raw.get()).map_err(invalid)?;
        match result.get("resultType") {
            None => {}
            Some(kind) if *kind == ResultType::COMPLETE.as_str() => {}
            Some(kind) => {
                let why = format!("a result of the type {kind}, which this client does not know");
                return Err(CallError::Protocol(why));
            }
        }
        T::deserialize(Value::Object(result)).map_err(invalid)
    }
}

//! What a client can ask a server.

use std::borrow::Cow;
use std::pin::pin;
use std::sync::Arc;

use mcp_core::Feature;
use mcp_core::jsonrpc::ErrorCode;
use mcp_core::model::{
    CallToolResult, CompleteParams, CompleteResult, ContentBlock, GetPromptResult, JsonObject,
    ReadResourceResult, ResultType,
};
use mcp_transport::driver::Outgoing;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::sync::watch;

#[cfg(feature = "http-client")]
use super::CallOptions;
use super::first::{First, first};
use super::pages::keep_safe;
use super::{CachePolicy, CallError, Client, lock};

impl Client {
    /// Calls a tool with anything that serialises to an object. A tool's own failure is a result
    /// with `isError`, not an error here (TOOL-A-07).
    ///
    /// With the feature `validation` the structured content of a tool that was listed before is
    /// held against its output schema (TOOL-A-06).
    ///
    /// # Errors
    /// [`CallError`]: the server's own error, or why there was no answer.
    pub async fn call(
        &self,
        name: &str,
        arguments: impl Serialize,
    ) -> Result<CallToolResult, CallError> {
        let params = json!({ "name": name, "arguments": arguments });
        let mut result: CallToolResult = self.request("tools/call", params).await?;
        for block in &mut result.content {
            keep_safe_link(block, "tools/call");
        }
        #[cfg(feature = "validation")]
        lock(&self.shared.outputs).check(name, &result)?;
        Ok(result)
    }

    /// Calls a tool for its data: the structured content as `T`, or, when there is none, the text.
    ///
    /// ```
    /// # use toolwright::client::{Client, ClientConfig};
    /// # use toolwright::prelude::*;
    /// #[data]
    /// struct Place { name: String, height: f64 }
    ///
    /// #[tool]
    /// fn highest() -> Json<Place> {
    ///     Json(Place { name: "Galdhøpiggen".to_owned(), height: 2469.0 })
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Server::new("map", "1.0.0").tool::<highest>().build()?;
    /// # let client = Client::connect(&server, ClientConfig::new("test", "1.0.0")).await?;
    /// let place: Place = client.call_as("highest", serde_json::json!({})).await?;
    /// assert_eq!(place.height, 2469.0);
    /// # assert_eq!(place.name, "Galdhøpiggen");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`CallError::Tool`] when the tool failed, [`CallError::Protocol`] when what it says is no
    /// `T`, else as [`Client::call`].
    pub async fn call_as<T: DeserializeOwned>(
        &self,
        name: &str,
        arguments: impl Serialize,
    ) -> Result<T, CallError> {
        let result = self.call(name, arguments).await?;
        let texts = result.content.iter().filter_map(|block| block.as_text());
        let text = texts.collect::<Vec<_>>().join("\n");
        if result.is_error == Some(true) {
            return Err(CallError::Tool(text));
        }
        let read = match result.structured_content {
            Some(data) => from_data(data),
            None => from_text(&text),
        };
        read.map_err(|error| CallError::Protocol(format!("the result of `{name}`: {error}")))
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
        let mut prompt: GetPromptResult = self.request("prompts/get", params).await?;
        for message in &mut prompt.messages {
            keep_safe_link(&mut message.content, "prompts/get");
        }
        Ok(prompt)
    }

    /// Asks how an argument goes on (CMP-A-01).
    ///
    /// # Errors
    /// [`CallError`]: the server's own error, or why there was no answer.
    pub async fn complete(&self, params: CompleteParams) -> Result<CompleteResult, CallError> {
        self.request("completion/complete", json!(params)).await
    }

    /// Sends any request. Dropping the future cancels it. To a modern server that asks first, a
    /// client with [`Answers`](super::Answers) sends it again with them.
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
        let result = self.result(method, params).await?;
        serde_json::from_str(result.get()).map_err(invalid)
    }

    /// The JSON of a complete result, a fresh one when there is one.
    pub(super) async fn result(
        &self,
        method: &str,
        params: JsonObject,
    ) -> Result<Arc<RawValue>, CallError> {
        let slot = match self.peer().revision.has(Feature::Stateless) {
            true => lock(&self.shared.cache).slot(method, &params),
            false => None,
        };
        if let Some(slot) = &slot
            && self.options.cache == CachePolicy::Use
            && let Some(result) = lock(&self.shared.cache).get(slot)
        {
            return Ok(result);
        }
        let paged = params.contains_key("cursor");
        let answer = self.exchange_answering(method, params).await;
        if let Err(CallError::Server(error)) = &answer
            && paged
            && error.code == ErrorCode::INVALID_PARAMS
        {
            lock(&self.shared.cache).forget_list(method);
        }
        let (result, rounds) = answer?;
        let result: Arc<RawValue> = result.into();
        check_complete(&result)?;
        // What was answered for this caller is nobody else's (MRTR-M-12).
        if let Some(slot) = slot.filter(|_| rounds == 0) {
            lock(&self.shared.cache).put(slot, &result);
        }
        Ok(result)
    }

    /// One request and its answer. A call whose headers the server refuses is made again, once,
    /// after the tools were listed anew (HTTP-M-25).
    #[cfg(feature = "http-client")]
    pub(super) async fn exchange(
        &self,
        method: &str,
        params: JsonObject,
    ) -> Result<Box<RawValue>, CallError> {
        if !self.has_headers(method) {
            return self.exchange_once(method, params).await;
        }
        match self.exchange_once(method, params.clone()).await {
            Err(error) if super::http::is_mismatch(&error) => {
                let fresh = CallOptions::new().cache(CachePolicy::Refresh);
                Box::pin(self.with(fresh).tools()).await?;
                self.exchange_once(method, params).await
            }
            answer => answer,
        }
    }

    /// One request and its answer.
    #[cfg(not(feature = "http-client"))]
    pub(super) async fn exchange(
        &self,
        method: &str,
        params: JsonObject,
    ) -> Result<Box<RawValue>, CallError> {
        self.exchange_once(method, params).await
    }

    /// One request and its answer, with progress handed on meanwhile.
    async fn exchange_once(
        &self,
        method: &str,
        params: JsonObject,
    ) -> Result<Box<RawValue>, CallError> {
        let mut outgoing = Outgoing {
            method: method.to_owned(),
            #[cfg(feature = "http-client")]
            mirrored: self.mirrored(method, &params),
            #[cfg(not(feature = "http-client"))]
            mirrored: None,
            params,
            options: self.options.for_request(),
            progress: None,
        };
        let Some(on_progress) = &self.options.progress else {
            return self.connection.request(outgoing).await;
        };
        let (sender, mut progress) = watch::channel(None);
        outgoing.progress = Some(sender);
        let mut answer = pin!(self.connection.request(outgoing));
        loop {
            match first(progress.changed(), answer.as_mut()).await {
                First::One(Ok(())) => {
                    let latest = progress.borrow_and_update().clone();
                    if let Some(latest) = &latest {
                        on_progress(latest);
                    }
                }
                // The request is over; so is its progress.
                First::One(Err(_)) => return answer.await,
                First::Other(answer) => return answer,
            }
        }
    }
}

/// Refuses a result that is none yet, or of a kind nobody agreed on (RPC-M-08, fault 43).
fn check_complete(result: &RawValue) -> Result<(), CallError> {
    #[derive(Deserialize)]
    struct Head<'r> {
        #[serde(borrow, rename = "resultType")]
        result_type: Option<Cow<'r, str>>,
    }
    let head: Head<'_> = serde_json::from_str(result.get()).map_err(invalid)?;
    match head.result_type {
        Some(kind) if kind != ResultType::COMPLETE.as_str() => Err(CallError::Protocol(format!(
            "a result of the type {kind:?}, which this client does not know"
        ))),
        _ => Ok(()),
    }
}

/// Takes away the icons of a resource that content links to and that no client may load.
fn keep_safe_link(block: &mut ContentBlock, method: &str) {
    if let ContentBlock::ResourceLink(resource) = block {
        keep_safe(&mut resource.icons, method);
    }
}

fn from_data<T: DeserializeOwned>(data: Value) -> serde_json::Result<T> {
    let error = match T::deserialize(&data) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    // Where structured content had to be an object, servers wrap other values in one.
    let inner = data.as_object().filter(|object| object.len() == 1);
    match inner.and_then(|object| object.get("result")) {
        Some(inner) => T::deserialize(inner).map_err(|_| error),
        None => Err(error),
    }
}

/// A text is a text first, and JSON when that is not what is wanted.
fn from_text<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    T::deserialize(Value::from(text)).or_else(|_| match text {
        "" => serde_json::from_str("null"),
        text => serde_json::from_str(text),
    })
}

pub(super) fn invalid(error: serde_json::Error) -> CallError {
    CallError::Protocol(error.to_string())
}

//! What the server says unasked.

use std::sync::{Arc, Mutex};

use mcp_core::jsonrpc::RequestId;
use mcp_core::model::legacy::LoggingMessageParams;
use mcp_core::model::{ElicitCompleteParams, MetaParams, ResourceUpdatedParams};
use mcp_transport::driver::{Listener, Notified};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::sync::broadcast::{self, error::RecvError, error::TryRecvError};

use super::cache::Cache;
use super::lock;

/// A notification of the server.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ServerEvent {
    /// The list of tools is another one.
    ToolsChanged,
    /// The list of prompts is another one.
    PromptsChanged,
    /// The list of resources or of their templates is another one.
    ResourcesChanged,
    /// The resource at this URI has other contents (SUB-M-04).
    ResourceUpdated(String),
    /// What the user does at the URL of this elicitation is done: a call that waited for it can be
    /// sent again (ELI-L-06). 2025-11-25 only; who does not know the name ignores it.
    ElicitationComplete(String),
    /// A log message (LOG-A-01).
    Log(Box<LoggingMessageParams>),
    /// A notification that this client makes nothing of.
    Other {
        /// Its method.
        method: String,
        /// Its parameters; `null` when there are none.
        params: Value,
    },
    /// So many events were dropped because they were not taken in time
    /// ([`Limits::queue`](crate::Limits::queue)).
    Missed(u64),
}

/// An event and the subscription it belongs to: there may be several at once (SUB-M-03, SUB-M-06).
#[derive(Debug, Clone)]
pub(super) struct Heard {
    pub(super) event: ServerEvent,
    pub(super) subscription: Option<RequestId>,
}

/// The events of a connection, in their order. The queue is bounded; who is slow misses the
/// oldest.
#[derive(Debug)]
pub struct Events(Option<broadcast::Receiver<Heard>>);

impl Events {
    pub(super) fn of(heard: &broadcast::WeakSender<Heard>) -> Self {
        Self(heard.upgrade().map(|sender| sender.subscribe()))
    }

    /// The next event, or `None` when the connection has ended.
    pub async fn next(&mut self) -> Option<ServerEvent> {
        Some(self.hear().await?.event)
    }

    /// The next event, if there is one already.
    pub fn try_next(&mut self) -> Option<ServerEvent> {
        Some(self.try_hear()?.event)
    }

    pub(super) async fn hear(&mut self) -> Option<Heard> {
        match self.0.as_mut()?.recv().await {
            Ok(heard) => Some(heard),
            Err(RecvError::Lagged(count)) => Some(missed(count)),
            Err(RecvError::Closed) => None,
        }
    }

    pub(super) fn try_hear(&mut self) -> Option<Heard> {
        match self.0.as_mut()?.try_recv() {
            Ok(heard) => Some(heard),
            Err(TryRecvError::Lagged(count)) => Some(missed(count)),
            Err(TryRecvError::Empty | TryRecvError::Closed) => None,
        }
    }
}

fn missed(count: u64) -> Heard {
    Heard {
        event: ServerEvent::Missed(count),
        subscription: None,
    }
}

/// What the connection does with a notification: results it makes stale are forgotten before
/// anybody hears of it, so that who asks again then gets the new ones.
pub(super) fn listener(heard: broadcast::Sender<Heard>, cache: Arc<Mutex<Cache>>) -> Listener {
    Box::new(move |notified| {
        let event = read(notified);
        lock(&cache).invalidate(&event.event);
        // Nobody need listen.
        let _ = heard.send(event);
    })
}

fn read((method, params): Notified) -> Heard {
    let params = params.as_deref();
    let event = match &*method {
        "notifications/tools/list_changed" => ServerEvent::ToolsChanged,
        "notifications/prompts/list_changed" => ServerEvent::PromptsChanged,
        "notifications/resources/list_changed" => ServerEvent::ResourcesChanged,
        "notifications/resources/updated" => match of::<ResourceUpdatedParams>(params) {
            Some(updated) => ServerEvent::ResourceUpdated(updated.uri),
            None => other(method, params),
        },
        ElicitCompleteParams::METHOD => match of::<ElicitCompleteParams>(params) {
            Some(complete) => ServerEvent::ElicitationComplete(complete.elicitation_id),
            None => other(method, params),
        },
        "notifications/message" => match of::<LoggingMessageParams>(params) {
            Some(message) => ServerEvent::Log(Box::new(message)),
            None => other(method, params),
        },
        _ => other(method, params),
    };
    let meta = of::<MetaParams>(params).and_then(|params| params.meta);
    Heard {
        event,
        subscription: meta.and_then(|meta| Some(meta.subscription_id()?.0)),
    }
}

fn other(method: String, params: Option<&RawValue>) -> ServerEvent {
    let params = of(params).unwrap_or_default();
    ServerEvent::Other { method, params }
}

fn of<T: DeserializeOwned>(params: Option<&RawValue>) -> Option<T> {
    serde_json::from_str(params?.get()).ok()
}

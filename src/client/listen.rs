//! Subscriptions: the server is asked to tell of changes, in the way of its era.

use mcp_core::Era;
use mcp_core::engine::{Peer, Wait};
use mcp_core::jsonrpc::RequestId;
use mcp_core::model::{ListenFilter, SubscriptionsAcknowledgedParams};
use mcp_transport::driver::{InFlight, Outgoing};
use serde::Deserialize as _;
use serde_json::json;
use tokio::time::timeout;

use super::events::Heard;
use super::first::{First, first};
use super::subscribed::Resources;
use super::{CallError, Client, Events, ServerEvent};

/// The first message of a subscription (SUB-M-02).
const ACKNOWLEDGED: &str = "notifications/subscriptions/acknowledged";

/// What the server was asked to tell of. It is told to stop when this is dropped.
#[derive(Debug)]
pub struct Subscription {
    acknowledged: ListenFilter,
    events: Events,
    way: Way,
}

#[derive(Debug)]
enum Way {
    /// A request that is answered when the subscription ends (SUB-M-08).
    Request { request: InFlight, ended: bool },
    /// Lists are announced unasked, and single resources on demand (SUB-L-10).
    Legacy(Resources),
}

impl Client {
    /// Asks the server to tell of changes: by `subscriptions/listen` where there is one, and by
    /// `resources/subscribe` before (SUB-L-10). Returns when it has agreed.
    ///
    /// # Errors
    /// [`CallError`]: the server's own error, or why there was no answer.
    pub async fn listen(&self, filter: ListenFilter) -> Result<Subscription, CallError> {
        match self.peer().revision.era() {
            Era::Modern => self.listen_modern(filter).await,
            Era::Legacy => self.listen_legacy(filter).await,
        }
    }

    /// Asks to hear when the resource at `uri` changes.
    ///
    /// # Errors
    /// As [`Client::listen`].
    pub async fn subscribe(&self, uri: &str) -> Result<Subscription, CallError> {
        self.listen(ListenFilter {
            resource_subscriptions: Some(vec![uri.to_owned()]),
            ..ListenFilter::default()
        })
        .await
    }

    async fn listen_modern(&self, filter: ListenFilter) -> Result<Subscription, CallError> {
        let mut events = self.events();
        let mut outgoing = Outgoing {
            method: "subscriptions/listen".to_owned(),
            ..Outgoing::default()
        };
        outgoing.options.wait = Wait::Forever;
        outgoing
            .params
            .insert("notifications".to_owned(), json!(filter));
        let mut request = self.connection.begin(outgoing).await?;
        let patience = self.shared.limits.request_timeout;
        let agreed = timeout(patience, acknowledgement(&mut events, &mut request)).await;
        let acknowledged = agreed.map_err(|_| CallError::Timeout(patience))??;
        Ok(Subscription {
            acknowledged,
            events,
            way: Way::Request {
                request,
                ended: false,
            },
        })
    }

    async fn listen_legacy(&self, filter: ListenFilter) -> Result<Subscription, CallError> {
        let events = self.events();
        let (mut acknowledged, wanted) = announced(self.peer(), filter);
        let mut resources = Resources::new(self.clone());
        for uri in wanted {
            resources.add(uri).await?;
        }
        acknowledged.resource_subscriptions =
            (!resources.uris().is_empty()).then(|| resources.uris().to_vec());
        Ok(Subscription {
            acknowledged,
            events,
            way: Way::Legacy(resources),
        })
    }
}

impl Subscription {
    /// What the server agreed to tell of: what was asked for, or less (SUB-M-02).
    pub fn acknowledged(&self) -> &ListenFilter {
        &self.acknowledged
    }

    /// The next change, or `None` when the subscription or the connection has ended.
    /// [`ServerEvent::Missed`] says that there were changes nobody took in time.
    pub async fn next(&mut self) -> Option<ServerEvent> {
        loop {
            let heard = match &mut self.way {
                Way::Legacy(_) => self.events.hear().await?,
                // What came before the end is still told.
                Way::Request { ended: true, .. } => self.events.try_hear()?,
                Way::Request { request, ended } => match first(self.events.hear(), request).await {
                    First::One(heard) => heard?,
                    First::Other(_) => {
                        *ended = true;
                        continue;
                    }
                },
            };
            if self.is_mine(&heard) {
                return Some(heard.event);
            }
        }
    }

    fn is_mine(&self, heard: &Heard) -> bool {
        if matches!(heard.event, ServerEvent::Missed(_)) {
            return true;
        }
        match &self.way {
            Way::Request { request, .. } => heard.subscription.as_ref() == Some(request.id()),
            Way::Legacy(resources) => match &heard.event {
                ServerEvent::ToolsChanged => self.acknowledged.tools_list_changed == Some(true),
                ServerEvent::PromptsChanged => self.acknowledged.prompts_list_changed == Some(true),
                ServerEvent::ResourcesChanged => {
                    self.acknowledged.resources_list_changed == Some(true)
                }
                ServerEvent::ResourceUpdated(uri) => resources.include(uri),
                _ => false,
            },
        }
    }
}

/// Waits until the server has agreed. What else it says meanwhile belongs to others.
async fn acknowledgement(
    events: &mut Events,
    request: &mut InFlight,
) -> Result<ListenFilter, CallError> {
    loop {
        match first(events.hear(), &mut *request).await {
            First::One(Some(heard)) => {
                if let Some(filter) = agreed(heard, request.id()) {
                    return Ok(filter);
                }
            }
            First::One(None) => return Err(CallError::Closed),
            First::Other(Err(error)) => return Err(error),
            First::Other(Ok(_)) => {
                let why = "the subscription ended before it began".to_owned();
                return Err(CallError::Protocol(why));
            }
        }
    }
}

fn agreed(heard: Heard, id: &RequestId) -> Option<ListenFilter> {
    match heard.event {
        ServerEvent::Other { method, params }
            if method == ACKNOWLEDGED && heard.subscription.as_ref() == Some(id) =>
        {
            let params = SubscriptionsAcknowledgedParams::deserialize(params).ok()?;
            Some(params.notifications)
        }
        _ => None,
    }
}

/// What a legacy server announces of `filter`, and the resources to subscribe to.
fn announced(peer: &Peer, filter: ListenFilter) -> (ListenFilter, Vec<String>) {
    let capabilities = &peer.capabilities;
    let both = |wanted: Option<bool>, offered: Option<bool>| {
        (wanted == Some(true) && offered == Some(true)).then_some(true)
    };
    let tools = capabilities.tools.as_ref();
    let prompts = capabilities.prompts.as_ref();
    let resources = capabilities.resources.as_ref();
    let wanted = filter.resource_subscriptions.unwrap_or_default();
    let acknowledged = ListenFilter {
        tools_list_changed: both(
            filter.tools_list_changed,
            tools.and_then(|t| t.list_changed),
        ),
        prompts_list_changed: both(
            filter.prompts_list_changed,
            prompts.and_then(|p| p.list_changed),
        ),
        resources_list_changed: both(
            filter.resources_list_changed,
            resources.and_then(|r| r.list_changed),
        ),
        ..ListenFilter::default()
    };
    let subscribable = resources.and_then(|r| r.subscribe) == Some(true);
    (acknowledged, if subscribable { wanted } else { Vec::new() })
}

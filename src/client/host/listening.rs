//! The subscriptions of a host's connection, made anew when the server ends them.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

use mcp_core::engine::Peer;
use mcp_core::model::ListenFilter;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::member::Member;
use super::{HostError, HostEventKind};
use crate::client::{CallError, Client, Subscription, lock};

impl Member {
    /// Asks for all that the server announces and for the watched resources (SUB-M-09).
    pub(super) async fn listen(self: &Arc<Self>, client: &Client) {
        let uris: Vec<String> = lock(&self.watched).iter().cloned().collect();
        let Some(filter) = announced(client.peer(), uris) else {
            return;
        };
        match client.listen(filter.clone()).await {
            Ok(subscription) => self.keep(client, filter, subscription),
            Err(error) => {
                tracing::debug!(server = self.name, %error, "it does not tell of changes");
            }
        }
    }

    /// Watches a resource, now and after every restart.
    pub(super) async fn watch(self: &Arc<Self>, uri: &str) -> Result<(), HostError> {
        let client = self.client().await?;
        let filter = ListenFilter {
            resource_subscriptions: Some(vec![uri.to_owned()]),
            ..ListenFilter::default()
        };
        let subscription = client.listen(filter.clone()).await?;
        lock(&self.watched).insert(uri.to_owned());
        self.keep(&client, filter, subscription);
        Ok(())
    }

    pub(super) fn stop_listening(&self) {
        *lock(&self.listening) = JoinSet::new();
    }

    fn keep(self: &Arc<Self>, client: &Client, filter: ListenFilter, subscription: Subscription) {
        let kept = keep(Arc::downgrade(self), client.clone(), filter, subscription);
        lock(&self.listening).spawn(kept);
    }

    /// A subscription like one that the server has ended, after a while; `None` when the server
    /// does not agree to one again, or the connection has ended (SUB-M-08, SUB-M-09).
    async fn listen_again(
        &self,
        client: &Client,
        filter: &ListenFilter,
        attempt: &mut u32,
    ) -> Option<Subscription> {
        loop {
            *attempt += 1;
            sleep(self.settings.backoff.delay(*attempt)?).await;
            match client.listen(filter.clone()).await {
                Ok(subscription) => {
                    // What changed meanwhile was not told.
                    self.stale.store(true, Ordering::SeqCst);
                    self.tell(HostEventKind::ListeningAgain);
                    return Some(subscription);
                }
                Err(CallError::Closed) => return None,
                Err(error) => tracing::debug!(server = self.name, %error, "it does not listen"),
            }
        }
    }
}

/// Hears a subscription out, and the ones after it.
async fn keep(
    member: Weak<Member>,
    client: Client,
    filter: ListenFilter,
    mut subscription: Subscription,
) {
    let mut attempt = 0;
    loop {
        let since = Instant::now();
        // Whoever listens to the host hears the changes as events of the connection.
        while subscription.next().await.is_some() {}
        let Some(member) = member.upgrade().filter(|_| !client.is_closed()) else {
            return;
        };
        if member.settings.backoff.is_good(since.elapsed()) {
            attempt = 0;
        }
        match member.listen_again(&client, &filter, &mut attempt).await {
            Some(next) => subscription = next,
            None => return,
        }
    }
}

/// What the server says it announces, or `None` when that is nothing.
fn announced(peer: &Peer, uris: Vec<String>) -> Option<ListenFilter> {
    let capabilities = &peer.capabilities;
    let tools = capabilities.tools.as_ref().and_then(|t| t.list_changed);
    let prompts = capabilities.prompts.as_ref().and_then(|p| p.list_changed);
    let resources = capabilities.resources.as_ref();
    let filter = ListenFilter {
        tools_list_changed: tools.filter(|changes| *changes),
        prompts_list_changed: prompts.filter(|changes| *changes),
        resources_list_changed: resources
            .and_then(|r| r.list_changed)
            .filter(|changes| *changes),
        resource_subscriptions: (!uris.is_empty()).then_some(uris),
        ..ListenFilter::default()
    };
    (filter != ListenFilter::default()).then_some(filter)
}

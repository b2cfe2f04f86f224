//! Subscriptions: `subscriptions/listen` of the modern era, and what legacy connections are told
//! without asking twice (SUB-D-11).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::engine::exchange::ExchangeId;
use crate::engine::signals::{Changes, Signals};
use crate::jsonrpc::{ErrorObject, RequestId};
use crate::model::{ListenFilter, Meta, ServerCapabilities};

/// One open `subscriptions/listen`.
#[derive(Debug)]
pub(super) struct Subscription {
    pub(super) exchange: ExchangeId,
    filter: Filter,
}

#[derive(Debug, Default)]
struct Filter {
    tools: bool,
    prompts: bool,
    resources: bool,
    uris: BTreeSet<String>,
}

/// The subscriptions of one connection.
#[derive(Debug)]
pub(super) struct Subscriptions {
    /// Modern ones, by the id of the listen request (SUB-M-03).
    listening: BTreeMap<RequestId, Subscription>,
    /// URIs of legacy `resources/subscribe` (SUB-L-10).
    legacy_uris: BTreeSet<String>,
    /// URIs of both kinds; one that is subscribed to twice counts twice.
    uris: usize,
    /// Where changes come in: it is told which resources matter.
    signals: Arc<Signals>,
}

impl Subscriptions {
    pub(super) fn new(signals: Arc<Signals>) -> Self {
        Self {
            listening: BTreeMap::new(),
            legacy_uris: BTreeSet::new(),
            uris: 0,
            signals,
        }
    }

    /// Subscribes the legacy side of the connection to `uri` (SUB-L-10).
    pub(super) fn subscribe(&mut self, uri: String, max_uris: usize) -> Result<(), ErrorObject> {
        if self.legacy_uris.contains(&uri) {
            return Ok(());
        }
        self.reserve(1, max_uris)?;
        self.signals.watch(&uri);
        self.legacy_uris.insert(uri);
        Ok(())
    }

    pub(super) fn unsubscribe(&mut self, uri: &str) {
        if self.legacy_uris.remove(uri) {
            self.uris -= 1;
            self.signals.unwatch(uri);
        }
    }

    /// Counts `more` URIs, unless the peer has too many already (fault 58).
    fn reserve(&mut self, more: usize, max_uris: usize) -> Result<(), ErrorObject> {
        let uris = self.uris.saturating_add(more);
        if uris > max_uris {
            return Err(ErrorObject::invalid_params(format!(
                "Invalid params: {uris} resource subscriptions on this connection (limit \
                 `subscriptions` = {max_uris})"
            )));
        }
        self.uris = uris;
        Ok(())
    }

    pub(super) fn contains(&self, id: &RequestId) -> bool {
        !self.listening.is_empty() && self.listening.contains_key(id)
    }

    pub(super) fn len(&self) -> usize {
        self.listening.len()
    }

    /// Opens a subscription and returns the filter that is honoured (SUB-M-02).
    pub(super) fn open(
        &mut self,
        id: RequestId,
        exchange: ExchangeId,
        asked: &ListenFilter,
        capabilities: &ServerCapabilities,
        max_uris: usize,
    ) -> Result<ListenFilter, ErrorObject> {
        let honoured = honoured(asked, capabilities);
        let filter = Filter {
            tools: honoured.tools_list_changed == Some(true),
            prompts: honoured.prompts_list_changed == Some(true),
            resources: honoured.resources_list_changed == Some(true),
            uris: honoured
                .resource_subscriptions
                .iter()
                .flatten()
                .cloned()
                .collect(),
        };
        self.reserve(filter.uris.len(), max_uris)?;
        filter.uris.iter().for_each(|uri| self.signals.watch(uri));
        self.listening.insert(id, Subscription { exchange, filter });
        Ok(honoured)
    }

    pub(super) fn close(&mut self, id: &RequestId) -> Option<Subscription> {
        let subscription = self.listening.remove(id)?;
        self.release(&subscription);
        Some(subscription)
    }

    /// Closes every modern subscription, in the order of their ids.
    pub(super) fn close_all(&mut self) -> BTreeMap<RequestId, Subscription> {
        let closed = std::mem::take(&mut self.listening);
        closed.values().for_each(|closed| self.release(closed));
        closed
    }

    /// Forgets everything: the connection is gone.
    pub(super) fn clear(&mut self) {
        self.close_all();
        for uri in std::mem::take(&mut self.legacy_uris) {
            self.uris -= 1;
            self.signals.unwatch(&uri);
        }
    }

    fn release(&mut self, subscription: &Subscription) {
        let uris = &subscription.filter.uris;
        self.uris -= uris.len();
        uris.iter().for_each(|uri| self.signals.unwatch(uri));
    }

    /// The notifications that `changes` mean for modern subscriptions: exchange, method, params.
    pub(super) fn modern(&self, changes: &Changes) -> Vec<(ExchangeId, &'static str, Value)> {
        let mut messages = Vec::new();
        for (id, subscription) in &self.listening {
            let filter = &subscription.filter;
            let meta = json!({ Meta::SUBSCRIPTION_ID: id });
            let lists = [
                (changes.tools && filter.tools, TOOLS),
                (changes.prompts && filter.prompts, PROMPTS),
                (changes.resources && filter.resources, RESOURCES),
            ];
            for (_, method) in lists.into_iter().filter(|(wanted, _)| *wanted) {
                messages.push((subscription.exchange, method, json!({ "_meta": meta })));
            }
            for uri in changes.updated.intersection(&filter.uris) {
                let params = json!({ "_meta": meta, "uri": uri });
                messages.push((subscription.exchange, UPDATED, params));
            }
        }
        messages
    }

    /// The notifications that `changes` mean for a legacy connection.
    pub(super) fn legacy(
        &self,
        changes: &Changes,
        capabilities: &ServerCapabilities,
    ) -> Vec<(&'static str, Option<Value>)> {
        let (tools, prompts, resources) = list_changed(capabilities);
        let mut messages = Vec::new();
        let lists = [
            (changes.tools && tools, TOOLS),
            (changes.prompts && prompts, PROMPTS),
            (changes.resources && resources, RESOURCES),
        ];
        for (_, method) in lists.into_iter().filter(|(wanted, _)| *wanted) {
            messages.push((method, None));
        }
        for uri in changes.updated.intersection(&self.legacy_uris) {
            messages.push((UPDATED, Some(json!({ "uri": uri }))));
        }
        messages
    }
}

const TOOLS: &str = "notifications/tools/list_changed";
const PROMPTS: &str = "notifications/prompts/list_changed";
const RESOURCES: &str = "notifications/resources/list_changed";
const UPDATED: &str = "notifications/resources/updated";

/// The part of `asked` that a server with these capabilities can honour: the rest is left out
/// (SUB-M-02).
fn honoured(asked: &ListenFilter, capabilities: &ServerCapabilities) -> ListenFilter {
    let (tools, prompts, resources) = list_changed(capabilities);
    let keep = |asked: Option<bool>, offered: bool| asked.filter(|asked| *asked && offered);
    let subscribe = capabilities
        .resources
        .as_ref()
        .is_some_and(|resources| resources.subscribe == Some(true));
    let mut filter = ListenFilter::default();
    filter.tools_list_changed = keep(asked.tools_list_changed, tools);
    filter.prompts_list_changed = keep(asked.prompts_list_changed, prompts);
    filter.resources_list_changed = keep(asked.resources_list_changed, resources);
    filter.resource_subscriptions = asked
        .resource_subscriptions
        .clone()
        .filter(|uris| subscribe && !uris.is_empty());
    filter
}

/// Which lists announce their changes: tools, prompts, resources.
fn list_changed(capabilities: &ServerCapabilities) -> (bool, bool, bool) {
    let tools = capabilities.tools.as_ref().and_then(|c| c.list_changed);
    let prompts = capabilities.prompts.as_ref().and_then(|c| c.list_changed);
    let resources = capabilities.resources.as_ref().and_then(|c| c.list_changed);
    (
        tools == Some(true),
        prompts == Some(true),
        resources == Some(true),
    )
}

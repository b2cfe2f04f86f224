//! Subscriptions: `subscriptions/listen` of the modern era, and what legacy connections are told
//! without asking twice (SUB-D-11).

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};

use crate::engine::exchange::ExchangeId;
use crate::engine::signals::Changes;
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
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    /// Modern ones, by the id of the listen request (SUB-M-03).
    listening: HashMap<RequestId, Subscription>,
    /// URIs of legacy `resources/subscribe` (SUB-L-10).
    pub(super) legacy_uris: BTreeSet<String>,
}

impl Subscriptions {
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
        let uris = asked.resource_subscriptions.as_deref().unwrap_or_default();
        if uris.len() > max_uris {
            return Err(ErrorObject::invalid_params(format!(
                "Invalid params: {} resource subscriptions (limit `subscriptions` = {max_uris})",
                uris.len()
            )));
        }
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
        self.listening.insert(id, Subscription { exchange, filter });
        Ok(honoured)
    }

    pub(super) fn close(&mut self, id: &RequestId) -> Option<Subscription> {
        if self.listening.is_empty() {
            return None;
        }
        self.listening.remove(id)
    }

    pub(super) fn close_all(&mut self) -> Vec<(RequestId, Subscription)> {
        self.listening.drain().collect()
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

//! One `subscriptions/listen`: what is honoured of it, and the messages it is made of (§7).
//!
//! Connections keep their subscriptions in an engine; an HTTP exchange is one, a
//! [`Subscription`] of its own.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use super::change::Changes;
use super::reply::ResultEncoder;
use super::signals::Signals;
use crate::jsonrpc::{ErrorObject, RequestId, encode};
use crate::model::{
    EmptyResult, ListenFilter, Meta, ServerCapabilities, SubscriptionsAcknowledgedParams,
};
use crate::{Limits, Revision};

const TOOLS: &str = "notifications/tools/list_changed";
const PROMPTS: &str = "notifications/prompts/list_changed";
const RESOURCES: &str = "notifications/resources/list_changed";
pub(super) const UPDATED: &str = "notifications/resources/updated";

/// A subscription that is all there is on its stream.
#[derive(Debug)]
pub struct Subscription {
    id: RequestId,
    honoured: ListenFilter,
    filter: Filter,
    signals: Arc<Signals>,
}

impl Subscription {
    /// Opens a subscription with a mailbox of its own.
    ///
    /// # Errors
    /// -32602 when it names more resources than [`Limits::subscriptions`] (fault 58).
    pub(super) fn open(
        id: RequestId,
        asked: &ListenFilter,
        capabilities: &ServerCapabilities,
        limits: &Limits,
    ) -> Result<Self, ErrorObject> {
        let (honoured, filter) = Filter::honoured(asked, capabilities);
        check_room(filter.uris.len(), limits.subscriptions)?;
        let signals = Arc::new(Signals::default());
        filter.watch(&signals);
        Ok(Self {
            id,
            honoured,
            filter,
            signals,
        })
    }

    /// Where changes of the server come in.
    pub fn signals(&self) -> &Arc<Signals> {
        &self.signals
    }

    /// Appends the acknowledgement, which comes before everything else (SUB-M-02).
    pub fn acknowledge(&self, buffer: &mut Vec<u8>) {
        acknowledge(buffer, &self.id, self.honoured.clone());
    }

    /// Encodes a notification for each change that was asked for, and hands them over one by one.
    pub fn announce(&self, changes: &Changes, mut each: impl FnMut(&[u8])) {
        let mut buffer = Vec::new();
        self.filter.announce(&self.id, changes, |method, params| {
            buffer.clear();
            encode::notification(&mut buffer, method, Some(&params));
            each(&buffer);
        });
    }

    /// Appends the result, with which a server ends a subscription (SUB-M-08).
    pub fn end(&self, buffer: &mut Vec<u8>, encoder: &ResultEncoder) {
        end(buffer, &self.id, encoder);
    }
}

/// What of a listen request is honoured.
#[derive(Debug, Default)]
pub(super) struct Filter {
    tools: bool,
    prompts: bool,
    resources: bool,
    uris: BTreeSet<String>,
}

impl Filter {
    /// The part of `asked` that a server with these capabilities can honour, as the
    /// acknowledgement says it and as a filter: the rest is left out (SUB-M-02).
    pub(super) fn honoured(
        asked: &ListenFilter,
        capabilities: &ServerCapabilities,
    ) -> (ListenFilter, Self) {
        let (tools, prompts, resources) = list_changed(capabilities);
        let keep = |asked: Option<bool>, offered: bool| asked.filter(|asked| *asked && offered);
        let subscribe = capabilities
            .resources
            .as_ref()
            .is_some_and(|resources| resources.subscribe == Some(true));
        let asked_uris = asked.resource_subscriptions.clone();
        let honoured = ListenFilter {
            tools_list_changed: keep(asked.tools_list_changed, tools),
            prompts_list_changed: keep(asked.prompts_list_changed, prompts),
            resources_list_changed: keep(asked.resources_list_changed, resources),
            resource_subscriptions: asked_uris.filter(|uris| subscribe && !uris.is_empty()),
            ..ListenFilter::default()
        };
        let uris = honoured.resource_subscriptions.iter().flatten().cloned();
        let filter = Self {
            tools: honoured.tools_list_changed.is_some(),
            prompts: honoured.prompts_list_changed.is_some(),
            resources: honoured.resources_list_changed.is_some(),
            uris: uris.collect(),
        };
        (honoured, filter)
    }

    pub(super) fn uris(&self) -> &BTreeSet<String> {
        &self.uris
    }

    /// Lets the changes of its resources into `signals`.
    pub(super) fn watch(&self, signals: &Signals) {
        self.uris.iter().for_each(|uri| signals.watch(uri));
    }

    pub(super) fn unwatch(&self, signals: &Signals) {
        self.uris.iter().for_each(|uri| signals.unwatch(uri));
    }

    /// The notifications that `changes` mean, each tagged with the subscription (SUB-M-03,
    /// META-M-08). There is nothing else that could be sent on it (SUB-M-05).
    pub(super) fn announce(
        &self,
        id: &RequestId,
        changes: &Changes,
        mut each: impl FnMut(&'static str, Value),
    ) {
        let meta = json!({ Meta::SUBSCRIPTION_ID: id });
        let wanted = (self.tools, self.prompts, self.resources);
        for method in lists(changes, wanted) {
            each(method, json!({ "_meta": meta }));
        }
        for uri in changes.updated.intersection(&self.uris) {
            each(UPDATED, json!({ "_meta": meta, "uri": uri }));
        }
    }
}

/// Appends the acknowledgement of the subscription `id` (SUB-M-02).
pub(super) fn acknowledge(buffer: &mut Vec<u8>, id: &RequestId, honoured: ListenFilter) {
    let mut meta = Meta::new();
    meta.insert(Meta::SUBSCRIPTION_ID, json!(id));
    let params = SubscriptionsAcknowledgedParams {
        notifications: honoured,
        meta: Some(meta),
        ..SubscriptionsAcknowledgedParams::default()
    };
    let method = "notifications/subscriptions/acknowledged";
    encode::notification(buffer, method, Some(&params));
}

/// Appends the response to the listen request `id` (SUB-M-08).
pub(super) fn end(buffer: &mut Vec<u8>, id: &RequestId, encoder: &ResultEncoder) {
    let mut meta = Meta::new();
    meta.insert(Meta::SUBSCRIPTION_ID, json!(id));
    let result = EmptyResult {
        meta: Some(meta),
        ..EmptyResult::default()
    };
    encode::begin_response(buffer, id);
    encoder.encode(buffer, Revision::NEWEST_MODERN, result);
    buffer.push(b'}');
}

/// Refuses more resource subscriptions than one peer may have (fault 58).
pub(super) fn check_room(uris: usize, max_uris: usize) -> Result<(), ErrorObject> {
    if uris <= max_uris {
        return Ok(());
    }
    Err(ErrorObject::invalid_params(format!(
        "Invalid params: {uris} resource subscriptions on this connection (limit \
         `subscriptions` = {max_uris})"
    )))
}

/// The lists that changed and whose changes the server declared to announce.
pub(super) fn announced_lists(
    changes: &Changes,
    capabilities: &ServerCapabilities,
) -> impl Iterator<Item = &'static str> {
    lists(changes, list_changed(capabilities))
}

/// The notifications for the lists that changed and that are `wanted`: tools, prompts, resources.
fn lists(changes: &Changes, wanted: (bool, bool, bool)) -> impl Iterator<Item = &'static str> {
    let lists = [
        (changes.tools && wanted.0, TOOLS),
        (changes.prompts && wanted.1, PROMPTS),
        (changes.resources && wanted.2, RESOURCES),
    ];
    let wanted = lists.into_iter().filter(|(wanted, _)| *wanted);
    wanted.map(|(_, method)| method)
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

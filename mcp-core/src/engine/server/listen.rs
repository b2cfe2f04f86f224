//! Subscriptions: `subscriptions/listen` of the modern era, and what legacy connections are told
//! without asking twice (SUB-D-11).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::engine::change::Changes;
use crate::engine::exchange::ExchangeId;
use crate::engine::signals::Signals;
use crate::engine::subscription::{self, Filter};
use crate::jsonrpc::{ErrorObject, RequestId};
use crate::model::{ListenFilter, ServerCapabilities};

/// One open `subscriptions/listen`.
#[derive(Debug)]
pub(super) struct Subscription {
    pub(super) exchange: ExchangeId,
    filter: Filter,
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
        subscription::check_room(uris, max_uris)?;
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
        let (honoured, filter) = Filter::honoured(asked, capabilities);
        self.reserve(filter.uris().len(), max_uris)?;
        filter.watch(&self.signals);
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
        for uri in self.legacy_uris.clone() {
            self.unsubscribe(&uri);
        }
    }

    fn release(&mut self, subscription: &Subscription) {
        self.uris -= subscription.filter.uris().len();
        subscription.filter.unwatch(&self.signals);
    }

    /// The notifications that `changes` mean for modern subscriptions: exchange, method, params.
    pub(super) fn modern(&self, changes: &Changes) -> Vec<(ExchangeId, &'static str, Value)> {
        let mut messages = Vec::new();
        for (id, subscription) in &self.listening {
            subscription.filter.announce(id, changes, |method, params| {
                messages.push((subscription.exchange, method, params));
            });
        }
        messages
    }

    /// The notifications that `changes` mean for a legacy connection.
    pub(super) fn legacy(
        &self,
        changes: &Changes,
        capabilities: &ServerCapabilities,
    ) -> Vec<(&'static str, Option<Value>)> {
        let mut messages = Vec::new();
        for method in subscription::announced_lists(changes, capabilities) {
            messages.push((method, None));
        }
        for uri in changes.updated.intersection(&self.legacy_uris) {
            messages.push((subscription::UPDATED, Some(json!({ "uri": uri }))));
        }
        messages
    }
}

//! Results that the server called fresh, kept until they are not (CCH-M-01 to CCH-M-04).
//!
//! Every connection has a cache of its own, and forgets it with its credentials, so a `private`
//! result cannot reach another authorization context (CCH-M-03).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use mcp_core::model::JsonObject;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::ServerEvent;

/// The longest that a server is believed.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The results of one connection.
#[derive(Debug)]
pub(super) struct Cache {
    entries: HashMap<Key, Entry>,
    bytes: usize,
    most: usize,
    /// Grows with every change the server tells of.
    generation: u64,
}

/// Method and parameters: a result answers nothing else (CCH-M-03).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    method: String,
    params: String,
}

#[derive(Debug)]
struct Entry {
    result: Arc<RawValue>,
    stale: Instant,
    /// The resource that was read.
    uri: Option<String>,
}

/// Where a result that is asked for now will belong.
#[derive(Debug)]
pub(super) struct Slot {
    key: Key,
    uri: Option<String>,
    generation: u64,
}

impl Cache {
    pub(super) fn new(most: usize) -> Self {
        Self {
            entries: HashMap::new(),
            bytes: 0,
            most,
            generation: 0,
        }
    }

    /// The place of a result, if it is one that may be kept: not one obtained by a retry with
    /// answers (MRTR-M-12).
    pub(super) fn slot(&self, method: &str, params: &JsonObject) -> Option<Slot> {
        let kept = matches!(
            method,
            "tools/list"
                | "prompts/list"
                | "resources/list"
                | "resources/templates/list"
                | "resources/read"
        );
        let retry = ["inputResponses", "requestState", "_meta"];
        if !kept || retry.iter().any(|member| params.contains_key(*member)) {
            return None;
        }
        Some(Slot {
            key: Key {
                method: method.to_owned(),
                params: serde_json::to_string(params).ok()?,
            },
            uri: params
                .get("uri")
                .and_then(|uri| uri.as_str().map(Into::into)),
            generation: self.generation,
        })
    }

    /// A result that is still fresh.
    pub(super) fn get(&mut self, slot: &Slot) -> Option<Arc<RawValue>> {
        let entry = self.entries.get(&slot.key)?;
        if Instant::now() < entry.stale {
            return Some(Arc::clone(&entry.result));
        }
        self.remove(&slot.key.clone());
        None
    }

    /// Keeps a result for as long as it says. One that a change overtook is not kept.
    pub(super) fn put(&mut self, slot: Slot, result: &Arc<RawValue>) {
        self.remove(&slot.key);
        let size = result.get().len();
        let Some(ttl) = ttl(result.get()) else {
            return;
        };
        if slot.generation != self.generation || size > self.most {
            return;
        }
        while self.bytes + size > self.most {
            self.evict();
        }
        self.bytes += size;
        let entry = Entry {
            result: Arc::clone(result),
            stale: Instant::now() + ttl,
            uri: slot.uri,
        };
        self.entries.insert(slot.key, entry);
    }

    /// Forgets what a change makes stale, at once (CCH-M-02).
    pub(super) fn invalidate(&mut self, event: &ServerEvent) {
        let stale = |key: &Key, entry: &Entry| match event {
            ServerEvent::ToolsChanged => key.method == "tools/list",
            ServerEvent::PromptsChanged => key.method == "prompts/list",
            ServerEvent::ResourcesChanged => key.method.starts_with("resources/"),
            // The notification may name what lies below the resource that was read.
            ServerEvent::ResourceUpdated(uri) => {
                entry.uri.as_ref().is_some_and(|read| uri.starts_with(read))
            }
            _ => false,
        };
        self.generation += 1;
        self.remove_where(stale);
    }

    /// Forgets every page of a list whose cursor died (CCH-M-04).
    pub(super) fn forget_list(&mut self, method: &str) {
        self.generation += 1;
        self.remove_where(|key, _| key.method == method);
    }

    /// Forgets everything (CCH-M-03).
    #[cfg(feature = "http-client")]
    pub(super) fn forget(&mut self) {
        self.generation += 1;
        self.remove_where(|_, _| true);
    }

    fn remove_where(&mut self, stale: impl Fn(&Key, &Entry) -> bool) {
        let bytes = &mut self.bytes;
        self.entries.retain(|key, entry| {
            let stale = stale(key, entry);
            if stale {
                *bytes -= entry.result.get().len();
            }
            !stale
        });
    }

    fn remove(&mut self, key: &Key) {
        if let Some(entry) = self.entries.remove(key) {
            self.bytes -= entry.result.get().len();
        }
    }

    /// Makes room by what would be stale first.
    fn evict(&mut self) {
        let first = self.entries.iter().min_by_key(|(_, entry)| entry.stale);
        match first.map(|(key, _)| key.clone()) {
            Some(key) => self.remove(&key),
            None => self.bytes = 0,
        }
    }
}

/// How long a result stays fresh, if at all: `ttlMs` that is absent, zero, negative or no number
/// means not at all.
fn ttl(result: &str) -> Option<Duration> {
    #[derive(Deserialize)]
    struct Hint {
        #[serde(rename = "ttlMs")]
        ttl: Option<serde_json::Value>,
    }
    let hint: Hint = serde_json::from_str(result).ok()?;
    let ttl = hint.ttl?.as_u64().filter(|ttl| *ttl > 0)?;
    Some(Duration::from_millis(ttl).min(LONGEST))
}

//! Entries of one kind: by key for calls, in order for lists.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use serde::Serialize;

use mcp_core::engine::{Principal, Scopes};
use mcp_core::model::Lower;

/// Something a server lists and answers for.
pub(super) trait Entry {
    /// What lists show of it.
    type Item: Clone + Lower + Serialize;

    /// What calls name it by.
    fn key(&self) -> &str;

    /// What lists show of it.
    fn item(&self) -> &Self::Item;

    /// What a caller must have been granted to use it.
    fn scopes(&self) -> &Scopes;
}

/// Entries by key, in the order they were registered, which is the order they are listed in
/// (TOOL-A-01).
#[derive(Debug)]
pub(super) struct Table<E> {
    entries: Vec<Arc<E>>,
    index: HashMap<Box<str>, usize, BuildHasherDefault<NameHasher>>,
}

impl<E> Default for Table<E> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            index: HashMap::default(),
        }
    }
}

impl<E> Clone for Table<E> {
    fn clone(&self) -> Self {
        Self {
            entries: self.entries.clone(),
            index: self.index.clone(),
        }
    }
}

impl<E: Entry> Table<E> {
    /// Adds an entry.
    ///
    /// # Errors
    /// The entry, when there is one of that key already.
    pub(super) fn insert(&mut self, entry: E) -> Result<(), E> {
        if self.index.contains_key(entry.key()) {
            return Err(entry);
        }
        self.index.insert(entry.key().into(), self.entries.len());
        self.entries.push(Arc::new(entry));
        Ok(())
    }

    /// Removes an entry, and says whether it was there.
    pub(super) fn remove(&mut self, key: &str) -> bool {
        let Some(at) = self.index.remove(key) else {
            return false;
        };
        self.entries.remove(at);
        for position in self.index.values_mut().filter(|position| **position > at) {
            *position -= 1;
        }
        true
    }

    pub(super) fn get(&self, key: &str) -> Option<&Arc<E>> {
        self.entries.get(*self.index.get(key)?)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<E>> {
        self.entries.iter()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries that `viewer` may use, or all of them.
    pub(super) fn shown(&self, viewer: Option<&Principal>) -> impl Iterator<Item = &Arc<E>> {
        let may = move |entry: &&Arc<E>| viewer.is_none_or(|viewer| viewer.may(entry.scopes()));
        self.entries.iter().filter(may)
    }

    /// What lists show to `viewer` of the entries from `start` on, at most `count`.
    pub(super) fn page(
        &self,
        viewer: Option<&Principal>,
        start: usize,
        count: usize,
    ) -> Vec<E::Item> {
        let page = self.shown(viewer).skip(start).take(count);
        page.map(|entry| entry.item().clone()).collect()
    }
}

/// FNV-1a. The keys in the table are the server's own, so a client that looks for others cannot
/// make them collide; and a name is a few bytes, where a stronger hash costs more than the call.
#[derive(Debug)]
struct NameHasher(u64);

impl Default for NameHasher {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

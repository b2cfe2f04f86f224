//! How a change in one process reaches the clients of all: the seam for replicas.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use mcp_core::engine::Change;

use super::core::Core;

/// Carries changes to every process that serves the same server, so that the listeners of all
/// replicas hear of them (SUB-M-02, SUB-L-10).
///
/// What crosses it is small: [`Change::kind`] and [`Change::uri`]. A change that is lost is a
/// notification that clients miss, and one that comes twice is told once or twice; neither does
/// harm. [`MemoryBus`] serves one process.
pub trait Bus: Send + Sync + 'static {
    /// Tells every [`Listener`] of a change, those of this process included. Called wherever
    /// something changed, handlers included, so it must not wait: what has to be sent elsewhere is
    /// queued.
    fn publish(&self, change: &Change);

    /// Adds a listener, for as long as it [is there](Listener::is_gone). Called once, when the
    /// server is built.
    fn subscribe(&self, listener: Listener);
}

/// A server that tells its clients what it hears on a [`Bus`]. It does not keep the server alive.
#[derive(Clone)]
pub struct Listener(Weak<Core>);

impl Listener {
    pub(super) fn new(core: &Arc<Core>) -> Self {
        Self(Arc::downgrade(core))
    }

    /// Tells the clients that asked for it.
    pub fn hear(&self, change: &Change) {
        if let Some(core) = self.0.upgrade() {
            core.announce(change);
        }
    }

    /// Whether the server was dropped, so that there is nobody to tell.
    pub fn is_gone(&self) -> bool {
        self.0.strong_count() == 0
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut listener = f.debug_struct("Listener");
        listener.field("is_gone", &self.is_gone()).finish()
    }
}

/// The bus of one process. Cheap to clone; every clone is the same bus.
#[derive(Debug, Clone, Default)]
pub struct MemoryBus(Arc<Mutex<Vec<Listener>>>);

impl MemoryBus {
    fn listeners(&self) -> MutexGuard<'_, Vec<Listener>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bus for MemoryBus {
    fn publish(&self, change: &Change) {
        // Not under the lock: whoever hears of it may publish in turn.
        let listeners = self.listeners().clone();
        listeners.iter().for_each(|listener| listener.hear(change));
    }

    fn subscribe(&self, listener: Listener) {
        let mut listeners = self.listeners();
        listeners.retain(|listener| !listener.is_gone());
        listeners.push(listener);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Server;

    #[test]
    fn a_server_that_was_dropped_leaves_nothing_on_the_bus() {
        let bus = MemoryBus::default();
        let build = || Server::new("one", "1.0.0").bus(bus.clone()).build();
        let kept = build().expect("a server");
        for _ in 0..3 {
            drop(build().expect("a server"));
        }
        let last = build().expect("a server");
        assert_eq!(bus.listeners().len(), 2);
        kept.tools_changed();
        drop((kept, last));
        bus.publish(&Change::Tools);
        assert!(bus.listeners().iter().all(Listener::is_gone));
    }
}

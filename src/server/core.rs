//! What all connections of a server share.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use mcp_core::Limits;
use mcp_core::engine::{Change, ServerProfile, Signals};

use super::bus::Bus;
use super::error::BuildError;
use super::layer::LayerStack;
use super::registry::Registry;
use super::scopes::ScopedLists;
use super::watchdog::Subject;
use crate::ask::Journals;
#[cfg(feature = "validation")]
use crate::handler::validation;
use crate::handler::{ArgumentOptions, SchemaOptions, StateMap, StateNeed, ToolEntry};

/// What a server decides once, for all its connections.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) limits: Limits,
    pub(super) arguments: ArgumentOptions,
    pub(super) schemas: SchemaOptions,
    /// Entries of one page of a list.
    pub(super) page_size: usize,
    /// How long clients may keep a list, in milliseconds (CCH-M-01).
    pub(super) list_ttl_ms: i64,
    /// How long clients may keep what they read, in milliseconds (CCH-M-01).
    pub(super) read_ttl_ms: i64,
    /// What lists show to a caller who may not call everything.
    pub(super) scoped_lists: ScopedLists,
    /// How the journals of calls that ask are kept.
    pub(super) journals: Journals,
}

impl Settings {
    /// The tool with every keyword of its schema enforced, where that is compiled in.
    #[cfg(feature = "validation")]
    pub(super) fn enforce_schema(&self, tool: ToolEntry) -> Result<ToolEntry, BuildError> {
        let name = tool.definition.name.clone();
        validation::enforce(tool, self.arguments.unknown)
            .map_err(|why| BuildError::bad_schema(&name, &why))
    }

    /// The tool: its types are all that is enforced.
    #[cfg(not(feature = "validation"))]
    #[expect(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "as with the feature"
    )]
    pub(super) fn enforce_schema(&self, tool: ToolEntry) -> Result<ToolEntry, BuildError> {
        Ok(tool)
    }
}

/// The mailbox of each connection, by its address.
pub(super) type Connections = HashMap<usize, Arc<Signals>>;

/// A server that was built. Nothing of it changes, but for the registry, which is replaced as a
/// whole.
pub(super) struct Core {
    pub(super) profile: Arc<ServerProfile>,
    pub(super) settings: Settings,
    pub(super) state: StateMap,
    pub(super) layers: LayerStack,
    pub(super) bus: Arc<dyn Bus>,
    pub(super) registry: RwLock<Arc<Registry>>,
    pub(super) connections: Mutex<Connections>,
}

impl Core {
    /// The registry as it is now. A call that reads it is not disturbed by later changes.
    pub(super) fn registry(&self) -> Arc<Registry> {
        let registry = self.registry.read();
        Arc::clone(&registry.unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the registry by what `change` makes of a copy, and tells whoever listens.
    pub(super) fn change<E>(
        &self,
        announce: Change,
        change: impl FnOnce(&mut Registry) -> Result<(), E>,
    ) -> Result<(), E> {
        {
            let mut registry = self
                .registry
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            let mut next = registry.to_changed();
            change(&mut next)?;
            *registry = Arc::new(next);
        }
        self.bus.publish(&announce);
        Ok(())
    }

    /// Tells every connection of a change that came over the bus.
    pub(super) fn announce(&self, change: &Change) {
        self.each_connection(|signals| signals.change(change.clone()));
    }

    /// Asks every connection to end gracefully.
    pub(super) fn shutdown(&self) {
        self.each_connection(Signals::shutdown);
    }

    /// Remembers a connection until it is [over](Self::disconnected).
    pub(super) fn connected(&self, signals: &Arc<Signals>) {
        let mut connections = self.connections();
        connections.insert(address(signals), Arc::clone(signals));
    }

    /// Forgets a connection, and gives back most of the room that many of them took.
    pub(super) fn disconnected(&self, signals: &Arc<Signals>) {
        let mut connections = self.connections();
        connections.remove(&address(signals));
        if connections.len() < connections.capacity() / 8 {
            let rest = 2 * connections.len();
            connections.shrink_to(rest);
        }
    }

    /// What handlers need and the server lacks.
    pub(super) fn unmet_needs(&self) -> Vec<BuildError> {
        let registry = self.registry();
        let needs = registry.needs();
        needs
            .filter_map(|(name, needs)| self.check_needs(name, needs).err())
            .collect()
    }

    /// What the running thing is called in the log, if it is one of this server.
    pub(super) fn name_of(self: &Arc<Self>, subject: Subject) -> Option<String> {
        if subject == Subject::of(self) {
            return Some("a layer".to_owned());
        }
        let registry = self.registry();
        let found = registry.subjects().find(|(_, at)| *at == subject);
        found.map(|(name, _)| name.to_owned())
    }

    /// Checks what one handler needs.
    pub(super) fn check_needs(&self, name: &str, needs: &[StateNeed]) -> Result<(), BuildError> {
        let unmet = needs.iter().filter(|need| !self.state.meets(need));
        BuildError::all(
            unmet
                .map(|need| BuildError::missing_state(name, need))
                .collect(),
        )
    }

    fn each_connection(&self, tell: impl Fn(&Signals)) {
        let alive: Vec<_> = self.connections().values().cloned().collect();
        alive.iter().for_each(|signals| tell(signals));
    }

    fn connections(&self) -> MutexGuard<'_, Connections> {
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// What tells one mailbox from all others for as long as it is held.
fn address(signals: &Arc<Signals>) -> usize {
    Arc::as_ptr(signals).addr()
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core")
            .field("info", self.profile.info())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, split};

    use crate::Server;

    #[tokio::test]
    async fn a_connection_that_ended_is_forgotten_and_so_is_the_room_of_many() {
        let handle = Server::new("x", "1").build().expect("a server");
        let serve = |ends: Vec<_>| {
            let mut serving = tokio::task::JoinSet::new();
            for end in ends {
                let (handle, (reader, writer)) = (handle.clone(), split(end));
                serving.spawn(async move { handle.serve(reader, writer).await });
            }
            serving
        };
        let (mut clients, ends): (Vec<_>, _) =
            (0..100).map(|_| mcp_transport::memory::pair(64)).unzip();
        let mut serving = serve(ends);
        let ping = b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n";
        for client in &mut clients {
            client.write_all(ping).await.expect("room for it");
            client.read_u8().await.expect("the beginning of an answer");
        }
        assert_eq!(handle.0.connections().len(), 100);
        for client in &mut clients {
            client.shutdown().await.expect("an end");
        }
        while let Some(served) = serving.join_next().await {
            served.expect("no panic").expect("an end");
        }
        let connections = handle.0.connections();
        assert!(connections.is_empty() && connections.capacity() < 10);
    }
}

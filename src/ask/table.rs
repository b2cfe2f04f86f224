//! States that stay in this process; the client holds a ticket.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};

use mcp_core::Limits;

use super::journal::random;

/// A bounded table: the oldest states go first.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// Its keys are secret, so that nobody can make two bindings collide.
    hasher: RandomState,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    states: HashMap<String, State>,
    order: VecDeque<String>,
    bytes: usize,
}

#[derive(Debug)]
struct State {
    plain: Vec<u8>,
    bound: [u64; 2],
}

impl Table {
    /// Holds a state within `limits`, and returns its ticket.
    pub(super) fn keep(&self, plain: Vec<u8>, binding: &[u8], limits: &Limits) -> String {
        let (most, most_bytes) = (limits.held_journals, limits.held_journal_bytes);
        let ticket = format!("{:032x}", random());
        let bound = self.bound(binding);
        let mut held = self.held();
        held.bytes += plain.len();
        held.order.push_back(ticket.clone());
        held.states.insert(ticket.clone(), State { plain, bound });
        while held.order.len() > most || held.bytes > most_bytes {
            let oldest = held.order.pop_front();
            if let Some(state) = oldest.and_then(|oldest| held.states.remove(&oldest)) {
                held.bytes -= state.plain.len();
            }
        }
        ticket
    }

    /// The state of a ticket, if it is of this request. It stays: a retry may be lost.
    pub(super) fn open(&self, ticket: &str, binding: &[u8]) -> Option<Vec<u8>> {
        let bound = self.bound(binding);
        let held = self.held();
        let state = held.states.get(ticket)?;
        (state.bound == bound).then(|| state.plain.clone())
    }

    fn bound(&self, binding: &[u8]) -> [u64; 2] {
        [0_u8, 1].map(|half| self.hasher.hash_one((half, binding)))
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_opens_its_own_request_as_often_as_it_comes() {
        let table = Table::default();
        let ticket = table.keep(b"state".to_vec(), b"request", &Limits::default());
        for _ in 0..2 {
            assert_eq!(
                table.open(&ticket, b"request").as_deref(),
                Some(&b"state"[..])
            );
        }
        assert_eq!(table.open(&ticket, b"another"), None);
        assert_eq!(table.open("nonsense", b"request"), None);
    }

    #[test]
    fn the_oldest_states_make_room() {
        let limits = Limits {
            held_journals: 10,
            held_journal_bytes: 1000,
            ..Limits::default()
        };
        let table = Table::default();
        let first = table.keep(vec![0; 500], b"", &limits);
        let second = table.keep(vec![0; 500], b"", &limits);
        table.keep(vec![0; 1], b"", &limits);
        assert_eq!(table.open(&first, b""), None);
        assert!(table.open(&second, b"").is_some());
        for _ in 0..limits.held_journals {
            table.keep(Vec::new(), b"", &limits);
        }
        let held = table.held();
        assert_eq!(
            (held.states.len(), held.order.len(), held.bytes),
            (limits.held_journals, limits.held_journals, 0)
        );
    }
}

//! The table of requests that are not answered yet.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use super::call::{Address, ParkedCall, Ticket};
use crate::engine::exchange::{Exchange, ExchangeId};
use crate::jsonrpc::RequestId;

/// One request without an answer.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) address: Address,
    pub(super) exchange: Arc<Exchange>,
    pub(super) stage: Stage,
}

/// Where a request in flight stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Its handler runs.
    Running,
    /// It waits for its turn.
    Parked,
}

/// Requests by id, and by the time they must be answered.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    entries: HashMap<RequestId, Entry>,
    running: usize,
    parked: VecDeque<ParkedCall>,
    parked_bytes: usize,
    /// Every request gets the same time, so arrival order is deadline order. Entries of answered
    /// requests are dropped when they reach the front.
    deadlines: VecDeque<(Instant, Ticket)>,
    /// Cancelled handlers that may still end by themselves.
    fading: VecDeque<(Instant, ExchangeId)>,
}

impl InFlight {
    pub(super) fn contains(&self, id: &RequestId) -> bool {
        !self.entries.is_empty() && self.entries.contains_key(id)
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn running(&self) -> usize {
        self.running
    }

    pub(super) fn insert(&mut self, ticket: Ticket, deadline: Instant, entry: Entry) {
        if entry.stage == Stage::Running {
            self.running += 1;
        }
        self.deadlines.push_back((deadline, ticket.clone()));
        self.entries.insert(ticket.id, entry);
    }

    pub(super) fn park(&mut self, call: ParkedCall) {
        self.parked_bytes += call.len();
        self.parked.push_back(call);
    }

    /// The parked call whose turn it is. It leaves the table until it runs or is answered.
    pub(super) fn unpark(&mut self) -> Option<ParkedCall> {
        let call = self.parked.pop_front()?;
        self.parked_bytes -= call.len();
        self.entries.remove(call.id());
        Some(call)
    }

    pub(super) fn parked_bytes(&self) -> usize {
        self.parked_bytes
    }

    pub(super) fn parked(&self) -> usize {
        self.parked.len()
    }

    /// Takes the request of `ticket`, unless it was answered or cancelled meanwhile.
    pub(super) fn take(&mut self, ticket: &Ticket) -> Option<Entry> {
        let entry = self.entries.get(&ticket.id)?;
        if entry.address.exchange != ticket.exchange {
            return None;
        }
        self.take_by_id(&ticket.id)
    }

    pub(super) fn take_by_id(&mut self, id: &RequestId) -> Option<Entry> {
        let entry = self.entries.remove(id)?;
        match entry.stage {
            Stage::Running => self.running -= 1,
            Stage::Parked => {
                let exchange = entry.address.exchange;
                let at = self
                    .parked
                    .iter()
                    .position(|call| call.exchange_id() == exchange);
                if let Some(call) = at.and_then(|at| self.parked.remove(at)) {
                    self.parked_bytes -= call.len();
                }
            }
        }
        Some(entry)
    }

    pub(super) fn take_all(&mut self) -> Vec<Entry> {
        let ids: Vec<RequestId> = self.entries.keys().cloned().collect();
        ids.iter().filter_map(|id| self.take_by_id(id)).collect()
    }

    /// Takes a request whose time is over.
    pub(super) fn take_expired(&mut self, now: Instant) -> Option<Entry> {
        while self.next_deadline()? <= now {
            let (_, ticket) = self.deadlines.pop_front()?;
            if let Some(entry) = self.take(&ticket) {
                return Some(entry);
            }
        }
        None
    }

    /// Lets a cancelled handler go on until `until`.
    pub(super) fn fade(&mut self, exchange: ExchangeId, until: Instant) {
        self.fading.push_back((until, exchange));
    }

    /// A cancelled handler whose grace is over.
    pub(super) fn take_faded(&mut self, now: Instant) -> Option<ExchangeId> {
        let (until, _) = self.fading.front()?;
        if *until > now {
            return None;
        }
        self.fading.pop_front().map(|(_, exchange)| exchange)
    }

    /// When the table next needs the time.
    pub(super) fn poll_timeout(&mut self) -> Option<Instant> {
        let faded = self.fading.front().map(|(until, _)| *until);
        match (self.next_deadline(), faded) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    fn next_deadline(&mut self) -> Option<Instant> {
        while let Some((deadline, ticket)) = self.deadlines.front() {
            let entry = self.entries.get(&ticket.id);
            if entry.is_some_and(|entry| entry.address.exchange == ticket.exchange) {
                return Some(*deadline);
            }
            self.deadlines.pop_front();
        }
        None
    }

    /// Whether nothing is in flight and nothing is left behind.
    pub(super) fn is_at_rest(&mut self) -> bool {
        self.next_deadline().is_none()
            && self.entries.is_empty()
            && self.parked.is_empty()
            && self.running == 0
    }
}

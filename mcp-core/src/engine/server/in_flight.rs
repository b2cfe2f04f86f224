//! The table of requests that are not answered yet.

use std::collections::{BTreeMap, VecDeque};
use std::ops::{Deref, DerefMut};
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
    /// When this stage must be over; `None` when that is further away than time goes.
    pub(super) deadline: Option<Instant>,
}

/// Where a request in flight stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Its handler runs.
    Running,
    /// It waits for its turn.
    Parked,
}

/// The table of a connection. It takes no room before the first request that is not answered at
/// once: of many sessions, most are idle.
#[derive(Debug, Default)]
pub(super) struct InFlight(Option<Box<Table>>);

impl InFlight {
    /// When the table next needs the time.
    pub(super) fn poll_timeout(&mut self) -> Option<Instant> {
        self.0.as_mut()?.poll_timeout()
    }

    /// The next handler to stop.
    pub(super) fn poll_abort(&mut self) -> Option<ExchangeId> {
        self.0.as_mut()?.aborts.pop_front()
    }
}

impl Deref for InFlight {
    type Target = Table;

    fn deref(&self) -> &Table {
        const NOTHING: &Table = &Table::NEW;
        self.0.as_deref().unwrap_or(NOTHING)
    }
}

impl DerefMut for InFlight {
    fn deref_mut(&mut self) -> &mut Table {
        self.0.get_or_insert_with(|| Box::new(Table::NEW))
    }
}

/// Requests by exchange, by id, and by the time they must be answered.
#[derive(Debug)]
pub(super) struct Table {
    entries: BTreeMap<ExchangeId, Entry>,
    /// The request that has an id: the last one, where several may.
    ids: BTreeMap<RequestId, ExchangeId>,
    running: usize,
    parked: VecDeque<ParkedCall>,
    parked_bytes: usize,
    /// Every stage gets the same time, so order of entry is deadline order. What is out of date
    /// is dropped when it reaches the front, or when it is the larger part.
    deadlines: VecDeque<(Instant, Ticket)>,
    /// Cancelled handlers that may still end by themselves, and until when.
    fading: VecDeque<(Option<Instant>, ExchangeId)>,
    /// Handlers to stop.
    aborts: VecDeque<ExchangeId>,
}

impl Table {
    const NEW: Self = Self {
        entries: BTreeMap::new(),
        ids: BTreeMap::new(),
        running: 0,
        parked: VecDeque::new(),
        parked_bytes: 0,
        deadlines: VecDeque::new(),
        fading: VecDeque::new(),
        aborts: VecDeque::new(),
    };

    pub(super) fn contains(&self, id: &RequestId) -> bool {
        !self.ids.is_empty() && self.ids.contains_key(id)
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Handlers that run, cancelled ones included.
    pub(super) fn running(&self) -> usize {
        self.running + self.fading.len()
    }

    pub(super) fn insert(&mut self, ticket: Ticket, entry: Entry) {
        if entry.stage == Stage::Running {
            self.running += 1;
        }
        if let Some(deadline) = entry.deadline {
            self.compact();
            self.deadlines.push_back((deadline, ticket.clone()));
        }
        self.ids.insert(ticket.id, ticket.exchange);
        self.entries.insert(ticket.exchange, entry);
    }

    /// Drops deadlines of answered requests before they outnumber the others: one request that
    /// runs for long must not keep the deadlines of all that came after it.
    fn compact(&mut self) {
        const FEW: usize = 64;
        if self.deadlines.len() >= FEW + 2 * self.entries.len() {
            let entries = &self.entries;
            self.deadlines
                .retain(|(deadline, ticket)| is_due(entries, *deadline, ticket));
        }
    }

    pub(super) fn park(&mut self, call: ParkedCall) {
        self.parked_bytes += call.len();
        self.parked.push_back(call);
    }

    /// The parked call whose turn it is. It leaves the table until it runs or is answered.
    pub(super) fn unpark(&mut self) -> Option<ParkedCall> {
        let call = self.parked.pop_front()?;
        self.parked_bytes -= call.len();
        self.forget(call.exchange_id());
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
        self.take_exchange(ticket.exchange)
    }

    pub(super) fn take_by_id(&mut self, id: &RequestId) -> Option<Entry> {
        self.take_exchange(*self.ids.get(id)?)
    }

    /// Whether the request of `ticket` is still to be answered.
    pub(super) fn holds(&self, ticket: &Ticket) -> bool {
        self.entries.contains_key(&ticket.exchange)
    }

    fn forget(&mut self, exchange: ExchangeId) -> Option<Entry> {
        let entry = self.entries.remove(&exchange)?;
        if self.ids.get(&entry.address.id) == Some(&exchange) {
            self.ids.remove(&entry.address.id);
        }
        Some(entry)
    }

    fn take_exchange(&mut self, exchange: ExchangeId) -> Option<Entry> {
        let entry = self.forget(exchange)?;
        match entry.stage {
            Stage::Running => self.running -= 1,
            Stage::Parked => {
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
        let exchanges: Vec<ExchangeId> = self.entries.keys().copied().collect();
        let taken = exchanges.into_iter();
        taken.filter_map(|e| self.take_exchange(e)).collect()
    }

    /// Takes a request whose time is over.
    pub(super) fn take_expired(&mut self, now: Instant) -> Option<Entry> {
        if self.next_deadline()? > now {
            return None;
        }
        let (_, ticket) = self.deadlines.pop_front()?;
        self.take(&ticket)
    }

    /// Lets a cancelled handler go on until `until`.
    pub(super) fn fade(&mut self, exchange: ExchangeId, until: Option<Instant>) {
        self.fading.push_back((until, exchange));
    }

    /// Forgets a cancelled handler that ended by itself.
    pub(super) fn end_fading(&mut self, exchange: ExchangeId) {
        self.fading.retain(|(_, fading)| *fading != exchange);
    }

    /// A cancelled handler whose grace is over.
    pub(super) fn take_faded(&mut self, now: Instant) -> Option<ExchangeId> {
        let (until, _) = self.fading.front()?;
        if until.is_none_or(|until| until > now) {
            return None;
        }
        self.fading.pop_front().map(|(_, exchange)| exchange)
    }

    /// Lets a handler be stopped.
    pub(super) fn abort(&mut self, exchange: ExchangeId) {
        self.aborts.push_back(exchange);
    }

    fn poll_timeout(&mut self) -> Option<Instant> {
        let faded = self.fading.front().and_then(|(until, _)| *until);
        match (self.next_deadline(), faded) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    fn next_deadline(&mut self) -> Option<Instant> {
        while let Some((deadline, ticket)) = self.deadlines.front() {
            if is_due(&self.entries, *deadline, ticket) {
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
            && self.ids.is_empty()
            && self.parked.is_empty()
            && self.parked_bytes == 0
            && self.running() == 0
            && self.aborts.is_empty()
    }
}

/// Whether a deadline is still that of the request it was noted for.
fn is_due(entries: &BTreeMap<ExchangeId, Entry>, deadline: Instant, ticket: &Ticket) -> bool {
    let entry = entries.get(&ticket.exchange);
    entry.is_some_and(|entry| entry.deadline == Some(deadline))
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "some moment is needed to count from"
)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::Revision;

    /// Requests that are in flight at once.
    const MANY: u64 = 500;

    /// Begins a request that has this much time.
    fn begin(table: &mut Table, number: u64, now: Instant) -> Ticket {
        let (id, exchange) = (RequestId::from(number), ExchangeId(number));
        let ticket = Ticket { id, exchange };
        let address = Address {
            id: ticket.id.clone(),
            exchange,
            revision: Revision::NEWEST_LEGACY,
            batch: None,
        };
        let entry = Entry {
            address,
            exchange: Exchange::detached(),
            stage: Stage::Running,
            deadline: Some(now + Duration::from_secs(60)),
        };
        table.insert(ticket.clone(), entry);
        ticket
    }

    /// Begins requests one after the other, each of which ends before the next, while those before
    /// them go on; the most deadlines that were kept meanwhile.
    fn pass(table: &mut Table, numbers: std::ops::Range<u64>, now: Instant) -> usize {
        let noted = numbers.map(|number| {
            let ticket = begin(table, number, now);
            assert!(table.take(&ticket).is_some());
            table.deadlines.len()
        });
        noted.max().unwrap_or_default()
    }

    #[test]
    fn deadlines_of_ended_requests_go_after_hundreds_of_them_ended_together() {
        let (mut table, now) = (Table::NEW, Instant::now());
        let lasting = begin(&mut table, 0, now);
        let tickets: Vec<_> = (1..MANY).map(|n| begin(&mut table, n, now)).collect();
        assert!(tickets.iter().all(|ticket| table.take(ticket).is_some()));
        // The request that goes on keeps them all behind it.
        assert_eq!(table.deadlines.len() as u64, MANY);
        let most = pass(&mut table, MANY..3 * MANY, now);
        assert!(most < 100, "{most} deadlines for one request");
        assert!(table.take(&lasting).is_some());
        assert!(table.is_at_rest());
        assert!(table.deadlines.is_empty());
    }

    #[test]
    fn the_list_of_deadlines_is_not_gone_through_before_half_of_them_are_out_of_date() {
        let (mut table, now) = (Table::NEW, Instant::now());
        for number in 0..MANY {
            begin(&mut table, number, now);
        }
        // Otherwise many requests at once would cost more each than a few do.
        let most = pass(&mut table, MANY..2 * MANY, now) as u64;
        assert_eq!(most, 2 * MANY);
        let most = pass(&mut table, 2 * MANY..10 * MANY, now) as u64;
        assert!(
            most <= 2 * MANY + 100,
            "{most} deadlines for {MANY} requests"
        );
        assert_eq!(table.len() as u64, MANY);
    }
}

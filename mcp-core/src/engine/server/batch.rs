//! Batches of 2025-03-26: the answers to one array leave as one array (RPC-L-11).

use std::collections::BTreeMap;

use crate::engine::exchange::ExchangeId;

/// A batch, by the exchange that its answer leaves under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::engine) struct BatchId(pub(super) ExchangeId);

/// The batches whose answers are not complete.
#[derive(Debug, Default)]
pub(super) struct Batches {
    open: BTreeMap<BatchId, Batch>,
}

#[derive(Debug, Default)]
struct Batch {
    /// Requests without an answer, plus one while the array is still being read.
    pending: usize,
    body: Vec<u8>,
}

impl Batches {
    /// Begins a batch; [`Batches::settle`] it once when its array has been read.
    pub(super) fn begin(&mut self, exchange: ExchangeId) -> BatchId {
        let id = BatchId(exchange);
        let batch = Batch {
            pending: 1,
            ..Batch::default()
        };
        self.open.insert(id, batch);
        id
    }

    /// Counts a request that will be answered or cancelled.
    pub(super) fn expect(&mut self, id: BatchId) {
        if let Some(batch) = self.open.get_mut(&id) {
            batch.pending += 1;
        }
    }

    /// Appends one answer.
    pub(super) fn append(&mut self, id: BatchId, write: impl FnOnce(&mut Vec<u8>)) {
        if let Some(batch) = self.open.get_mut(&id) {
            batch
                .body
                .push(if batch.body.is_empty() { b'[' } else { b',' });
            write(&mut batch.body);
        }
    }

    /// Counts one thing off, and returns the whole answer when it was the last. A batch of
    /// notifications has none.
    pub(super) fn settle(&mut self, id: BatchId) -> Option<Vec<u8>> {
        let batch = self.open.get_mut(&id)?;
        batch.pending -= 1;
        if batch.pending > 0 {
            return None;
        }
        let mut body = self.open.remove(&id)?.body;
        if body.is_empty() {
            return None;
        }
        body.push(b']');
        Some(body)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }
}

//! From outcomes to messages in the outbox.

use super::ServerEngine;
use super::batch::BatchId;
use super::call::Address;
use crate::Revision;
use crate::engine::exchange::{Exchange, ExchangeEvent, ExchangeId};
use crate::engine::{Outcome, Route, subscription};
use crate::jsonrpc::{ErrorObject, Malformed, RequestId, encode};
use crate::model::CancelledParams;

impl ServerEngine {
    /// Sends the response of the request at `address`: alone, or with the others of its batch.
    pub(super) fn answer(&mut self, address: &Address, outcome: Outcome) {
        let encoder = self.profile.encoder();
        let write = |buffer: &mut Vec<u8>| {
            encoder.respond(buffer, &address.id, address.revision, outcome);
        };
        match address.batch {
            None => self.outbox.push(Route::Response(address.exchange), write),
            Some(batch) => {
                self.batches.append(batch, write);
                self.settle_batch(batch);
            }
        }
    }

    /// Sends a response whose result is already encoded.
    pub(super) fn answer_rendered(&mut self, address: &Address, json: &str) {
        let write = |buffer: &mut Vec<u8>| encode::response_raw(buffer, &address.id, json);
        match address.batch {
            None => self.outbox.push(Route::Response(address.exchange), write),
            Some(batch) => {
                self.batches.append(batch, write);
                self.settle_batch(batch);
            }
        }
    }

    /// Answers what was not a message. A broken response is never answered, or two peers could
    /// throw junk at each other for ever (fault 1).
    pub(super) fn answer_malformed(&mut self, malformed: &Malformed, batch: Option<BatchId>) {
        if malformed.is_response {
            return;
        }
        let write = |buffer: &mut Vec<u8>| {
            encode::error(buffer, malformed.id.as_ref(), &malformed.error);
        };
        match batch {
            None => self.outbox.push(Route::Connection, write),
            Some(batch) => self.batches.append(batch, write),
        }
    }

    /// Answers the listen request `id`, which ends its subscription.
    pub(super) fn answer_listen(&mut self, id: &RequestId, exchange: ExchangeId) {
        let encoder = self.profile.encoder();
        let route = Route::Subscription(exchange);
        self.outbox
            .push(route, |buffer| subscription::end(buffer, id, encoder));
        let params = CancelledParams::new(id.clone());
        self.outbox.push(route, |buffer| {
            encode::notification(buffer, "notifications/cancelled", Some(&params));
        });
    }

    /// Counts off a request of a batch that gets no answer.
    pub(super) fn settle(&mut self, address: &Address) {
        if let Some(batch) = address.batch {
            self.settle_batch(batch);
        }
    }

    pub(super) fn settle_batch(&mut self, batch: BatchId) {
        if let Some(body) = self.batches.settle(batch) {
            self.outbox.push(Route::Response(batch.0), |buffer| {
                buffer.extend_from_slice(&body);
            });
        }
    }

    /// Sends what is queued and closes the exchange, so that nothing follows the response.
    pub(super) fn flush_finished(&mut self, exchange: &Exchange) {
        for event in exchange.finish() {
            self.send_event(exchange, event);
        }
        self.withdraw_asks(exchange.id());
    }

    pub(super) fn send_event(&mut self, exchange: &Exchange, event: ExchangeEvent) {
        let route = Route::Request(exchange.id());
        self.outbox
            .push(route, |buffer| event.encode(exchange.revision(), buffer));
    }

    /// The error for a request that the connection has no room for.
    pub(super) fn overloaded(&self) -> ErrorObject {
        ErrorObject::internal(format!(
            "Too many requests are unanswered on this connection (limit `in_flight` = {})",
            self.limits.in_flight
        ))
    }

    /// The error for a request whose id is taken (fault 27).
    pub(super) fn unanswered(id: &RequestId) -> ErrorObject {
        ErrorObject::invalid_request(format!(
            "Invalid request: the id {id} belongs to a request that is still unanswered"
        ))
    }

    /// The revision of the handshake, for checks that differ between revisions.
    pub(super) fn legacy_revision(&self) -> Revision {
        self.negotiated().unwrap_or(Revision::NEWEST_LEGACY)
    }

    /// Requests without an answer, subscriptions included.
    pub(super) fn unanswered_requests(&self) -> usize {
        self.in_flight.len() + self.subscriptions.len()
    }
}

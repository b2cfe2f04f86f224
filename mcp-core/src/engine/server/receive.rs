//! From messages to calls: every check a message passes on its way in.

use std::cell::OnceCell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::value::RawValue;

use super::accept::Accepted;
use super::batch::BatchId;
use super::call::{Address, Call};
use super::{Ids, Received, ServerEngine};
use crate::Feature;
use crate::engine::IncomingRequest;
use crate::engine::exchange::ExchangeId;
use crate::json::JsonText;
use crate::jsonrpc::{
    ErrorObject, Frame, Malformed, Message, Notification, Request, RequestId, decode,
};
use crate::lifecycle::{Event, Params, State, StraightRequest, transition};
use crate::model::CancelledParams;

/// How many malformed messages are answered in one second; the rest are dropped in silence, so
/// that junk cannot be turned into a flood of answers (fault 1).
const JUNK_PER_SECOND: u32 = 64;

/// Counts answers to junk.
#[derive(Debug, Default)]
pub(super) struct JunkLimit {
    window: Option<Instant>,
    count: u32,
}

impl JunkLimit {
    fn allows(&mut self, now: Instant) -> bool {
        let fresh = self
            .window
            .is_none_or(|start| now.saturating_duration_since(start) >= Duration::from_secs(1));
        if fresh {
            self.window = Some(now);
            self.count = 0;
        }
        self.count += 1;
        self.count <= JUNK_PER_SECOND
    }
}

impl ServerEngine {
    /// Takes one message, as it stands between two line ends or in one body.
    /// After [`ServerEngine::handle_close`] it does nothing.
    pub fn handle_message<'m>(&mut self, now: Instant, bytes: &'m [u8]) -> Received<'m> {
        if self.state == State::Closed {
            return Received::Handled;
        }
        if let Some(request) = StraightRequest::read(bytes) {
            let address = self.address(request.id, None);
            return self.receive_request(address, &request.method, Ok(&request.params));
        }
        match decode(bytes, self.limits.batch) {
            Ok(Frame::Single(message)) => self.receive(now, message),
            Ok(Frame::Batch(items)) => self.receive_batch(now, items),
            Err(malformed) => {
                self.receive_junk(now, &malformed);
                Received::Handled
            }
        }
    }

    /// Takes one request that was read already, as [`ServerEngine::handle_message`] would take its
    /// message.
    pub fn handle_request<'m>(&mut self, request: &IncomingRequest<'m>) -> Received<'m> {
        if self.state == State::Closed {
            return Received::Handled;
        }
        let address = self.address(request.id.clone(), None);
        let params = request.params.as_ref().map_err(Clone::clone);
        self.receive_request(address, &request.method, params)
    }

    /// Notes a message that was longer than [`Limits::stdio_line`](crate::Limits::stdio_line)
    /// and was skipped.
    pub fn handle_oversized(&mut self, now: Instant) {
        let error = ErrorObject::invalid_request(format!(
            "Invalid request: the line is longer than {} bytes (limit `stdio_line`)",
            self.limits.stdio_line
        ));
        self.receive_junk(now, &Malformed::new(None, error));
    }

    fn receive_junk(&mut self, now: Instant, malformed: &Malformed) {
        if self.ends_ask(malformed) {
            return;
        }
        if malformed.id.is_some() || self.junk.allows(now) {
            self.answer_malformed(malformed, None);
        }
    }

    fn receive_batch<'m>(
        &mut self,
        now: Instant,
        items: Vec<Result<Message<'m>, Malformed>>,
    ) -> Received<'m> {
        let revision = self.legacy_revision();
        let allowed = transition(self.state, Event::Batch).is_ok();
        if !allowed || !revision.has(Feature::Batching) {
            let error = ErrorObject::invalid_request(
                "Invalid request: expected one message, got an array; batches exist in \
                 2025-03-26 only, after `initialize`",
            );
            self.receive_junk(now, &Malformed::new(None, error));
            return Received::Handled;
        }
        let exchange = self.next_exchange();
        let batch = self.batches.begin(exchange);
        let mut calls: Vec<Call<'m>> = Vec::new();
        for item in items {
            match item {
                Ok(Message::Notification(notification)) => {
                    self.receive_notification(now, &notification, &mut calls);
                }
                Ok(Message::Request(request)) => self.receive_item(request, batch, &mut calls),
                Ok(Message::Response(response)) => self.receive_response(response),
                Err(malformed) => {
                    if !self.ends_ask(&malformed) {
                        self.answer_malformed(&malformed, Some(batch));
                    }
                }
            }
        }
        self.settle_batch(batch);
        Received::Batch(calls)
    }

    /// Takes one request of a batch. The earlier ones in `calls` are in no table before the
    /// whole array was read, and still count: for their ids and for the room they need.
    fn receive_item<'m>(
        &mut self,
        request: Request<'m>,
        batch: BatchId,
        calls: &mut Vec<Call<'m>>,
    ) {
        let address = self.address(request.id, Some(batch));
        let repeats = |call: &Call<'_>| call.address.id == address.id;
        let refused = if self.ids == Ids::Unique && calls.iter().any(repeats) {
            Some(Self::unanswered(&address.id))
        } else if self.unanswered_requests() + calls.len() >= self.limits.in_flight {
            Some(self.overloaded())
        } else {
            None
        };
        match refused {
            Some(error) => self.answer(&address, Err(error)),
            None => {
                if let Received::Call(call) =
                    self.receive_careful(address, &request.method, request.params)
                {
                    calls.push(call);
                }
            }
        }
    }

    fn receive<'m>(&mut self, now: Instant, message: Message<'m>) -> Received<'m> {
        match message {
            Message::Request(request) => {
                let address = self.address(request.id, None);
                self.receive_careful(address, &request.method, request.params)
            }
            Message::Notification(notification) => {
                self.receive_notification(now, &notification, &mut Vec::new());
                Received::Handled
            }
            Message::Response(response) => {
                self.receive_response(response);
                Received::Handled
            }
        }
    }

    /// Where the answer to a request that was just read goes.
    fn address(&mut self, id: RequestId, batch: Option<BatchId>) -> Address {
        let exchange = self.next_exchange();
        if let Some(batch) = batch {
            self.batches.expect(batch);
        }
        Address {
            id,
            exchange,
            revision: self.legacy_revision(),
            batch,
        }
    }

    fn next_exchange(&mut self) -> ExchangeId {
        let exchange = ExchangeId(self.next_exchange);
        self.next_exchange += 1;
        exchange
    }

    /// Takes a request whose parameters were not looked at.
    fn receive_careful<'m>(
        &mut self,
        address: Address,
        method: &str,
        params: Option<&'m RawValue>,
    ) -> Received<'m> {
        let params = Params::read(params.map(JsonText::from));
        self.receive_request(address, method, params.as_ref().map_err(Clone::clone))
    }

    fn receive_request<'m>(
        &mut self,
        mut address: Address,
        method: &str,
        params: Result<&Params<'m>, ErrorObject>,
    ) -> Received<'m> {
        let accepted = self.check_id(&address.id).and(params).and_then(|params| {
            let accepted = self.accept(&mut address, method, params)?;
            Ok(accepted.map(|accepted| (accepted, params)))
        });
        match accepted {
            Ok(Some((accepted, params))) => Received::Call(self.call(address, accepted, params)),
            Ok(None) => Received::Handled,
            Err(error) => {
                self.answer(&address, Err(error));
                Received::Handled
            }
        }
    }

    fn call<'m>(&self, address: Address, accepted: Accepted, params: &Params<'m>) -> Call<'m> {
        Call {
            method: accepted.method,
            revision: address.revision,
            params: *params,
            address,
            token: accepted.token,
            filter: accepted.filter,
            principal: self.principal.clone(),
            capacity: self.limits.queue,
            signals: Some(Arc::clone(&self.signals)),
            client: accepted.client,
            one_way: self.asks.is_one_way(),
            exchange: OnceCell::new(),
        }
    }

    /// Takes a notification; `calls` are the requests before it in its batch.
    fn receive_notification(
        &mut self,
        now: Instant,
        notification: &Notification<'_>,
        calls: &mut Vec<Call<'_>>,
    ) {
        match &*notification.method {
            "notifications/initialized" => {
                if let Ok(next) = transition(self.state, Event::Initialized) {
                    self.state = next;
                }
            }
            "notifications/cancelled" => {
                let params = notification.params.map_or("{}", |raw| raw.get());
                // A malformed or late cancellation is ignored (CAN-A-01).
                if let Ok(params) = serde_json::from_str::<CancelledParams>(params) {
                    self.cancel(now, &params, calls);
                }
            }
            // Unknown notifications are never answered (fault 33).
            _ => {}
        }
    }

    /// Ends a request without an answer (CAN-A-01, CAN-M-02, SUB-M-07).
    fn cancel(&mut self, now: Instant, params: &CancelledParams, calls: &mut Vec<Call<'_>>) {
        let Some(id) = &params.request_id else {
            return;
        };
        if self.subscriptions.close(id).is_some() {
            return;
        }
        if let Some(at) = calls.iter().position(|call| call.address.id == *id) {
            let call = calls.remove(at);
            self.settle(&call.address);
        } else if let Some(entry) = self.in_flight.take_by_id(id) {
            entry.exchange.finish();
            self.withdraw_asks(entry.exchange.id());
            self.stop(now, &entry);
            self.settle(&entry.address);
        }
    }
}

//! What a legacy server asks of its client.

use serde_json::value::RawValue;

use super::{ClientEngine, ClientEvent, Phase};
use crate::engine::Outbound;
use crate::jsonrpc::{ErrorObject, Notification, Request, RequestId, encode};
use crate::model::CancelledParams;

impl ClientEngine {
    /// Answers what the server asked. Without effect when it no longer wants that, so that every
    /// question has one answer at most.
    pub fn reply(&mut self, id: &RequestId, outcome: Result<Box<RawValue>, ErrorObject>) {
        if !self.asked.remove(id) {
            return;
        }
        self.outbox.push(Outbound::Reply, |buffer| match outcome {
            Ok(result) => encode::response_raw(buffer, id, result.get()),
            Err(error) => encode::error(buffer, Some(id), &error),
        });
    }

    /// Hands a question on, or refuses it: what was not declared is an unknown method (ROOT-A-01).
    pub(super) fn receive_question(&mut self, request: Request<'_>) {
        match self.check_question(&request) {
            Ok(()) => {
                self.asked.insert(request.id.clone());
                self.events.push_back(ClientEvent::Asked {
                    id: request.id,
                    method: request.method.into_owned(),
                    params: request.params.map(ToOwned::to_owned),
                });
            }
            Err(error) => self.outbox.push(Outbound::Reply, |buffer| {
                encode::error(buffer, Some(&request.id), &error);
            }),
        }
    }

    fn check_question(&self, request: &Request<'_>) -> Result<(), ErrorObject> {
        let capabilities = &self.config.capabilities;
        let declared = match &*request.method {
            "elicitation/create" => capabilities.elicitation.is_some(),
            "sampling/createMessage" => capabilities.sampling.is_some(),
            "roots/list" => capabilities.roots.is_some(),
            _ => false,
        };
        if !declared || !matches!(self.phase, Phase::Open(_)) {
            return Err(ErrorObject::method_not_found(&request.method));
        }
        if self.asked.contains(&request.id) {
            return Err(ErrorObject::invalid_request(format!(
                "Invalid request: the id {} belongs to a request that is still unanswered",
                request.id
            )));
        }
        let most = self.config.limits.in_flight;
        if self.asked.len() >= most {
            return Err(ErrorObject::internal(format!(
                "Too many requests are unanswered on this connection (limit `in_flight` = {most})"
            )));
        }
        Ok(())
    }

    /// Whether the server takes back a question by this cancellation.
    pub(super) fn is_withdrawn(&mut self, notification: &Notification<'_>) -> bool {
        if self.asked.is_empty() {
            return false;
        }
        let json = notification.params.map_or("{}", RawValue::get);
        let params = serde_json::from_str::<CancelledParams>(json).ok();
        let Some(id) = params.and_then(|params| params.request_id) else {
            return false;
        };
        let known = self.asked.remove(&id);
        if known {
            self.events.push_back(ClientEvent::Withdrawn(id));
        }
        known
    }
}

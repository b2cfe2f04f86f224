//! What the server says unasked.

use std::time::Instant;

use serde_json::value::{RawValue, to_raw_value};

use super::{ClientEngine, ClientEvent};
use crate::jsonrpc::Notification;
use crate::model::{CancelledParams, ProgressParams};

impl ClientEngine {
    /// Progress and the end of a subscription belong to a request; everything else is handed on.
    pub(super) fn receive_notification(&mut self, now: Instant, notification: &Notification<'_>) {
        let taken = match &*notification.method {
            "notifications/progress" => self.take_progress(now, notification.params),
            "notifications/cancelled" => {
                self.is_withdrawn(notification) || self.end_subscription(notification.params)
            }
            _ => false,
        };
        if !taken {
            let params = notification.params.map(ToOwned::to_owned);
            let method = notification.method.clone().into_owned();
            self.events.push_back(ClientEvent::Notified(method, params));
        }
    }

    /// Whether the token is one this engine made. Then what is no progress is dropped (fault 49).
    fn take_progress(&mut self, now: Instant, params: Option<&RawValue>) -> bool {
        let json = params.map_or("{}", RawValue::get);
        let Ok(params) = serde_json::from_str::<ProgressParams>(json) else {
            return false;
        };
        let id = params.progress_token.0.clone();
        let Some(pending) = self.pending.get_mut(&id) else {
            return false;
        };
        if pending.progress.is_none() {
            return false;
        }
        let progress = params.progress.as_f64().unwrap_or(f64::NAN);
        if pending.progress(now, progress) {
            self.events
                .push_back(ClientEvent::Progress(id, Box::new(params)));
        }
        true
    }

    /// A server may end a subscription by a notification, with or without its result (AMB-01).
    fn end_subscription(&mut self, params: Option<&RawValue>) -> bool {
        let json = params.map_or("{}", RawValue::get);
        let params = serde_json::from_str::<CancelledParams>(json).ok();
        let Some(id) = params.and_then(|params| params.request_id) else {
            return false;
        };
        let subscription = self.pending.get(&id).is_some_and(|p| p.subscription);
        if subscription {
            self.pending.remove(&id);
            let ended = to_raw_value(&serde_json::Map::new()).unwrap_or_default();
            self.events.push_back(ClientEvent::Answered(id, Ok(ended)));
        }
        subscription
    }
}

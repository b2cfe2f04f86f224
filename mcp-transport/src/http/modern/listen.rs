//! The stream of one subscription (§7).

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use mcp_core::engine::{Mail, ServerProfile, Subscription};

use crate::driver::Noted;
use crate::http::body::Source;
use crate::http::expiry::Expiry;
use crate::http::keep_alive::KeepAlive;
use crate::http::reply::push_event;

/// Acknowledged first, then told of every change it asked for, until the client goes or the
/// server ends it with a result (SUB-M-02, SUB-M-08): because it ends itself, or the credentials
/// that opened the stream have expired (AUTH-S-03).
///
/// A reader that is slow costs no queue: changes that were not fetched yet are one change.
pub(super) struct ListenStream {
    subscription: Subscription,
    _noted: Noted,
    profile: Arc<ServerProfile>,
    keep_alive: KeepAlive,
    expiry: Expiry,
    phase: Phase,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    New,
    Open,
    Over,
}

impl ListenStream {
    pub(super) fn new(
        subscription: Subscription,
        noted: Noted,
        profile: Arc<ServerProfile>,
        keep_alive: KeepAlive,
        expiry: Expiry,
    ) -> Self {
        Self {
            subscription,
            _noted: noted,
            profile,
            keep_alive,
            expiry,
            phase: Phase::New,
        }
    }

    fn events(&mut self, mail: &Mail) -> Vec<u8> {
        let mut events = Vec::new();
        self.subscription
            .announce(&mail.changes, |message| push_event(&mut events, message));
        if mail.shutdown {
            self.end(&mut events);
        }
        events
    }

    fn end(&mut self, events: &mut Vec<u8>) {
        let mut message = Vec::new();
        self.subscription.end(&mut message, self.profile.encoder());
        push_event(events, &message);
        self.phase = Phase::Over;
    }
}

impl Source for ListenStream {
    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        match self.phase {
            Phase::Over => return Poll::Ready(None),
            Phase::Open => {}
            Phase::New => {
                self.phase = Phase::Open;
                let (mut message, mut events) = (Vec::new(), Vec::new());
                self.subscription.acknowledge(&mut message);
                push_event(&mut events, &message);
                return Poll::Ready(Some(events.into()));
            }
        }
        if self.expiry.poll(cx).is_ready() {
            let mut events = Vec::new();
            self.end(&mut events);
            return Poll::Ready(Some(events.into()));
        }
        loop {
            if let Some(mail) = self.subscription.signals().take() {
                let events = self.events(&mail);
                if !events.is_empty() {
                    self.keep_alive.put_off();
                    return Poll::Ready(Some(events.into()));
                }
            }
            if self.subscription.signals().poll_mail(cx).is_pending() {
                return self.keep_alive.poll(cx).map(Some);
            }
        }
    }

    fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }
}

//! Telling a client that what its user does at a URL is done (ELI-L-06).

use std::sync::{Arc, Weak};

use super::{Exchange, Signals};
use crate::Feature;

/// What a user does at a URL, on behalf of one request: told to the client when it is done.
///
/// It keeps neither the request nor its connection alive.
#[derive(Debug, Clone)]
pub struct Elicitation {
    id: Arc<str>,
    exchange: Weak<Exchange>,
    signals: Weak<Signals>,
    /// The most that may wait to be told on one connection.
    most: usize,
}

impl Elicitation {
    /// The elicitation `id` of the request of `exchange`.
    pub fn new(id: impl Into<Arc<str>>, exchange: &Arc<Exchange>) -> Self {
        let (mut near, mut far) = (Weak::new(), Weak::new());
        if exchange.revision().has(Feature::ElicitationIds) {
            near = Arc::downgrade(exchange);
            far = Arc::downgrade(exchange.signals());
        }
        Self {
            id: id.into(),
            exchange: near,
            signals: far,
            most: exchange.capacity(),
        }
    }

    /// Its name on the wire.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Tells the client that it is done: beside the request while that runs, later beside the
    /// connection. Only the client that was asked hears of it, and only in the revision that
    /// knows of such a thing; when too many wait to be told, the oldest gives way
    /// ([`Limits::queue`](crate::Limits::queue)).
    pub fn complete(&self) {
        let beside = self.exchange.upgrade();
        if beside.is_some_and(|exchange| exchange.complete_elicitation(&self.id)) {
            return;
        }
        if let Some(signals) = self.signals.upgrade() {
            signals.complete_elicitation(&self.id, self.most);
        }
    }
}

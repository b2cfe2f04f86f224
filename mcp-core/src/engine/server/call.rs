//! A request that passed every check and waits for its handler.

use std::cell::OnceCell;
use std::sync::Arc;

use super::batch::BatchId;
use crate::Revision;
use crate::engine::exchange::{Exchange, ExchangeId, LogFilter};
use crate::engine::principal::Principal;
use crate::engine::signals::Signals;
use crate::json::JsonBuf;
use crate::jsonrpc::RequestId;
use crate::lifecycle::{Method, Params};
use crate::model::{ClientCapabilities, Implementation, ProgressToken};

/// What a legacy client said in its handshake.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientProfile {
    /// The negotiated revision.
    pub revision: Revision,
    /// Who it is.
    pub info: Implementation,
    /// What it can be asked for.
    pub capabilities: ClientCapabilities,
}

/// A request to hand to a handler: borrowed from the bytes of its message.
#[derive(Debug)]
pub struct Call<'m> {
    /// What is asked for.
    pub method: Method,
    /// The revision to answer in.
    pub revision: Revision,
    /// The parameters.
    pub params: Params<'m>,
    pub(in crate::engine) address: Address,
    pub(in crate::engine) token: Option<ProgressToken>,
    pub(in crate::engine) filter: LogFilter,
    pub(in crate::engine) capacity: usize,
    /// The mailbox of the connection; `None` for a call that is alone on its stream, whose
    /// exchange gets one of its own.
    pub(in crate::engine) signals: Option<Arc<Signals>>,
    pub(in crate::engine) client: Option<Arc<ClientProfile>>,
    pub(in crate::engine) one_way: bool,
    pub(in crate::engine) principal: Principal,
    pub(in crate::engine) exchange: OnceCell<Arc<Exchange>>,
}

/// Where the answer to a request goes.
#[derive(Debug, Clone)]
pub(in crate::engine) struct Address {
    pub(in crate::engine) id: RequestId,
    pub(in crate::engine) exchange: ExchangeId,
    pub(in crate::engine) revision: Revision,
    pub(in crate::engine) batch: Option<BatchId>,
}

/// What a driver keeps of a call while its handler runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ticket {
    pub(super) id: RequestId,
    pub(super) exchange: ExchangeId,
}

impl Ticket {
    /// The exchange this ticket is for.
    pub fn exchange(&self) -> ExchangeId {
        self.exchange
    }
}

impl<'m> Call<'m> {
    /// The request's id.
    pub fn id(&self) -> &RequestId {
        &self.address.id
    }

    /// The request's id, when nothing else of the call is needed any more.
    pub fn into_id(self) -> RequestId {
        self.address.id
    }

    /// The exchange of this call, made when it is first asked for: a handler that sends nothing
    /// and finishes at once never needs one.
    pub fn exchange(&self) -> &Arc<Exchange> {
        self.exchange.get_or_init(|| {
            Arc::new(Exchange::new(
                self.address.exchange,
                self.revision,
                self.token.clone(),
                self.filter,
                self.capacity,
                self.signals.clone().unwrap_or_default(),
            ))
        })
    }

    /// The exchange under which the response leaves: its own, or that of its batch.
    pub fn answered_under(&self) -> ExchangeId {
        let batch = self.address.batch.map(|batch| batch.0);
        batch.unwrap_or(self.address.exchange)
    }

    /// The exchange, if anything asked for it yet.
    pub fn existing_exchange(&self) -> Option<&Arc<Exchange>> {
        self.exchange.get()
    }

    /// What the client said in its handshake; `None` for a modern request, which says it in its
    /// own `_meta` (RPC-M-14).
    pub fn client(&self) -> Option<&Arc<ClientProfile>> {
        self.client.as_ref()
    }

    /// Whether no answer of the client would reach whoever serves this request, so that nothing can
    /// be asked: see [`ServerEngine::one_way`](super::ServerEngine::one_way).
    pub fn is_one_way(&self) -> bool {
        self.one_way
    }

    /// Who is behind the request.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    pub(super) fn ticket(&self) -> Ticket {
        Ticket {
            id: self.address.id.clone(),
            exchange: self.address.exchange,
        }
    }
}

/// A call that waits for its turn, owning its parameters.
#[derive(Debug)]
pub struct ParkedCall {
    method: Method,
    params: Option<JsonBuf>,
    address: Address,
    token: Option<ProgressToken>,
    filter: LogFilter,
    client: Option<Arc<ClientProfile>>,
    one_way: bool,
    exchange: Arc<Exchange>,
    capacity: usize,
    principal: Principal,
}

impl ParkedCall {
    pub(super) fn new(call: Call<'_>) -> Self {
        let exchange = Arc::clone(call.exchange());
        Self {
            method: call.method,
            params: call.params.raw().map(JsonBuf::from),
            address: call.address,
            token: call.token,
            filter: call.filter,
            client: call.client,
            one_way: call.one_way,
            exchange,
            capacity: call.capacity,
            principal: call.principal,
        }
    }

    pub(super) fn exchange_id(&self) -> ExchangeId {
        self.address.exchange
    }

    /// Bytes of parameters it holds.
    pub(super) fn len(&self) -> usize {
        self.params
            .as_ref()
            .map_or(0, |params| params.as_text().get().len())
    }

    /// The call, to be handed to its handler now.
    pub fn call(&self) -> Call<'_> {
        Call {
            method: self.method,
            revision: self.address.revision,
            // It was read once already, and reads the same again.
            params: Params::read(self.params.as_ref().map(JsonBuf::as_text)).unwrap_or_default(),
            address: self.address.clone(),
            token: self.token.clone(),
            filter: self.filter,
            principal: self.principal.clone(),
            capacity: self.capacity,
            signals: Some(Arc::clone(self.exchange.signals())),
            client: self.client.clone(),
            one_way: self.one_way,
            exchange: OnceCell::from(Arc::clone(&self.exchange)),
        }
    }
}

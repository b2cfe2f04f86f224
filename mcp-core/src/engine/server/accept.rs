//! The checks of each era: what a request must be before a handler sees it.

use std::sync::Arc;

use super::call::{Address, ClientProfile};
use super::{Ids, ServerEngine};
use crate::Revision;
use crate::engine::exchange::LogFilter;
use crate::engine::modern::{Admission, admit, check_offered, logging, progress_token};
use crate::engine::{Reply, Route, subscription};
use crate::jsonrpc::{ErrorObject, RequestId};
use crate::lifecycle::{Event, Method, Params, State, transition, unsupported_version};
use crate::model::legacy::{SetLevelParams, SubscribeParams};
use crate::model::{InitializeParams, ListenFilter, Lower, ProgressToken};

/// A request that passed the checks of its era.
pub(super) struct Accepted {
    pub(super) method: Method,
    pub(super) token: Option<ProgressToken>,
    pub(super) filter: LogFilter,
    pub(super) client: Option<Arc<ClientProfile>>,
}

impl ServerEngine {
    /// Refuses an id that another request still has.
    pub(super) fn check_id(&self, id: &RequestId) -> Result<(), ErrorObject> {
        let taken = || self.in_flight.contains(id) || self.subscriptions.contains(id);
        if self.ids == Ids::Unique && taken() {
            return Err(Self::unanswered(id));
        }
        Ok(())
    }

    /// Checks a request. `None` when the engine has answered it itself.
    pub(super) fn accept(
        &mut self,
        address: &mut Address,
        name: &str,
        params: &Params<'_>,
    ) -> Result<Option<Accepted>, ErrorObject> {
        let modern_only = |m: Method| !m.exists_in(Revision::NEWEST_LEGACY);
        let unsaid =
            self.state == State::Uninitialized && Method::from_wire(name).is_some_and(modern_only);
        if params.meta.is_modern() || unsaid {
            self.accept_modern(address, name, params)
        } else {
            self.accept_legacy(address, name, params)
        }
    }

    fn accept_modern(
        &mut self,
        address: &mut Address,
        name: &str,
        params: &Params<'_>,
    ) -> Result<Option<Accepted>, ErrorObject> {
        transition(self.state, Event::ModernRequest).map_err(|violation| violation.error())?;
        address.revision = Revision::NEWEST_MODERN;
        if address.batch.is_some() {
            return Err(ErrorObject::invalid_request(
                "Invalid request: a request of 2026-07-28 must not be part of a batch",
            ));
        }
        let (revision, admission) = admit(&self.profile, name, params, &|_| Ok(()))?;
        address.revision = revision;
        self.check_room()?;
        match admission {
            Admission::Discover => {
                let profile = Arc::clone(&self.profile);
                self.answer_rendered(address, profile.discover());
                Ok(None)
            }
            Admission::Listen(asked) => self.listen(address, &asked).map(|()| None),
            Admission::Call {
                method,
                token,
                filter,
            } => Ok(Some(Accepted {
                method,
                token,
                filter,
                client: None,
            })),
        }
    }

    fn accept_legacy(
        &mut self,
        address: &Address,
        name: &str,
        params: &Params<'_>,
    ) -> Result<Option<Accepted>, ErrorObject> {
        let method = Method::from_wire(name);
        match method {
            Some(Method::Initialize) => return self.initialize(address, params).map(|()| None),
            Some(Method::Ping) => {
                transition(self.state, Event::Ping).map_err(|violation| violation.error())?;
                self.answer(address, Ok(Reply::Empty));
                return Ok(None);
            }
            _ => {}
        }
        transition(self.state, Event::ClientRequest).map_err(|violation| violation.error())?;
        let method = method
            .filter(|method| method.exists_in(address.revision))
            .ok_or_else(|| ErrorObject::method_not_found(name))?;
        check_offered(&self.profile, method)?;
        self.check_room()?;
        match method {
            Method::SetLevel => {
                let wanted: SetLevelParams = params.parse()?;
                self.signals.set_log_level(wanted.level);
            }
            Method::Subscribe => self.subscribe(params)?,
            Method::Unsubscribe => {
                let wanted: SubscribeParams = params.parse()?;
                self.subscriptions.unsubscribe(&wanted.uri);
            }
            _ => {
                return Ok(Some(Accepted {
                    method,
                    token: progress_token(params)?,
                    filter: logging(&self.profile, LogFilter::OfConnection),
                    client: self.client.clone(),
                }));
            }
        }
        self.answer(address, Ok(Reply::Empty));
        Ok(None)
    }

    /// Refuses everything while there is no room.
    fn check_room(&self) -> Result<(), ErrorObject> {
        if self.unanswered_requests() >= self.limits.in_flight {
            return Err(self.overloaded());
        }
        Ok(())
    }

    /// LIFE-L-01 to LIFE-L-03.
    fn initialize(&mut self, address: &Address, params: &Params<'_>) -> Result<(), ErrorObject> {
        if address.batch.is_some() {
            return Err(ErrorObject::invalid_request(
                "Invalid request: `initialize` must not be part of a batch",
            ));
        }
        let next = transition(self.state, Event::Initialize).map_err(|v| v.error())?;
        let mut asked: InitializeParams = params.parse()?;
        let profile = Arc::clone(&self.profile);
        let served = profile
            .negotiate(&asked.protocol_version)
            .and_then(|revision| Some((revision, profile.initialize(revision)?)));
        let Some((revision, result)) = served else {
            let requested = asked.protocol_version.as_str();
            return Err(unsupported_version(requested, profile.revisions()));
        };
        // What the revision does not know was not declared, whatever the client wrote.
        asked.capabilities.lower(revision);
        self.state = next;
        self.client = Some(profile.share(ClientProfile {
            revision,
            info: asked.client_info,
            capabilities: asked.capabilities,
        }));
        self.answer_rendered(address, result);
        Ok(())
    }

    fn subscribe(&mut self, params: &Params<'_>) -> Result<(), ErrorObject> {
        let wanted: SubscribeParams = params.parse()?;
        self.subscriptions
            .subscribe(wanted.uri, self.limits.subscriptions)
    }

    /// Opens a subscription: its first message is the acknowledgement (SUB-M-02).
    fn listen(&mut self, address: &Address, asked: &ListenFilter) -> Result<(), ErrorObject> {
        let honoured = self.subscriptions.open(
            address.id.clone(),
            address.exchange,
            asked,
            self.profile.capabilities(),
            self.limits.subscriptions,
        )?;
        let route = Route::Subscription(address.exchange);
        self.outbox.push(route, |buffer| {
            subscription::acknowledge(buffer, &address.id, honoured);
        });
        Ok(())
    }
}

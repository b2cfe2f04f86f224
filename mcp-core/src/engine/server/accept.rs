//! The checks of each era: what a request must be before a handler sees it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::json;

use super::ServerEngine;
use super::call::{Address, ClientProfile};
use crate::Revision;
use crate::engine::exchange::LogFilter;
use crate::engine::{Reply, Route};
use crate::jsonrpc::{ErrorObject, clip, encode};
use crate::lifecycle::{
    Event, Method, ModernCheck, Params, State, check_modern, transition, unsupported_version,
};
use crate::model::legacy::{LoggingLevel, SetLevelParams, SubscribeParams};
use crate::model::{
    InitializeParams, Meta, ProgressToken, SubscriptionsAcknowledgedParams,
    SubscriptionsListenParams,
};

/// A request that passed the checks of its era.
pub(super) struct Accepted<'m> {
    pub(super) method: Method,
    pub(super) params: Params<'m>,
    pub(super) token: Option<ProgressToken>,
    pub(super) filter: LogFilter,
    pub(super) client: Option<Arc<ClientProfile>>,
}

impl<'m> Accepted<'m> {
    fn new(
        filter: LogFilter,
        method: Method,
        params: Params<'m>,
        client: Option<Arc<ClientProfile>>,
    ) -> Result<Self, ErrorObject> {
        let token = match params.meta.progress_token {
            None => None,
            Some(raw) => Some(serde_json::from_str(raw.get()).map_err(|_| {
                ErrorObject::invalid_params(format!(
                    "Invalid params: `_meta` member `progressToken` must be a string or an \
                     integer, got {}",
                    clip(raw.get())
                ))
            })?),
        };
        Ok(Self {
            method,
            params,
            token,
            filter,
            client,
        })
    }
}

impl ServerEngine {
    /// Checks a request. `None` when the engine has answered it itself.
    pub(super) fn accept<'m>(
        &mut self,
        address: &mut Address,
        name: &str,
        params: Result<Params<'m>, ErrorObject>,
    ) -> Result<Option<Accepted<'m>>, ErrorObject> {
        if self.in_flight.contains(&address.id) || self.subscriptions.contains(&address.id) {
            return Err(Self::unanswered(&address.id));
        }
        let params = params?;
        let modern_only = |m: Method| !m.exists_in(Revision::NEWEST_LEGACY);
        let unsaid =
            self.state == State::Uninitialized && Method::from_wire(name).is_some_and(modern_only);
        if params.meta.is_modern() || unsaid {
            self.accept_modern(address, name, params)
        } else {
            self.accept_legacy(address, name, params)
        }
    }

    fn accept_modern<'m>(
        &mut self,
        address: &mut Address,
        name: &str,
        params: Params<'m>,
    ) -> Result<Option<Accepted<'m>>, ErrorObject> {
        transition(self.state, Event::ModernRequest).map_err(|violation| violation.error())?;
        address.revision = Revision::NEWEST_MODERN;
        if address.batch.is_some() {
            return Err(ErrorObject::invalid_request(
                "Invalid request: a request of 2026-07-28 must not be part of a batch",
            ));
        }
        let (revision, method) = check_modern(ModernCheck {
            method: name,
            meta: params.meta,
            header: None,
            revisions: self.profile.revisions(),
        })?;
        address.revision = revision;
        self.check_offered(method)?;
        let filter = match params.meta.log_level {
            None => LogFilter::Off,
            Some(raw) => {
                let level: LoggingLevel = serde_json::from_str(raw.get()).map_err(|_| {
                    ErrorObject::invalid_params(format!(
                        "Invalid params: `_meta` member `{}` must be one of debug, info, notice, \
                         warning, error, critical, alert, emergency; got {}",
                        Meta::LOG_LEVEL,
                        clip(raw.get())
                    ))
                })?;
                LogFilter::Fixed(level)
            }
        };
        match method {
            Method::Discover => {
                let profile = Arc::clone(&self.profile);
                self.answer_rendered(address, profile.discover());
                Ok(None)
            }
            Method::Listen => self.listen(address, &params).map(|()| None),
            _ => Accepted::new(self.logging(filter), method, params, None).map(Some),
        }
    }

    fn accept_legacy<'m>(
        &mut self,
        address: &Address,
        name: &str,
        params: Params<'m>,
    ) -> Result<Option<Accepted<'m>>, ErrorObject> {
        let method = Method::from_wire(name);
        match method {
            Some(Method::Initialize) => return self.initialize(address, &params).map(|()| None),
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
        self.check_offered(method)?;
        match method {
            Method::SetLevel => {
                let wanted: SetLevelParams = params.parse()?;
                self.log_level.store(wanted.level as u8, Ordering::Relaxed);
            }
            Method::Subscribe => self.subscribe(&params)?,
            Method::Unsubscribe => {
                let wanted: SubscribeParams = params.parse()?;
                self.subscriptions.unsubscribe(&wanted.uri);
            }
            _ => {
                let filter = self.logging(LogFilter::Shared(Arc::clone(&self.log_level)));
                let client = self.client.clone();
                return Accepted::new(filter, method, params, client).map(Some);
            }
        }
        self.answer(address, Ok(Reply::Empty));
        Ok(None)
    }

    /// No log message leaves a server that did not declare `logging` (LOG-A-01).
    fn logging(&self, filter: LogFilter) -> LogFilter {
        match self.profile.capabilities().logging {
            Some(_) => filter,
            None => LogFilter::Off,
        }
    }

    /// Refuses what was not advertised (DISC-M-02), and everything while there is no room.
    fn check_offered(&self, method: Method) -> Result<(), ErrorObject> {
        if !self.profile.offers(method) {
            return Err(ErrorObject::method_not_found(method.as_str()));
        }
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
        let asked: InitializeParams = params.parse()?;
        let profile = Arc::clone(&self.profile);
        let served = profile
            .negotiate(&asked.protocol_version)
            .and_then(|revision| Some((revision, profile.initialize(revision)?)));
        let Some((revision, result)) = served else {
            let requested = asked.protocol_version.as_str();
            return Err(unsupported_version(requested, profile.revisions()));
        };
        self.state = next;
        self.client = Some(Arc::new(ClientProfile {
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
    fn listen(&mut self, address: &Address, params: &Params<'_>) -> Result<(), ErrorObject> {
        let asked: SubscriptionsListenParams = params.parse()?;
        let notifications = self.subscriptions.open(
            address.id.clone(),
            address.exchange,
            &asked.notifications,
            self.profile.capabilities(),
            self.limits.subscriptions,
        )?;
        let mut meta = Meta::new();
        meta.insert(Meta::SUBSCRIPTION_ID, json!(address.id));
        let params = SubscriptionsAcknowledgedParams {
            notifications,
            meta: Some(meta),
            ..SubscriptionsAcknowledgedParams::default()
        };
        let route = Route::Subscription(address.exchange);
        self.outbox.push(route, |buffer| {
            let method = "notifications/subscriptions/acknowledged";
            encode::notification(buffer, method, Some(&params));
        });
        Ok(())
    }
}

//! A modern request by itself: pure functions that the engine and exchanges without one share.

use super::exchange::{ExchangeId, LogFilter};
use super::server::{Address, Call};
use super::{IncomingRequest, Principal, ServerProfile, Subscription};
use crate::json::JsonText;
use crate::jsonrpc::{ErrorObject, RequestId, clip, encode};
use crate::lifecycle::{HeaderCheck, Method, ModernCheck, Params, check_modern};
use crate::model::legacy::LoggingLevel;
use crate::model::{ListenFilter, Meta, ProgressToken, SubscriptionsListenParams};
use crate::{Limits, Revision};

/// A modern request that passed every check.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "the common case goes by value: a box would be an allocation per call"
)]
pub enum Opened<'m> {
    /// It goes to a handler.
    Call(Call<'m>),
    /// It is answered: the whole response.
    Answered(Vec<u8>),
    /// It opens a subscription.
    Listen(Subscription),
}

/// Opens a modern request that has a stream to itself, as every HTTP exchange does.
///
/// `headers` is asked whether the transport's headers agree with the request, given the version
/// that `_meta` names, the method and the parameters.
///
/// # Errors
/// Those of [`check_modern`], in its order; then -32601 for a method whose capability was not
/// advertised (DISC-M-02), and -32602 for parameters that the protocol itself reads.
pub fn open<'m>(
    profile: &ServerProfile,
    limits: &Limits,
    request: IncomingRequest<'m>,
    principal: Principal,
    headers: &dyn Fn(&str, &str, &Params<'m>) -> Result<(), ErrorObject>,
) -> Result<Opened<'m>, (RequestId, ErrorObject)> {
    let IncomingRequest { id, method, params } = request;
    let admitted = params.and_then(|params| {
        let check = |version: &str| headers(version, &method, &params);
        Ok((admit(profile, &method, &params, &check)?, params))
    });
    let ((revision, admission), params) = match admitted {
        Ok(admitted) => admitted,
        Err(error) => return Err((id, error)),
    };
    match admission {
        Admission::Discover => {
            let mut response = Vec::new();
            encode::response_raw(&mut response, &id, profile.discover());
            Ok(Opened::Answered(response))
        }
        Admission::Listen(asked) => {
            Subscription::open(id.clone(), &asked, profile.capabilities(), limits)
                .map(Opened::Listen)
                .map_err(|error| (id, error))
        }
        Admission::Call {
            method,
            token,
            filter,
        } => Ok(Opened::Call(Call {
            method,
            revision,
            params,
            address: Address {
                id,
                exchange: ExchangeId::ALONE,
                revision,
                batch: None,
            },
            token,
            filter,
            capacity: limits.queue,
            signals: None,
            client: None,
            one_way: false,
            principal,
            exchange: std::cell::OnceCell::new(),
        })),
    }
}

/// What a modern request that may pass is.
pub(super) enum Admission {
    /// `server/discover`.
    Discover,
    /// `subscriptions/listen`.
    Listen(ListenFilter),
    /// What a handler answers.
    Call {
        method: Method,
        token: Option<ProgressToken>,
        filter: LogFilter,
    },
}

/// Checks a modern request: VER-D-03, then whether the server offers the method, then the members
/// of `_meta` that are optional.
pub(super) fn admit(
    profile: &ServerProfile,
    method: &str,
    params: &Params<'_>,
    headers: HeaderCheck<'_>,
) -> Result<(Revision, Admission), ErrorObject> {
    let (revision, method) = check_modern(ModernCheck {
        method,
        meta: params.meta,
        headers,
        revisions: profile.revisions(),
    })?;
    check_offered(profile, method)?;
    let filter = match params.meta.log_level {
        None => LogFilter::Off,
        Some(raw) => LogFilter::Fixed(log_level(raw)?),
    };
    let admission = match method {
        Method::Discover => Admission::Discover,
        Method::Listen => {
            let asked: SubscriptionsListenParams = params.parse()?;
            Admission::Listen(asked.notifications)
        }
        method => Admission::Call {
            method,
            token: progress_token(params)?,
            filter: logging(profile, filter),
        },
    };
    Ok((revision, admission))
}

/// Refuses what was not advertised (DISC-M-02).
pub(super) fn check_offered(profile: &ServerProfile, method: Method) -> Result<(), ErrorObject> {
    match profile.offers(method) {
        true => Ok(()),
        false => Err(ErrorObject::method_not_found(method.as_str())),
    }
}

/// No log message leaves a server that did not declare `logging` (LOG-A-01).
pub(super) fn logging(profile: &ServerProfile, filter: LogFilter) -> LogFilter {
    match profile.capabilities().logging {
        Some(_) => filter,
        None => LogFilter::Off,
    }
}

/// The token that the peer wants progress under (PROG-A-01).
pub(super) fn progress_token(params: &Params<'_>) -> Result<Option<ProgressToken>, ErrorObject> {
    let Some(raw) = params.meta.progress_token else {
        return Ok(None);
    };
    serde_json::from_str(raw.get()).map(Some).map_err(|_| {
        ErrorObject::invalid_params(format!(
            "Invalid params: `_meta` member `progressToken` must be a string or an integer, got {}",
            clip(raw.get())
        ))
    })
}

/// LOG-M-02.
fn log_level(raw: JsonText<'_>) -> Result<LoggingLevel, ErrorObject> {
    serde_json::from_str(raw.get()).map_err(|_| {
        ErrorObject::invalid_params(format!(
            "Invalid params: `_meta` member `{}` must be one of debug, info, notice, warning, \
             error, critical, alert, emergency; got {}",
            Meta::LOG_LEVEL,
            clip(raw.get())
        ))
    })
}

//! The token endpoint, and what is had there.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri};
use mcp_core::engine::Scopes;
use serde::Deserialize;
use tokio::time::Instant;

use super::challenge::{DPOP_NONCE, nonce};
use super::discovery::{failed, origin_of};
use super::dpop::Prover;
use super::error::{AuthError, OAuthError};
use super::identity::identify;
use super::registration::Registration;
use crate::auth::fetch::form_encode;
use crate::auth::metadata::AuthorizationServer;
use crate::auth::{FetchError, Fetcher, Secret};

/// The longest that a token is believed to be good.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);
/// How long before its end a token is renewed.
const MARGIN: Duration = Duration::from_secs(30);

/// What was granted.
#[derive(Clone)]
pub(super) struct Tokens {
    pub(super) access: Arc<Secret<String>>,
    pub(super) refresh: Option<Arc<Secret<String>>>,
    pub(super) life: Option<Life>,
    /// What was asked for with it and before.
    pub(super) asked: Scopes,
    /// The key that it is worth nothing without.
    pub(super) prover: Option<Arc<Prover>>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("refresh", &self.refresh.is_some())
            .field("life", &self.life)
            .field("asked", &self.asked)
            .finish_non_exhaustive()
    }
}

impl Tokens {
    /// The value of `Authorization` (AUTH-C-01).
    pub(super) fn shown(&self) -> HeaderValue {
        let scheme = if self.prover.is_some() {
            "DPoP"
        } else {
            "Bearer"
        };
        let value = format!("{scheme} {}", self.access.expose());
        let mut value = HeaderValue::try_from(value).expect("it was looked at when it came");
        value.set_sensitive(true);
        value
    }

    /// Whether it is good for long enough to be used, as far as one can know.
    pub(super) fn is_fresh(&self) -> bool {
        self.life.is_none_or(|life| Instant::now() < life.renew)
    }
}

/// How long a token is good.
#[derive(Debug, Clone, Copy)]
pub(super) struct Life {
    /// From when on it is time for another one.
    renew: Instant,
    /// From when on it is worth nothing.
    pub(super) end: Instant,
}

impl Life {
    /// A life from now on. A request needs some of it for its way.
    pub(super) fn of(length: Duration) -> Self {
        let end = Instant::now() + length.min(LONGEST);
        Self {
            renew: end - MARGIN.min(length / 4),
            end,
        }
    }
}

/// The answer of a token endpoint (RFC 6749 §5.1).
#[derive(Deserialize)]
struct Answer {
    access_token: String,
    token_type: String,
    expires_in: Option<serde_json::Value>,
    refresh_token: Option<String>,
    issued_token_type: Option<String>,
}

/// A token endpoint, as one client sees it.
pub(super) struct TokenEndpoint<'a> {
    pub(super) fetcher: &'a Fetcher,
    pub(super) issuer: &'a AuthorizationServer,
    pub(super) client: &'a Registration,
    pub(super) prover: Option<&'a Arc<Prover>>,
}

impl TokenEndpoint<'_> {
    /// Asks for tokens with this form, to which is added who asks.
    ///
    /// # Errors
    /// [`AuthError::Token`] with the reason that the endpoint gave, or why there was none.
    pub(super) async fn tokens(&self, form: String, asked: Scopes) -> Result<Tokens, AuthError> {
        let answer = self.ask(form).await?;
        let bound = match answer.token_type.to_ascii_lowercase().as_str() {
            "bearer" => None,
            "dpop" => Some(
                self.prover
                    .ok_or_else(|| self.unusable("it is bound to a key"))?,
            ),
            _ => return Err(self.unusable("it is of no known type")),
        };
        if !is_presentable(&answer.access_token) {
            return Err(self.unusable("it fits into no header"));
        }
        let lasts = answer.expires_in.as_ref().and_then(seconds);
        Ok(Tokens {
            access: Arc::new(answer.access_token.into()),
            refresh: answer.refresh_token.map(|token| Arc::new(token.into())),
            life: lasts.map(Life::of),
            asked,
            prover: bound.cloned(),
        })
    }

    /// Exchanges one token for another of this type (RFC 8693).
    ///
    /// # Errors
    /// As [`TokenEndpoint::tokens`].
    pub(super) async fn exchanged(
        &self,
        form: String,
        kind: &str,
    ) -> Result<Secret<String>, AuthError> {
        let answer = self.ask(form).await?;
        match answer.issued_token_type.as_deref() {
            Some(issued) if issued == kind => Ok(answer.access_token.into()),
            _ => Err(self.unusable("it is of another type than was asked for")),
        }
    }

    fn unusable(&self, why: &'static str) -> AuthError {
        AuthError::Unusable {
            issuer: self.issuer.issuer.clone(),
            why,
        }
    }

    async fn ask(&self, mut form: String) -> Result<Answer, AuthError> {
        let Some(url) = self.issuer.token_endpoint.as_deref() else {
            return Err(AuthError::Unsuitable {
                issuer: self.issuer.issuer.clone(),
                why: "it has no `token_endpoint`",
            });
        };
        let mut headers = HeaderMap::new();
        identify(self.client, self.issuer, &mut headers, &mut form)?;
        let mut answer = self.post(url, &headers, &form).await?;
        if answer.status() == StatusCode::BAD_REQUEST
            && OAuthError::read(answer.status(), answer.body()).code == "use_dpop_nonce"
            && answer.headers().contains_key(&DPOP_NONCE)
        {
            answer = self.post(url, &headers, &form).await?;
        }
        let status = answer.status();
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            // That says nothing about what was shown to it.
            return Err(failed(url, FetchError::Status(status)));
        }
        if status != StatusCode::OK {
            return Err(AuthError::Token {
                issuer: self.issuer.issuer.clone(),
                answer: OAuthError::read(status, answer.body()),
            });
        }
        serde_json::from_slice(answer.body()).map_err(|_| self.unusable("it cannot be read"))
    }

    async fn post(
        &self,
        url: &str,
        headers: &HeaderMap,
        form: &str,
    ) -> Result<Response<Bytes>, AuthError> {
        let mut headers = headers.clone();
        let place = url.parse::<Uri>().ok();
        if let (Some(prover), Some(uri)) = (self.prover, &place) {
            let proof = prover.proof(&Method::POST, uri, None)?;
            let proof = HeaderValue::try_from(proof).expect("a token fits into a header");
            headers.insert("dpop", proof);
        }
        let sent = self.fetcher.send_form(url, headers, form.to_owned()).await;
        let answer = sent.map_err(|cause| failed(url, cause))?;
        if let (Some(prover), Some(uri), Some(nonce)) =
            (self.prover, &place, nonce(answer.headers()))
        {
            prover.learn(&origin_of(uri), &nonce);
        }
        Ok(answer)
    }
}

/// Whether a token fits into a header.
pub(super) fn is_presentable(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}

/// How long a token lasts. Some servers say it as a text.
fn seconds(value: &serde_json::Value) -> Option<Duration> {
    let number = value.as_f64().or_else(|| value.as_str()?.parse().ok())?;
    let number = number.clamp(0.0, LONGEST.as_secs_f64());
    Duration::try_from_secs_f64(number).ok()
}

/// A form with these members, those without a value left out.
pub(super) fn form(members: &[(&str, Option<&str>)]) -> String {
    let mut form = String::new();
    for (name, value) in members {
        if let Some(value) = value {
            form_encode(&mut form, name, value);
        }
    }
    form
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn how_long_a_token_lasts_is_believed_within_reason() {
        for (said, expected) in [
            (json!(3600), Some(3600)),
            (json!("3600"), Some(3600)),
            (json!(-5), Some(0)),
            (json!(1e300), Some(LONGEST.as_secs())),
            (json!("soon"), None),
            (json!(null), None),
        ] {
            assert_eq!(
                seconds(&said).map(|lasts| lasts.as_secs()),
                expected,
                "{said}"
            );
        }
    }

    #[test]
    fn members_without_a_value_are_left_out_of_a_form() {
        assert_eq!(
            form(&[("a", Some("1 2")), ("b", None), ("c", Some(""))]),
            "a=1%202&c="
        );
    }

    #[test]
    fn fault_95_debug_shows_no_token() {
        let tokens = Tokens {
            access: Arc::new("t0ken".into()),
            refresh: Some(Arc::new("refr3sh".into())),
            life: None,
            asked: Scopes::NONE,
            prover: None,
        };
        let shown = format!("{tokens:?} {:?}", tokens.shown());
        assert!(
            !shown.contains("t0ken") && !shown.contains("refr3sh"),
            "{shown}"
        );
    }
}

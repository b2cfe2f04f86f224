//! The two ways to find out what a token is worth: its signature, or its issuer.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Semaphore;

use super::claims::{Kind, Rules};
use super::issuer::Issuer;
use super::token::{PresentedToken, Unverified, Verified};
use crate::auth::fetch::{form_encode, percent_encode};
use crate::auth::jwk::Algorithm;
use crate::auth::jws::Jws;
use crate::auth::{Fetcher, Secret};

/// Which types a signed token may say it has (RFC 9068 §2.1, and what issuers wrote before it).
/// Other signed things of the same issuer are no access tokens.
const TYPES: [&str; 2] = ["at+jwt", "jwt"];

/// Verifies a token by its signature, with the keys of its issuer.
pub(super) async fn signed(
    token: &Jws<'_>,
    issuer: &Arc<Issuer>,
    fetcher: &Fetcher,
    algorithms: &[Algorithm],
    rules: &Rules,
) -> Result<Verified, Unverified> {
    let invalid = |error: crate::auth::jws::JwsError| Unverified::invalid(error.to_string());
    if token.typ().is_some_and(|typ| !TYPES.contains(&&*typ)) {
        return Err(Unverified::invalid("it is no access token"));
    }
    let algorithm = token.algorithm(algorithms).map_err(invalid)?;
    let kid = token.header.kid.as_deref();
    let keys = issuer.keys(fetcher, kid, algorithm).await?;
    let mut verified = keys
        .iter()
        .map(|key| token.verified::<Value>(key, algorithm));
    let claims = verified.find_map(Result::ok);
    let claims = claims.ok_or(Unverified::invalid("the token's signature is wrong"))?;
    rules.judge(claims, Kind::Signed, SystemTime::now())
}

/// Asks the issuer about tokens (RFC 7662), as a client that it knows.
pub(super) struct Introspection {
    pub(super) client_id: String,
    pub(super) secret: Secret<String>,
    pub(super) keep: Duration,
    /// Questions that may be open at once.
    pub(super) room: Semaphore,
}

impl Introspection {
    pub(super) async fn ask(
        &self,
        token: &PresentedToken<'_>,
        issuer: &Arc<Issuer>,
        fetcher: &Fetcher,
        rules: &Rules,
    ) -> Result<Verified, Unverified> {
        #[derive(Deserialize)]
        struct Active {
            active: bool,
        }

        let Ok(_asking) = self.room.try_acquire() else {
            let why = "too many tokens are asked about at once (limit `introspections`)";
            return Err(Unverified::Unavailable(why.to_owned()));
        };
        let description = issuer.description(fetcher).await?;
        let endpoint = description.metadata.introspection_endpoint.as_deref();
        let endpoint = endpoint.ok_or_else(|| {
            let why = format!("the issuer {} has no introspection_endpoint", issuer.name);
            Unverified::Unavailable(why)
        })?;
        let mut form = String::new();
        form_encode(&mut form, "token", token.reveal());
        form_encode(&mut form, "token_type_hint", "access_token");
        let answer = fetcher.post_form::<Value>(endpoint, self.credentials(), form);
        let answer = answer
            .await
            .map_err(|error| Unverified::Unavailable(format!("{endpoint}: {error}")))?;
        match Active::deserialize(&answer) {
            Ok(Active { active: true }) => {}
            Ok(Active { active: false }) => {
                return Err(Unverified::invalid("the token is not active"));
            }
            Err(error) => return Err(Unverified::Unavailable(format!("{endpoint}: {error}"))),
        }
        let verified = rules.judge(answer, Kind::Introspected, SystemTime::now())?;
        Ok(verified.keep(self.keep))
    }

    fn credentials(&self) -> HeaderMap {
        let mut pair = String::new();
        percent_encode(&mut pair, &self.client_id);
        pair.push(':');
        percent_encode(&mut pair, self.secret.expose());
        let value = format!("Basic {}", BASE64.encode(pair));
        let mut value = HeaderValue::try_from(value).expect("base64 is visible ASCII");
        value.set_sensitive(true);
        HeaderMap::from_iter([(AUTHORIZATION, value)])
    }
}

impl std::fmt::Debug for Introspection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Introspection")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

//! Who this client is to an authorization server (AUTH-C-04, AUTH-C-05).

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde::{Deserialize, Serialize};

use super::discovery::failed;
use super::error::{AuthError, OAuthError};
use super::sign::SigningKey;
use crate::auth::metadata::AuthorizationServer;
use crate::auth::{Fetcher, Secret};
use crate::http_client::is_this_machine;

/// A client that an authorization server knows.
///
/// ```
/// use mcp_transport::auth::client::Registration;
///
/// let client = Registration::new("my-client").secret("s3cr3t").issuer("https://as.example");
/// assert!(!format!("{client:?}").contains("s3cr3t"));
/// ```
#[derive(Clone)]
pub struct Registration {
    pub(super) client_id: String,
    pub(super) issuer: Option<String>,
    pub(super) secret: Option<Arc<Secret<String>>>,
    pub(super) key: Option<Arc<SigningKey>>,
    /// How the authorization server wants to be told, if it said so when this was registered.
    pub(super) method: Option<String>,
    /// Where logins may come back to, if that is known.
    pub(super) redirect_uris: Vec<String>,
}

impl Registration {
    /// The client of this id, without a secret.
    pub fn new(client_id: impl Into<String>) -> Self {
        Self {
            client_id: client_id.into(),
            issuer: None,
            secret: None,
            key: None,
            method: None,
            redirect_uris: Vec::new(),
        }
    }

    /// The same, known by a secret.
    #[must_use]
    pub fn secret(mut self, secret: impl Into<Secret<String>>) -> Self {
        self.secret = Some(Arc::new(secret.into()));
        self
    }

    /// The same, known by a key: `private_key_jwt` (AUTH-X-01).
    #[must_use]
    pub fn key(mut self, key: SigningKey) -> Self {
        self.key = Some(Arc::new(key));
        self
    }

    /// The authorization server that knows it; no other ever gets to see it (fault 93). Without
    /// one it belongs to the first that the server names, which you then have to trust in this.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }
}

/// Shows no secret.
impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration")
            .field("client_id", &self.client_id)
            .field("issuer", &self.issuer)
            .field("secret", &self.secret.is_some())
            .field("key", &self.key.is_some())
            .finish_non_exhaustive()
    }
}

/// What a client asks to be registered as (RFC 7591 §2).
#[derive(Serialize)]
struct Request<'a> {
    client_name: &'a str,
    redirect_uris: [&'a str; 1],
    grant_types: [&'static str; 2],
    response_types: [&'static str; 1],
    token_endpoint_auth_method: &'static str,
    application_type: &'static str,
}

/// What it was registered as (RFC 7591 §3.2.1).
#[derive(Deserialize)]
struct Registered {
    client_id: String,
    client_secret: Option<String>,
    token_endpoint_auth_method: Option<String>,
}

/// How a client without a name in the authorization server's books can say who it is, best first.
fn method(issuer: &AuthorizationServer) -> &'static str {
    let supported = issuer.token_endpoint_auth_methods_supported.as_deref();
    let Some(supported) = supported else {
        return "client_secret_basic";
    };
    let known = ["none", "client_secret_basic", "client_secret_post"];
    let mut known = known.into_iter();
    let found = known.find(|name| supported.iter().any(|other| other == name));
    found.unwrap_or("client_secret_basic")
}

/// Registers this client, under a name that people get to see.
///
/// # Errors
/// [`AuthError::Registration`] when it is not taken.
pub(super) async fn register(
    fetcher: &Fetcher,
    issuer: &AuthorizationServer,
    endpoint: &str,
    name: &str,
    redirect_uri: &str,
) -> Result<Registration, AuthError> {
    let refused = |answer| AuthError::Registration {
        issuer: issuer.issuer.clone(),
        answer,
    };
    let here = redirect_uri.parse().is_ok_and(|uri| is_this_machine(&uri));
    let web = redirect_uri.starts_with("https://") && !here;
    let request = Request {
        client_name: name,
        redirect_uris: [redirect_uri],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        token_endpoint_auth_method: method(issuer),
        application_type: if web { "web" } else { "native" },
    };
    let body = serde_json::to_vec(&request).expect("texts become JSON");
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let answer = fetcher
        .send(Method::POST, endpoint, headers, Bytes::from(body))
        .await
        .map_err(|cause| failed(endpoint, cause))?;
    let status = answer.status();
    if !matches!(status, StatusCode::CREATED | StatusCode::OK) {
        return Err(refused(OAuthError::read(status, answer.body())));
    }
    let read = serde_json::from_slice::<Registered>(answer.body());
    let registered =
        read.map_err(|_| refused(OAuthError::new("the answer names no client", None)))?;
    Ok(Registration {
        client_id: registered.client_id,
        issuer: Some(issuer.issuer.clone()),
        secret: registered
            .client_secret
            .map(|secret| Arc::new(secret.into())),
        key: None,
        method: registered.token_endpoint_auth_method,
        redirect_uris: vec![redirect_uri.to_owned()],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_registers_with_as_little_secret_as_the_server_allows() {
        let method = |supported: Option<&[&str]>| {
            method(&AuthorizationServer {
                token_endpoint_auth_methods_supported: supported
                    .map(|names| names.iter().map(|name| (*name).to_owned()).collect()),
                ..AuthorizationServer::default()
            })
        };
        assert_eq!(method(Some(&["client_secret_basic", "none"])), "none");
        assert_eq!(method(Some(&["client_secret_post"])), "client_secret_post");
        assert_eq!(method(Some(&["private_key_jwt"])), "client_secret_basic");
        assert_eq!(method(None), "client_secret_basic");
    }

    #[test]
    fn fault_95_debug_shows_no_secret() {
        let shown = format!("{:?}", Registration::new("id").secret("s3cr3t"));
        assert!(shown.contains("id") && !shown.contains("s3cr3t"), "{shown}");
    }
}

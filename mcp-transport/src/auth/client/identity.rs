//! How this client says who it is at the token endpoint (RFC 6749 §2.3, RFC 7523).

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use serde_json::json;

use super::error::AuthError;
use super::random;
use super::registration::Registration;
use crate::auth::fetch::{form_encode, percent_encode};
use crate::auth::metadata::AuthorizationServer;

/// How long a signed statement of who this client is counts, in seconds.
const ASSERTION: u64 = 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Basic,
    Post,
    None,
    Key,
}

/// The way that both sides know.
fn method(client: &Registration, issuer: &AuthorizationServer) -> Method {
    if client.key.is_some() {
        return Method::Key;
    }
    if client.secret.is_none() {
        return Method::None;
    }
    match client.method.as_deref() {
        Some("client_secret_basic") => return Method::Basic,
        Some("client_secret_post") => return Method::Post,
        Some("none") => return Method::None,
        _ => {}
    }
    let Some(supported) = &issuer.token_endpoint_auth_methods_supported else {
        return Method::Basic;
    };
    let supports = |name: &str| supported.iter().any(|other| other == name);
    if supports("client_secret_basic") {
        Method::Basic
    } else if supports("client_secret_post") {
        Method::Post
    } else if supports("none") {
        Method::None
    } else {
        Method::Basic
    }
}

/// Adds to a request to the token endpoint what says who it is from.
///
/// # Errors
/// [`AuthError::Random`] when what is signed for it cannot be.
pub(super) fn identify(
    client: &Registration,
    issuer: &AuthorizationServer,
    headers: &mut HeaderMap,
    form: &mut String,
) -> Result<(), AuthError> {
    let secret = client
        .secret
        .as_ref()
        .map(|secret| secret.expose().as_str());
    match method(client, issuer) {
        Method::Basic => {
            let mut text = String::new();
            percent_encode(&mut text, &client.client_id);
            text.push(':');
            percent_encode(&mut text, secret.unwrap_or_default());
            let value = format!("Basic {}", STANDARD.encode(text));
            let mut value = HeaderValue::try_from(value).expect("base64 fits into a header");
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        Method::Post => {
            form_encode(form, "client_id", &client.client_id);
            form_encode(form, "client_secret", secret.unwrap_or_default());
        }
        Method::None => form_encode(form, "client_id", &client.client_id),
        Method::Key => {
            let key = client.key.as_ref().ok_or(AuthError::Key("there is none"))?;
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            let now = now.map_or(0, |now| now.as_secs());
            let claims = json!({
                "iss": client.client_id,
                "sub": client.client_id,
                "aud": issuer.issuer,
                "jti": random::text()?,
                "iat": now,
                "exp": now + ASSERTION,
            });
            let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
            form_encode(form, "client_id", &client.client_id);
            form_encode(form, "client_assertion_type", kind);
            let header = json!({ "typ": "JWT" });
            form_encode(form, "client_assertion", &key.sign(header, &claims)?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::sign::SigningKey;
    use super::*;

    fn issuer(supported: Option<&[&str]>) -> AuthorizationServer {
        AuthorizationServer {
            token_endpoint_auth_methods_supported: supported
                .map(|names| names.iter().map(|name| (*name).to_owned()).collect()),
            ..AuthorizationServer::named("https://as.example".to_owned())
        }
    }

    #[test]
    fn a_client_says_who_it_is_as_the_server_wants_it() {
        let secret = || Registration::new("id").secret("s");
        let key = SigningKey::generate().expect("a key");
        for (client, supported, expected) in [
            (Registration::new("id"), None, Method::None),
            (secret(), None, Method::Basic),
            (secret(), Some(&["client_secret_post"][..]), Method::Post),
            (
                secret(),
                Some(&["client_secret_post", "client_secret_basic"]),
                Method::Basic,
            ),
            (secret(), Some(&["none"]), Method::None),
            (secret(), Some(&["tls_client_auth"]), Method::Basic),
            (secret().key(key), None, Method::Key),
        ] {
            assert_eq!(
                method(&client, &issuer(supported)),
                expected,
                "{client:?} {supported:?}"
            );
        }
        let mut told = secret();
        told.method = Some("client_secret_post".to_owned());
        assert_eq!(method(&told, &issuer(None)), Method::Post);
    }

    #[test]
    fn id_and_secret_are_encoded_before_they_are_joined() {
        let (mut headers, mut form) = (HeaderMap::new(), String::new());
        let client = Registration::new("a:b").secret("c d");
        identify(&client, &issuer(None), &mut headers, &mut form).expect("sound");
        let value = headers.get(AUTHORIZATION).expect("there");
        assert_eq!(value, &format!("Basic {}", STANDARD.encode("a%3Ab:c%20d")));
        assert!(value.is_sensitive() && form.is_empty());
    }
}

//! Fetching the small JSON documents that authorization is made of.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use mcp_core::Limits;
use serde::de::DeserializeOwned;

use super::metadata::is_loopback;
use crate::http_client::{HttpClient, HttpError, HyperClient};

/// Fetches documents: over TLS unless the host is this machine, without redirects, within
/// [`Limits::auth_document`] bytes and [`Limits::auth_timeout`].
#[derive(Clone)]
pub struct Fetcher {
    client: Arc<dyn HttpClient>,
    most: usize,
    patience: Duration,
}

/// Why a document could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// Its address is none to fetch from.
    #[error("{0:?} is no address to fetch from: it must begin with https://")]
    Address(String),
    /// There was no answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// There was none in time.
    #[error("no answer within {0:?} (limit `auth_timeout`)")]
    Late(Duration),
    /// There was another answer than a document.
    #[error("the answer was {0}")]
    Status(StatusCode),
    /// The document does not say what it should.
    #[error("the answer cannot be read: {0}")]
    Unreadable(serde_json::Error),
}

impl Fetcher {
    /// A fetcher with a client of its own.
    pub fn new(limits: &Limits) -> Self {
        Self::with(Arc::new(HyperClient::new(limits)), limits)
    }

    /// A fetcher that uses this client.
    pub fn with(client: Arc<dyn HttpClient>, limits: &Limits) -> Self {
        Self {
            client,
            most: limits.auth_document,
            patience: limits.auth_timeout,
        }
    }

    /// The document at `url`.
    ///
    /// # Errors
    /// [`FetchError`].
    pub async fn get<T: DeserializeOwned>(&self, url: &str) -> Result<T, FetchError> {
        self.fetch(Method::GET, url, HeaderMap::new(), Bytes::new())
            .await
    }

    /// What is answered to a form that is posted to `url`. `form` is encoded already, see
    /// [`form_encode`].
    ///
    /// # Errors
    /// [`FetchError`].
    pub async fn post_form<T: DeserializeOwned>(
        &self,
        url: &str,
        mut headers: HeaderMap,
        form: String,
    ) -> Result<T, FetchError> {
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(CONTENT_TYPE, form_type);
        self.fetch(Method::POST, url, headers, form.into()).await
    }

    async fn fetch<T: DeserializeOwned>(
        &self,
        method: Method,
        url: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<T, FetchError> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = address(url)?;
        *request.headers_mut() = headers;
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(ACCEPT, json);
        let fetched = async {
            let response = self.client.exchange(request).await?;
            let status = response.status();
            if status != StatusCode::OK {
                return Err(FetchError::Status(status));
            }
            let body = response.into_body().read(self.most).await?;
            serde_json::from_slice(&body).map_err(FetchError::Unreadable)
        };
        let fetched = tokio::time::timeout(self.patience, fetched).await;
        fetched.unwrap_or(Err(FetchError::Late(self.patience)))
    }
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fetcher").finish_non_exhaustive()
    }
}

/// The address in `url`, if it is one that what is fetched can be trusted from.
fn address(url: &str) -> Result<Uri, FetchError> {
    let uri: Option<Uri> = url.parse().ok();
    uri.filter(|uri| {
        let scheme = uri.scheme_str();
        scheme == Some("https") || (scheme == Some("http") && is_loopback(uri))
    })
    .ok_or_else(|| FetchError::Address(url.chars().take(200).collect()))
}

/// Appends `name=value` to a form, both encoded.
pub fn form_encode(form: &mut String, name: &str, value: &str) {
    if !form.is_empty() {
        form.push('&');
    }
    percent_encode(form, name);
    form.push('=');
    percent_encode(form, value);
}

/// Appends `text` as forms and credentials hold it (RFC 6749 appendix B).
pub fn percent_encode(out: &mut String, text: &str) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(DIGITS[usize::from(byte >> 4)]));
            out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_come_over_tls_or_from_this_machine() {
        for good in [
            "https://a.example/x",
            "http://127.0.0.1:8000/x",
            "http://localhost/x",
            "http://[::1]/x",
        ] {
            assert!(address(good).is_ok(), "{good}");
        }
        for bad in [
            "http://a.example/x",
            "http://127.0.0.1.evil.example/",
            "http://localhost.evil.example/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "/relative",
            "",
        ] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn forms_are_encoded() {
        let mut form = String::new();
        form_encode(&mut form, "token", "a b&c=d/é");
        form_encode(&mut form, "x", "1");
        assert_eq!(form, "token=a%20b%26c%3Dd%2F%C3%A9&x=1");
    }
}

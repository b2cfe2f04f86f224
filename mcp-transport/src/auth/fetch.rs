//! Fetching the small JSON documents that authorization is made of.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri};
use mcp_core::Limits;
use serde::de::DeserializeOwned;

use crate::http_client::{
    HttpClient, HttpError, HyperClient, Reach, is_this_machine, resolve, same_origin,
};

/// Redirects that one document is followed through.
const REDIRECTS: usize = 3;

/// Fetches documents: over TLS unless the host is this machine, led elsewhere only on the same
/// origin, within [`Limits::auth_document`] bytes and [`Limits::auth_timeout`].
#[derive(Clone)]
pub struct Fetcher {
    client: Arc<dyn HttpClient>,
    reach: Reach,
    most: usize,
    patience: Duration,
}

/// Why a document could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// Its address is none to fetch from.
    #[error("{0:?} is no address to fetch from: it must begin with https:// and be within reach")]
    Address(String),
    /// There was no answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// There was none in time.
    #[error("no answer within {0:?} (limit `auth_timeout`)")]
    Late(Duration),
    /// It was longer than allowed.
    #[error("the answer is longer than {0} bytes (limit `auth_document`)")]
    TooLong(usize),
    /// It leads to another server, or too far.
    #[error("the answer leads elsewhere")]
    Redirect,
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
        Self::within(Reach::Anywhere, limits)
    }

    /// The same, for places that others name.
    pub fn within(reach: Reach, limits: &Limits) -> Self {
        Self {
            reach,
            ..Self::with(Arc::new(HyperClient::within(reach, limits)), limits)
        }
    }

    /// A fetcher that uses this client.
    pub fn with(client: Arc<dyn HttpClient>, limits: &Limits) -> Self {
        Self {
            client,
            reach: Reach::Anywhere,
            most: limits.auth_document,
            patience: limits.auth_timeout,
        }
    }

    /// The same, which asks its client for no address beyond `reach`. What a name is looked up as
    /// is for the client to check.
    #[must_use]
    pub fn reaching(mut self, reach: Reach) -> Self {
        self.reach = reach;
        self
    }

    /// The document at `url`.
    ///
    /// # Errors
    /// [`FetchError`].
    pub async fn get<T: DeserializeOwned>(&self, url: &str) -> Result<T, FetchError> {
        let answer = self
            .send(Method::GET, url, HeaderMap::new(), Bytes::new())
            .await?;
        read(&answer)
    }

    /// What is answered to a form that is posted to `url`. `form` is encoded already, see
    /// [`form_encode`].
    ///
    /// # Errors
    /// [`FetchError`].
    pub async fn post_form<T: DeserializeOwned>(
        &self,
        url: &str,
        headers: HeaderMap,
        form: String,
    ) -> Result<T, FetchError> {
        read(&self.send_form(url, headers, form).await?)
    }

    /// The answer to a form, whatever its status.
    pub(super) async fn send_form(
        &self,
        url: &str,
        mut headers: HeaderMap,
        form: String,
    ) -> Result<Response<Bytes>, FetchError> {
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(CONTENT_TYPE, form_type);
        self.send(Method::POST, url, headers, form.into()).await
    }

    /// The answer, whatever its status.
    pub(super) async fn send(
        &self,
        method: Method,
        url: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Response<Bytes>, FetchError> {
        let mut uri = self.address(url)?;
        let sending = async {
            for _ in 0..=REDIRECTS {
                let mut request = Request::new(body.clone());
                *request.method_mut() = method.clone();
                *request.uri_mut() = uri.clone();
                *request.headers_mut() = headers.clone();
                let json = HeaderValue::from_static("application/json");
                request.headers_mut().insert(ACCEPT, json);
                let response = self.client.exchange(request).await?;
                if method != Method::GET || !response.status().is_redirection() {
                    return self.whole(response).await;
                }
                uri = self.led(&uri, response.headers())?;
            }
            Err(FetchError::Redirect)
        };
        let sent = tokio::time::timeout(self.patience, sending).await;
        sent.unwrap_or(Err(FetchError::Late(self.patience)))
    }

    async fn whole(
        &self,
        response: Response<crate::http_client::ReceivedBody>,
    ) -> Result<Response<Bytes>, FetchError> {
        let (head, body) = response.into_parts();
        match body.read(self.most).await {
            Ok(body) => Ok(Response::from_parts(head, body)),
            Err(HttpError::TooLong(most)) => Err(FetchError::TooLong(most)),
            Err(error) => Err(error.into()),
        }
    }

    /// Where a redirect leads, which is another place of the same server or nowhere.
    fn led(&self, from: &Uri, headers: &HeaderMap) -> Result<Uri, FetchError> {
        let location = headers.get(LOCATION).and_then(|to| to.to_str().ok());
        location
            .and_then(|to| resolve(from, to))
            .filter(|to| same_origin(from, to))
            .ok_or(FetchError::Redirect)
    }

    /// The address in `url`, if it is one that what is fetched can be trusted from.
    fn address(&self, url: &str) -> Result<Uri, FetchError> {
        let uri: Option<Uri> = url.parse().ok();
        uri.filter(|uri| {
            let named = uri.authority().is_some_and(|to| !to.as_str().contains('@'));
            let scheme = uri.scheme_str();
            let safe = scheme == Some("https") || (scheme == Some("http") && is_this_machine(uri));
            named && safe && self.reach.allows_literal(uri)
        })
        .ok_or_else(|| FetchError::Address(url.chars().take(200).collect()))
    }
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fetcher").finish_non_exhaustive()
    }
}

/// The document in an answer.
fn read<T: DeserializeOwned>(answer: &Response<Bytes>) -> Result<T, FetchError> {
    match answer.status() {
        StatusCode::OK => serde_json::from_slice(answer.body()).map_err(FetchError::Unreadable),
        status => Err(FetchError::Status(status)),
    }
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
        let anywhere = Fetcher::new(&Limits::default());
        for good in [
            "https://a.example/x",
            "http://127.0.0.1:8000/x",
            "http://localhost/x",
            "http://[::1]/x",
        ] {
            assert!(anywhere.address(good).is_ok(), "{good}");
        }
        for bad in [
            "http://a.example/x",
            "http://127.0.0.1.evil.example/",
            "http://localhost.evil.example/",
            "https://a.example@evil.example/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "/relative",
            "",
        ] {
            assert!(anywhere.address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn fault_89_addresses_beyond_reach_are_not_even_tried() {
        let public = Fetcher::new(&Limits::default()).reaching(Reach::Public);
        for bad in [
            "http://127.0.0.1/x",
            "https://10.0.0.1/x",
            "https://169.254.169.254/latest/meta-data",
            "https://[::ffff:169.254.169.254]/",
        ] {
            assert!(public.address(bad).is_err(), "{bad}");
        }
        assert!(public.address("https://a.example/x").is_ok());
    }

    #[test]
    fn forms_are_encoded() {
        let mut form = String::new();
        form_encode(&mut form, "token", "a b&c=d/é");
        form_encode(&mut form, "x", "1");
        assert_eq!(form, "token=a%20b%26c%3Dd%2F%C3%A9&x=1");
    }
}

//! Letting pages in a browser read the answers: cross-origin resource sharing.
//!
//! Who may send anything at all is [`AllowedOrigins`]' to say, and
//! that list is always on. What is here only tells a browser that the page it holds is in it, so
//! nothing is ever allowed for `*` (fault 62).

use std::time::Duration;

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::headers::PARAM_PREFIX;
use super::options::HttpOptions;
use super::origin::AllowedOrigins;
use super::reply::{self, HttpResponse};

/// What a page may send, beside the headers of mirrored arguments.
const SENT: &str = "content-type, accept, authorization, mcp-protocol-version, mcp-method, \
                    mcp-name, mcp-session-id, last-event-id";
/// What a page may read, beside what every page may.
const EXPOSED: HeaderValue = HeaderValue::from_static("mcp-session-id, www-authenticate");

impl HttpOptions {
    /// Lets pages of the allowed origins ([`HttpOptions::origins`]) use the server from a
    /// browser, as if they came from here. Without it, a browser keeps every answer from pages of
    /// other origins, and a preflight is answered with 405.
    ///
    /// Cookies are not allowed for: a page says who it is in `Authorization`.
    #[must_use]
    pub fn cors(mut self, cors: Cors) -> Self {
        self.cors = Some(cors);
        self
    }
}

/// What browsers are told about requests from other origins, see [`HttpOptions::cors`].
#[derive(Debug, Clone)]
pub struct Cors {
    max_age: Duration,
}

/// A browser may keep what it was told for ten minutes.
impl Default for Cors {
    fn default() -> Self {
        Self {
            max_age: Duration::from_secs(600),
        }
    }
}

impl Cors {
    /// How long a browser may keep what it was told before it asks again, in whole seconds.
    /// Browsers have a maximum of their own, of hours.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = age;
        self
    }

    /// The answer to an OPTIONS request, if it is a browser's question whether a page may send
    /// another. Its origin is one of the allowed ones by now, and [`mark`] will say so.
    pub(super) fn preflight(
        &self,
        headers: &HeaderMap,
        methods: &'static str,
    ) -> Option<HttpResponse> {
        let asks =
            headers.contains_key(ORIGIN) && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        asks.then(|| {
            let mut answer = reply::empty(StatusCode::NO_CONTENT);
            let told = answer.headers_mut();
            told.insert(
                ACCESS_CONTROL_ALLOW_METHODS,
                HeaderValue::from_static(methods),
            );
            told.insert(ACCESS_CONTROL_ALLOW_HEADERS, allowed_headers(headers));
            told.insert(ACCESS_CONTROL_MAX_AGE, self.max_age.as_secs().into());
            told.append(VARY, ACCESS_CONTROL_REQUEST_HEADERS.into());
            answer
        })
    }
}

/// Marks an answer as one that the page it goes to may read, where `origins` has it; an answer to
/// any other page, such as a refusal, stays unreadable.
pub(super) fn mark(request: &HeaderMap, origins: &AllowedOrigins, answer: &mut HttpResponse) {
    let told = answer.headers_mut();
    // Also when there is no origin: a cache must not give this answer to a page.
    told.append(VARY, ORIGIN.into());
    let origin = request.get(ORIGIN);
    if let Some(origin) = origin.filter(|_| origins.check(request).is_ok()) {
        told.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        told.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
}

/// The headers a page may send. Those of mirrored arguments (HTTP-M-20) have no common name that
/// a browser would understand, so each one it asks for is named.
fn allowed_headers(request: &HeaderMap) -> HeaderValue {
    let mut allowed = SENT.to_owned();
    let asked = request.get_all(ACCESS_CONTROL_REQUEST_HEADERS).iter();
    for name in asked.flat_map(|value| value.as_bytes().split(|byte| *byte == b',')) {
        // A parsed name is lower-case and holds nothing that could end the header.
        if let Ok(name) = HeaderName::from_bytes(name.trim_ascii())
            && is_mirrored(&name)
        {
            allowed.push_str(", ");
            allowed.push_str(name.as_str());
        }
    }
    HeaderValue::try_from(allowed).expect("names of headers are visible ASCII")
}

fn is_mirrored(name: &HeaderName) -> bool {
    let prefix = name.as_str().get(..PARAM_PREFIX.len());
    prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case(PARAM_PREFIX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preflight(more: &[(&'static str, &'static str)]) -> Option<HttpResponse> {
        let mut headers = HeaderMap::new();
        for (name, value) in more {
            headers.append(*name, HeaderValue::from_static(value));
        }
        Cors::default().preflight(&headers, "POST")
    }

    const ORIGIN: (&str, &str) = ("origin", "http://localhost");
    const METHOD: (&str, &str) = ("access-control-request-method", "POST");

    #[test]
    fn only_a_browser_asks_before_it_sends() {
        assert!(preflight(&[ORIGIN]).is_none());
        assert!(preflight(&[METHOD]).is_none());
        let answer = preflight(&[ORIGIN, METHOD]).expect("both make the question");
        assert_eq!(answer.status(), 204);
        assert_eq!(answer.headers()["access-control-allow-headers"], SENT);
        assert_eq!(answer.headers()["access-control-max-age"], "600");
    }

    #[test]
    fn headers_of_mirrored_arguments_are_allowed_by_the_name_asked_for() {
        let asked = "authorization, Mcp-Param-Region,x-other, mcp-param-\u{7f}, mcp-paramount";
        let _ = asked;
        let first = ("access-control-request-headers", "x-a, Mcp-Param-Region,");
        let second = (
            "access-control-request-headers",
            "mcp-paramount, mcp-param-zone, mcp-param-a b",
        );
        let answer = preflight(&[ORIGIN, METHOD, first, second]).expect("a preflight");
        let allowed = answer.headers()["access-control-allow-headers"].to_str();
        assert_eq!(
            allowed.expect("names"),
            format!("{SENT}, mcp-param-region, mcp-param-zone")
        );
    }
}

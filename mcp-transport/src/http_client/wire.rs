//! One request to the server and the head of its answer: with credentials, and without being led
//! elsewhere.

use std::sync::Arc;

use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use mcp_core::Limits;
use mcp_core::engine::CallError;

use super::exchange::chain;
use super::reference::{resolve, same_origin};
use super::report::Reporter;
use super::{Authorize, Challenged, HttpClient, HttpError, ReceivedBody, Verdict};

/// Redirects that one request follows. Not a limit that anyone would raise: one is a move, and a row
/// of them a mistake.
const REDIRECTS: usize = 3;
/// Challenges that one request answers (fault 95). Not a limit either: each may cost its user a login.
const CHALLENGES: u32 = 3;

/// What all exchanges of a connection share.
pub(super) struct Wire {
    pub(super) url: Uri,
    pub(super) headers: HeaderMap,
    pub(super) http: Arc<dyn HttpClient>,
    pub(super) authorize: Option<Arc<dyn Authorize>>,
    pub(super) limits: Limits,
}

/// A request before it is dressed for its way.
#[derive(Clone)]
pub(super) struct Message {
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Wire {
    /// Sends a message, and sends it again as long as the server wants to know more of who sends
    /// it, or to have it at another place of its own.
    pub(super) async fn exchange(
        &self,
        message: &Message,
        reporter: &Reporter,
    ) -> Result<Response<ReceivedBody>, CallError> {
        let mut uri = message.uri.clone();
        let mut challenges = 0;
        let mut redirects = 0;
        loop {
            let (request, shown) = self.dress(message, &uri).await?;
            let response = self.http.exchange(request).await.map_err(failed)?;
            match response.status() {
                status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                    let Some(authorize) = &self.authorize else {
                        return Ok(response);
                    };
                    challenges += 1;
                    if challenges > CHALLENGES {
                        return Ok(response);
                    }
                    let challenge =
                        Challenged::new(&uri, &shown, status, response.headers(), challenges);
                    reporter.paused().await;
                    let verdict = authorize.challenged(challenge).await;
                    reporter.resumed().await;
                    let refused = |error: super::BoxError| CallError::Refused {
                        status: status.as_u16(),
                        why: chain(&*error),
                    };
                    if verdict.map_err(refused)? == Verdict::GiveUp {
                        return Ok(response);
                    }
                }
                status if status.is_redirection() => {
                    redirects += 1;
                    uri = redirected(message, &uri, &response, redirects)?;
                }
                _ => return Ok(response),
            }
        }
    }

    /// The request as it is sent, and what was added to show who sends it.
    async fn dress(
        &self,
        message: &Message,
        uri: &Uri,
    ) -> Result<(Request<Bytes>, HeaderMap), CallError> {
        let mut headers = self.headers.clone();
        replace(&mut headers, &message.headers);
        let mut request = Request::new(message.body.clone());
        *request.method_mut() = message.method.clone();
        *request.uri_mut() = uri.clone();
        *request.headers_mut() = headers;
        let Some(authorize) = &self.authorize else {
            return Ok((request, HeaderMap::new()));
        };
        let (mut parts, body) = request.into_parts();
        let shown = authorize.authorize(&parts).await;
        let shown = shown.map_err(|error| CallError::Unreachable(chain(&*error)))?;
        replace(&mut parts.headers, &shown);
        Ok((Request::from_parts(parts, body), shown))
    }
}

/// Puts headers in place of those of their names.
fn replace(headers: &mut HeaderMap, by: &HeaderMap) {
    for name in by.keys() {
        headers.remove(name);
        for value in by.get_all(name) {
            headers.append(name, value.clone());
        }
    }
}

/// Where a redirect leads. It is followed within the server's own origin and where the message
/// stays what it is; credentials and headers are for no other server (fault 88).
fn redirected<B>(
    message: &Message,
    from: &Uri,
    response: &Response<B>,
    redirects: usize,
) -> Result<Uri, CallError> {
    let status = response.status();
    let refuse = |why: String| CallError::Refused {
        status: status.as_u16(),
        why,
    };
    let target = response.headers().get(LOCATION);
    let target = target.and_then(|target| resolve(from, target.to_str().ok()?));
    let Some(target) = target else {
        return Err(refuse("a redirect to nowhere".to_owned()));
    };
    let place = target.host().unwrap_or_default();
    if !same_origin(&message.uri, &target) {
        return Err(refuse(format!(
            "it redirects to another server, {place}, to which nothing is sent unless you name it"
        )));
    }
    let keeps = match status {
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => true,
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => message.method == Method::GET,
        _ => false,
    };
    if !keeps || redirects > REDIRECTS {
        let path = target.path();
        return Err(refuse(format!(
            "it redirects to {path}, which is not followed"
        )));
    }
    Ok(target)
}

/// What a failed exchange means for the one who waits for an answer.
pub(super) fn failed(error: HttpError) -> CallError {
    match error {
        HttpError::Unreachable { .. } => CallError::Unreachable(error.to_string()),
        HttpError::Broken(_) => CallError::Lost(error.to_string()),
        HttpError::TooLong(_) => CallError::Limit("response"),
    }
}

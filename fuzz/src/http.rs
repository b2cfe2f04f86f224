//! HTTP without a network: messages written as text, and a server that answers by script.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Uri};
use http_body::{Body, Frame};
use serde_json::Value;
use toolwright::client::{Exchanging, HttpClient, HttpError, ReceivedBody};

use crate::pieces;

/// Most messages of one input.
const MOST: usize = 16;

/// One message: its first line, its headers, its body.
#[derive(Debug)]
pub struct Written {
    pub first: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// The messages of an input, which stand between lines of `===`. Each is a line, headers, and after
/// an empty line a body.
pub fn messages(input: &[u8]) -> Vec<Written> {
    let text = String::from_utf8_lossy(input);
    text.split("\n===\n").take(MOST).map(message).collect()
}

fn message(text: &str) -> Written {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default().to_owned();
    let headers = lines.filter_map(|line| line.split_once(": "));
    Written {
        first,
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        body: body.as_bytes().to_vec(),
    }
}

impl Written {
    /// Those of the headers that can be sent, with `put_in` applied to their values.
    pub fn headers(&self, put_in: impl Fn(&str) -> String) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            let value = HeaderValue::from_bytes(put_in(value).as_bytes());
            if let (Ok(name), Ok(value)) = (name, value) {
                headers.append(name, value);
            }
        }
        headers
    }
}

/// A body that arrives in pieces.
#[derive(Debug)]
pub struct Pieces(VecDeque<Bytes>);

impl Pieces {
    /// `bytes`, cut as `seed` says.
    pub fn new(seed: u8, bytes: &[u8]) -> Self {
        let pieces = pieces(seed, bytes).into_iter();
        Self(pieces.map(Bytes::copy_from_slice).collect())
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }
}

/// A server that gives the answers it was given, whatever it is asked, and then is gone.
///
/// A message's first line is the status. In headers and body `$id` stands for the id of the request,
/// `$state` for the `state` in its query.
#[derive(Debug, Clone)]
pub struct Scripted {
    seed: u8,
    answers: Arc<Mutex<VecDeque<Written>>>,
    /// Where requests went.
    asked: Arc<Mutex<Vec<Uri>>>,
}

impl Scripted {
    /// The server that answers what `input` holds.
    pub fn new(seed: u8, input: &[u8]) -> Self {
        Self {
            seed,
            answers: Arc::new(Mutex::new(messages(input).into())),
            asked: Arc::default(),
        }
    }

    /// Where requests went so far.
    pub fn asked(&self) -> Vec<Uri> {
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn answer(&self, request: &Request<Bytes>) -> Option<Response<ReceivedBody>> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let written = answers.pop_front()?;
        let asked: Option<Value> = serde_json::from_slice(request.body()).ok();
        let id = asked
            .map_or(Value::Null, |asked| asked["id"].clone())
            .to_string();
        let query = request.uri().query().unwrap_or_default();
        let mut members = query.split('&');
        let state = members.find_map(|member| member.strip_prefix("state="));
        let put_in = |text: &str| {
            text.replace("$id", &id)
                .replace("$state", state.unwrap_or_default())
        };
        let body = String::from_utf8_lossy(&written.body);
        let mut response = Response::new(ReceivedBody::new(Pieces::new(
            self.seed,
            put_in(&body).as_bytes(),
        )));
        *response.status_mut() = StatusCode::from_bytes(written.first.as_bytes()).ok()?;
        *response.headers_mut() = written.headers(put_in);
        Some(response)
    }
}

impl HttpClient for Scripted {
    fn exchange(&self, request: Request<Bytes>) -> Exchanging {
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(request.uri().clone());
        let answer = self.answer(&request);
        let uri = request.uri().clone();
        Box::pin(async move { answer.ok_or_else(|| HttpError::unreachable(&uri, "it is gone")) })
    }
}

//! A network between a client and a server over HTTP, without sockets, one of whose operations
//! fails.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::{HOST, HeaderValue};
use http::{Request, Response};
use http_body::{Body, Frame};
use toolwright::client::{BoxError, Exchanging, HttpClient, HttpError, ReceivedBody};
use toolwright::http::{HttpBody, HttpService};

use crate::points::{How, Points};

/// Where the server is said to be.
pub(crate) const URL: &str = "http://127.0.0.1/mcp";

/// Takes requests to a service. Sending a request, each piece of its body, the head of its answer
/// and each piece of that is an operation.
pub(crate) struct Network {
    service: HttpService,
    points: Arc<Points>,
    /// Pieces of an answer that come through.
    longest: usize,
}

impl Network {
    pub(crate) fn new(service: &HttpService, points: &Arc<Points>) -> Self {
        Self {
            service: service.clone(),
            points: Arc::clone(points),
            longest: usize::MAX,
        }
    }

    /// The same network, which breaks every answer after so many pieces.
    pub(crate) fn cutting(mut self, after: usize) -> Self {
        self.longest = after;
        self
    }
}

impl HttpClient for Network {
    fn exchange(&self, mut request: Request<Bytes>) -> Exchanging {
        let (points, longest) = (Arc::clone(&self.points), self.longest);
        let mut service = self.service.clone();
        Box::pin(async move {
            match points.pass("request") {
                Some(How::Error) => {
                    return Err(HttpError::unreachable(request.uri(), "nobody is there"));
                }
                Some(How::Interrupted | How::End) => return Err(HttpError::broken("reset")),
                Some(How::Stuck) => std::future::pending().await,
                Some(How::Short | How::Jump) | None => {}
            }
            let host = request.uri().authority().expect("absolute").to_string();
            let host = HeaderValue::from_str(&host).expect("a name");
            request.headers_mut().insert(HOST, host);
            let upload = |body| Failing::new(Upload::new(body), &points, "upload", usize::MAX);
            let request = request.map(upload);
            let answering = tower_service::Service::call(&mut service, request);
            let answer: Response<HttpBody> = answering.await.expect("a service does not fail");
            match points.pass("head") {
                Some(How::Error | How::Interrupted | How::End) => {
                    return Err(HttpError::broken("reset"));
                }
                Some(How::Stuck) => std::future::pending().await,
                Some(How::Short | How::Jump) | None => {}
            }
            let download = |body| Failing::new(body, &points, "download", longest);
            Ok(answer.map(|body| ReceivedBody::new(download(body))))
        })
    }
}

/// The body of a request, in two pieces.
struct Upload([Bytes; 2]);

impl Upload {
    fn new(mut body: Bytes) -> Self {
        let second = body.split_off(body.len() / 2);
        Self([body, second])
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let piece = self.0.iter_mut().find(|piece| !piece.is_empty());
        Poll::Ready(piece.map(|piece| Ok(Frame::data(std::mem::take(piece)))))
    }
}

/// A body whose pieces are counted, each once it is there.
struct Failing<B> {
    /// `None` once it has ended or broken.
    inner: Option<Pin<Box<B>>>,
    stuck: bool,
    points: Arc<Points>,
    what: &'static str,
    /// Pieces that still come through.
    left: usize,
}

impl<B> Failing<B> {
    fn new(inner: B, points: &Arc<Points>, what: &'static str, longest: usize) -> Self {
        Self {
            inner: Some(Box::pin(inner)),
            stuck: false,
            points: Arc::clone(points),
            what,
            left: longest,
        }
    }
}

impl<B> Body for Failing<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        let Some(inner) = &mut this.inner else {
            return Poll::Ready(None);
        };
        if this.stuck {
            return Poll::Pending;
        }
        let frame = ready!(inner.as_mut().poll_frame(cx));
        if this.left == 0 && frame.is_some() {
            this.inner = None;
            return Poll::Ready(Some(Err("cut".into())));
        }
        this.left = this.left.saturating_sub(1);
        match this.points.pass(this.what) {
            Some(How::Error | How::Interrupted) => {
                this.inner = None;
                Poll::Ready(Some(Err("reset".into())))
            }
            Some(How::End) => {
                this.inner = None;
                Poll::Ready(None)
            }
            Some(How::Stuck) => {
                this.stuck = true;
                Poll::Pending
            }
            Some(How::Short | How::Jump) | None => {
                Poll::Ready(frame.map(|it| it.map_err(Into::into)))
            }
        }
    }
}

//! Whole requests through the endpoint over HTTP, in both eras and one after the other: no status of
//! 500, nothing but JSON and events of JSON, and at most one answer for each request (faults 59 to 82).
#![no_main]

use std::pin::pin;
use std::time::Duration;

use http::{Method, Request, Uri};
use http_body::Body as _;
use libfuzzer_sys::fuzz_target;
use mcp_transport::codec::sse::{Sse, SseDecoder};
use toolwright::http::{HttpOptions, HttpResponse};
use toolwright::server::HttpService;
use toolwright_fuzz::http::{Pieces, Written, messages};
use toolwright_fuzz::server::server;
use toolwright_fuzz::wire::Ids;
use toolwright_fuzz::{run, steering};

/// The request that is meant, if it is one. `$session` stands for the session that was begun last.
fn request(seed: u8, written: &Written, session: &str) -> Option<Request<Pieces>> {
    let (method, target) = written.first.split_once(' ')?;
    let mut request = Request::new(Pieces::new(seed, &written.body));
    *request.method_mut() = Method::from_bytes(method.as_bytes()).ok()?;
    *request.uri_mut() = target.parse::<Uri>().ok()?;
    *request.headers_mut() = written.headers(|value| value.replace("$session", session));
    Some(request)
}

/// What an answer says, as far as it comes within a minute.
async fn body(response: HttpResponse) -> Vec<u8> {
    let mut body = pin!(response.into_body());
    let mut read = Vec::new();
    let reading = async {
        while let Some(Ok(frame)) = std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
            read.extend(frame.into_data().into_iter().flatten());
        }
    };
    // A stream may stay open for ever.
    let _ = tokio::time::timeout(Duration::from_secs(60), reading).await;
    read
}

/// Notes the messages of an answer.
fn note(is_stream: bool, body: &[u8], answered: &mut Ids) {
    let mut note = |json: &[u8]| {
        let json_at_all = serde_json::from_slice::<serde::de::IgnoredAny>(json).is_ok();
        assert!(json_at_all, "{:?}", String::from_utf8_lossy(json));
        answered.answered(json);
    };
    if !is_stream {
        if !body.is_empty() {
            note(body);
        }
        return;
    }
    let mut decoder = SseDecoder::new(1 << 20);
    let mut chunk = body;
    while let Some(event) = decoder.next(&mut chunk) {
        let Sse::Event { event, data } = event else {
            panic!("an event of ours is too long");
        };
        if event == "message" && !data.is_empty() {
            note(data);
        }
    }
}

async fn exchange(service: &mut HttpService, request: Request<Pieces>) -> HttpResponse {
    let Ok(response) = tower_service::Service::call(service, request).await;
    assert!(response.status().as_u16() != 500, "{response:?}");
    response
}

fuzz_target!(|data: &[u8]| {
    let ([seed], input) = steering(data);
    let (mut asked, mut answered) = (Ids::default(), Ids::default());
    run(async {
        let options = HttpOptions::default().http_sse("/sse", "/messages");
        let mut service = server().http(options);
        let mut session = String::new();
        for written in messages(input) {
            let Some(request) = request(seed, &written, &session) else {
                continue;
            };
            // What is resumed by a GET is said again.
            let counts = request.method() == Method::POST;
            asked.asked(&written.body);
            let response = exchange(&mut service, request).await;
            let headers = response.headers();
            if let Some(begun) = headers.get("mcp-session-id") {
                session = begun.to_str().unwrap_or_default().to_owned();
            }
            let media_type = headers.get("content-type").map(|value| value.as_bytes());
            let is_stream = media_type == Some(b"text/event-stream");
            let said = body(response).await;
            let mut ignored = Ids::default();
            note(
                is_stream,
                &said,
                if counts { &mut answered } else { &mut ignored },
            );
        }
    });
    asked.cover(&answered);
});

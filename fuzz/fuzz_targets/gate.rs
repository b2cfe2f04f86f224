//! `Host`, `Origin`, `Accept` and `Content-Type`: nothing panics, and only what is allowed passes,
//! told apart in another way (faults 59 to 64).
#![no_main]

use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use libfuzzer_sys::fuzz_target;
use mcp_transport::http::accept::{Acceptable, check_content};
use mcp_transport::http::origin::{AllowedHosts, AllowedOrigins};
use mcp_transport::http::session_id::SessionId;

/// The names that headers are given by, one letter each.
fn name(letter: u8) -> HeaderName {
    HeaderName::from_static(match letter {
        b'h' => "host",
        b'o' => "origin",
        b's' => "sec-fetch-site",
        b'a' => "accept",
        b'c' => "content-type",
        b'e' => "content-encoding",
        _ => "mcp-session-id",
    })
}

/// Whether an authority is this machine, read as a URI rather than by our own parser.
fn is_this_machine(authority: &[u8]) -> bool {
    let uri = Uri::try_from([b"http://".as_slice(), authority].concat());
    let host = uri
        .ok()
        .and_then(|uri| Some(uri.host()?.to_ascii_lowercase()));
    host.is_some_and(|host| {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        bare == "localhost"
            || bare == "127.0.0.1"
            || bare.parse() == Ok(std::net::Ipv6Addr::LOCALHOST)
    })
}

fuzz_target!(|data: &[u8]| {
    let mut headers = HeaderMap::new();
    let mut target = Uri::from_static("/mcp");
    for line in data.split(|byte| *byte == b'\n').take(16) {
        match line.split_first() {
            Some((b't', text)) => target = Uri::try_from(text).unwrap_or(target),
            Some((letter, value)) => {
                if let Ok(value) = HeaderValue::from_bytes(value) {
                    headers.append(name(*letter), value);
                }
            }
            None => {}
        }
    }
    let hosts = AllowedHosts::loopback();
    if hosts.check(&headers, &target).is_ok() {
        let named = headers.get("host").map(|host| host.as_bytes());
        let named = named.or(target
            .authority()
            .map(|authority| authority.as_str().as_bytes()));
        assert!(named.is_some_and(is_this_machine), "{headers:?} {target}");
    }
    if let Some(origin) = headers.get("origin")
        && AllowedOrigins::loopback().check(&headers).is_ok()
    {
        let text = origin.as_bytes().to_ascii_lowercase();
        let authority = text
            .strip_prefix(b"http://")
            .or(text.strip_prefix(b"https://"));
        assert!(authority.is_some_and(is_this_machine), "{origin:?}");
    }
    let accepts = Acceptable::of(&headers);
    assert!(!(accepts.nothing() && (accepts.json() || accepts.event_stream())));
    if check_content(&headers).is_ok() {
        let types = headers
            .get("content-type")
            .map(|value| value.as_bytes().to_ascii_lowercase());
        assert!(
            types.is_some_and(|value| value.trim_ascii_start().starts_with(b"application/json"))
        );
    }
    if let Some(sent) = headers.get("mcp-session-id")
        && let Ok(id) = SessionId::parse(sent.as_bytes())
    {
        assert_eq!(sent.as_bytes(), id.as_str().as_bytes());
    }
    // Lists that a user writes, in place of a peer.
    let entries = String::from_utf8_lossy(data);
    let _ = AllowedHosts::new(entries.lines().take(8));
    let _ = AllowedOrigins::new(entries.lines().take(8));
});

//! Streamable HTTP over real sockets, byte for byte: what a client library would refuse to send
//! has to be survived as well.
#![cfg(all(feature = "macros", feature = "http-server"))]
#![allow(clippy::unwrap_used)]

#[path = "http_server/asks.rs"]
mod asks;
#[path = "http_server/auth.rs"]
mod auth;
#[path = "http_server/batches.rs"]
mod batches;
#[path = "http_server/bodies.rs"]
mod bodies;
#[path = "http_server/changes.rs"]
mod changes;
#[path = "http_server/cors.rs"]
mod cors;
#[path = "http_server/features.rs"]
mod features;
#[path = "http_server/floods.rs"]
mod floods;
#[path = "http_server/frames.rs"]
mod frames;
#[path = "http_server/gate.rs"]
mod gate;
#[path = "http_server/h2.rs"]
mod h2;
#[path = "http_server/handlers.rs"]
mod handlers;
#[path = "http_server/http_sse.rs"]
mod http_sse;
#[path = "http_server/legacy.rs"]
mod legacy;
#[path = "http_server/mirrored.rs"]
mod mirrored;
#[path = "http_server/modern.rs"]
mod modern;
#[path = "http_server/pages.rs"]
mod pages;
#[path = "http_server/panics.rs"]
mod panics;
#[path = "http_server/peer.rs"]
mod peer;
#[path = "http_server/polling.rs"]
mod polling;
#[path = "http_server/probes.rs"]
mod probes;
#[path = "http_server/resume.rs"]
mod resume;
#[path = "http_server/rules.rs"]
mod rules;
#[path = "http_server/scopes.rs"]
mod scopes;
#[path = "http_server/server.rs"]
mod server;
#[path = "http_server/sessionless.rs"]
mod sessionless;
#[path = "http_server/sessions.rs"]
mod sessions;
#[path = "http_server/silence.rs"]
mod silence;
#[path = "http_server/slow.rs"]
mod slow;
#[path = "support/still.rs"]
mod still;
#[path = "http_server/strangers.rs"]
mod strangers;
#[cfg(feature = "tls")]
#[path = "http_server/tls.rs"]
mod tls;
#[path = "http_server/unread.rs"]
mod unread;

//! A protected server against real tokens of a scripted authorization server, over real sockets.
#![cfg(all(feature = "macros", feature = "http-server", feature = "auth"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that fails says where"
)]

#[path = "auth/binding.rs"]
mod binding;
#[path = "auth/dpop.rs"]
mod dpop;
#[path = "auth/introspection.rs"]
mod introspection;
#[path = "auth/issuer.rs"]
mod issuer;
#[path = "auth/keys.rs"]
mod keys;
#[path = "auth/metadata.rs"]
mod metadata;
#[path = "http_server/peer.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod peer;
#[path = "auth/proxy.rs"]
mod proxy;
#[path = "auth/refusals.rs"]
mod refusals;
#[path = "auth/server.rs"]
mod server;
#[path = "auth/signer.rs"]
mod signer;
#[path = "auth/static_keys.rs"]
mod static_keys;

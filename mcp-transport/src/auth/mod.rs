//! Authorization: what clients, servers and authorization servers tell each other about tokens.
//!
//! [`resource`] is the server's side, a protected resource. What both sides need stands here: the
//! documents they read ([`metadata`]), the keys and signatures of tokens ([`jwk`], [`jws`]), and
//! [`Secret`].

pub mod client;
mod fetch;
pub mod jwk;
pub mod jws;
pub mod metadata;
#[cfg(feature = "http-server")]
pub mod resource;
mod secret;

pub use fetch::{FetchError, Fetcher, form_encode, percent_encode};
pub use secret::Secret;

//! Authorization: who a request is from is what an authorization server says.
//!
//! With [`ResourceServer`] a server over HTTP takes the tokens of an issuer, with [`StaticKeys`]
//! keys of its own; either goes to [`HttpOptions::auth`](crate::http::HttpOptions::auth). What a
//! caller was granted is then asked of it by `scopes` on a tool.

mod upstream;

pub use mcp_transport::auth::Secret;
#[cfg(feature = "http-server")]
pub use mcp_transport::auth::jwk::Algorithm;
#[cfg(feature = "http-server")]
pub use mcp_transport::auth::resource::{
    Dpop, InvalidUrl, PresentedToken, ResourceServer, StaticKeys, TokenVerifier, Unverified,
    Verified, Verifying, WeakKey,
};

pub use upstream::UpstreamSecrets;

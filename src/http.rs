//! Serving over Streamable HTTP: what [`Server::serve_http_with`](crate::Server::serve_http_with)
//! and [`ServerHandle::http`](crate::server::ServerHandle::http) can be told, and the seams.

pub use mcp_transport::http::events::{
    EventBounds, EventId, EventStore, MemoryEventStore, ReplayError, StoredEvent,
};
pub use mcp_transport::http::origin::{AllowedHosts, AllowedOrigins, InvalidEntry};
pub use mcp_transport::http::session_id::SessionId;
pub use mcp_transport::http::{
    Authenticate, Authenticating, Challenge, ClientAddress, Cors, HttpBody, HttpOptions,
    HttpResponse, Legacy,
};
#[cfg(feature = "tls")]
pub use mcp_transport::http::{InvalidTls, Tls, rustls};
pub use mcp_transport::www_authenticate::Scheme;

pub use crate::server::HttpService;

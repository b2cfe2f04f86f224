//! What is served over HTTP.

use std::net::SocketAddr;

use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};

use crate::options::Options;
use crate::{Bench, Failure, serve};

/// Serves until it is asked to leave.
pub async fn serve(options: &Options, address: SocketAddr) -> Result<(), Failure> {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(!options.legacy_stateless)
        .with_json_response(true)
        .with_sse_keep_alive(None)
        .with_sse_retry(None);
    let server = Bench::new(options);
    let service: StreamableHttpService<Bench, LocalSessionManager> =
        StreamableHttpService::new(move || Ok(server.clone()), Default::default(), config);
    serve::serve(address, service).await
}

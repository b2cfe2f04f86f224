//! Our server over HTTP, at a port that the system chooses.

use tokio::net::TcpListener;
use toolwright::Server;
use toolwright::http::HttpOptions;

/// Serves in a task of its own, which ends with the runtime, and returns the URL.
pub(crate) async fn serve_http(server: Server, options: HttpOptions) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    let server = server.build().unwrap();
    tokio::spawn(async move { server.serve_listener(listener, options).await.unwrap() });
    url
}

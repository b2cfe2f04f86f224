//! A host's servers over HTTP, by a real network.

use serde_json::json;
use tokio::net::TcpListener;
use toolwright::client::{Host, HostEventKind, Servers, Variables};
use toolwright::http::HttpOptions;
use toolwright::prelude::*;

use crate::config;
use crate::remote::serve_http;

#[tool]
fn ping() -> &'static str {
    "pong"
}

#[tokio::test]
async fn a_server_that_a_file_names_by_its_url_is_reached_there() {
    let server = Server::new("web", "1.0.0").tool::<ping>();
    let url = serve_http(server, HttpOptions::default()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = format!("http://{}/mcp", listener.local_addr().unwrap());
    drop(listener);
    let servers = json!({ "mcpServers": {
        "web": { "url": url, "headers": { "X-Key": "k" } },
        "gone": { "url": gone },
    } });
    let servers = Servers::parse(&servers.to_string(), &Variables::none()).unwrap();
    let builder = Host::builder(config()).servers(&servers).unwrap();
    let mut events = builder.events();
    let host = builder.start();
    let tools = host.tools().await.into_iter();
    assert_eq!(
        tools.map(|tool| tool.name).collect::<Vec<_>>(),
        ["web.ping"]
    );
    let answer = host.call("web.ping", json!({})).await.unwrap();
    assert_eq!(answer.content[0].as_text(), Some("pong"));
    loop {
        let event = events.next().await.unwrap();
        if let HostEventKind::ConnectFailed(why) = event.kind {
            assert_eq!(event.server, "gone");
            assert!(why.starts_with("the server cannot be reached: "), "{why}");
            break;
        }
    }
}

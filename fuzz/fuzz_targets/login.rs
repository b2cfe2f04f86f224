//! Logging in where resource and authorization server are hostile: documents, challenges, redirects
//! and tokens of any kind; it ends, and nothing is asked of what cannot be trusted (faults 88 to 95).
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolwright::client::auth::{Headless, OAuth};
use toolwright::client::{Client, KnownServers};
use toolwright_fuzz::client::config;
use toolwright_fuzz::http::Scripted;
use toolwright_fuzz::server::limits;
use toolwright_fuzz::{run, steering};

fuzz_target!(|data: &[u8]| {
    let ([seed, how], answers) = steering(data);
    let server = Scripted::new(seed, answers);
    let user = Headless::new(server.clone(), "http://127.0.0.1:1/callback");
    let mut login = OAuth::login(user)
        .http_client(server.clone())
        .limits(limits());
    if how & 1 == 1 {
        login = login.metadata_document("https://client.example/about.json");
    }
    if how & 2 == 2 {
        login = login.dpop();
    }
    run(async {
        let client = Client::builder(config(4))
            .http_client(server.clone())
            .known_servers(KnownServers::new())
            .authorize(login.build());
        if let Ok(client) = client.connect("https://mcp.example/mcp").await {
            let _ = client.tools().await;
        }
    });
    for uri in server.asked() {
        let here = matches!(uri.host(), Some("127.0.0.1" | "localhost" | "[::1]"));
        assert!(
            uri.scheme_str() == Some("https") || here,
            "in the clear: {uri}"
        );
    }
});

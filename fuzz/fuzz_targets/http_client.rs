//! The client over HTTP against a hostile server: whatever it answers, every call ends, and no
//! request goes anywhere but to that server (faults 86 to 88).
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolwright::client::{Client, KnownServers};
use toolwright_fuzz::client::{config, use_it};
use toolwright_fuzz::http::Scripted;
use toolwright_fuzz::{run, steering};

fuzz_target!(|data: &[u8]| {
    let ([seed, pin], answers) = steering(data);
    let server = Scripted::new(seed, answers);
    run(async {
        let client = Client::builder(config(pin))
            .http_client(server.clone())
            .known_servers(KnownServers::new());
        if let Ok(client) = client.connect("http://127.0.0.1:8000/mcp").await {
            use_it(&client).await;
        }
    });
    for uri in server.asked() {
        let authority = uri.authority().map(http::uri::Authority::as_str);
        assert_eq!(authority, Some("127.0.0.1:8000"), "{uri}");
    }
});

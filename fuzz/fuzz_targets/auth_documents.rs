//! Documents of authorization (RFC 8414, 9728, 7517) and tokens, as a server reads them: nothing
//! panics, and no token passes that nobody signed (faults 93, 94).
#![no_main]

use http::Request;
use libfuzzer_sys::fuzz_target;
use mcp_transport::auth::jwk::{Algorithm, JwkSet};
use mcp_transport::auth::jws::Jws;
use mcp_transport::auth::metadata::{
    AuthorizationServer, ProtectedResource, issuer_metadata_urls, issuer_url,
    resource_metadata_paths, resource_metadata_url, resource_url,
};
use toolwright::auth::ResourceServer;
use toolwright::http::Authenticate as _;
use toolwright_fuzz::http::Scripted;
use toolwright_fuzz::server::limits;
use toolwright_fuzz::{halves, run};

fn read(document: &[u8], token: &str) {
    if let Ok(resource) = serde_json::from_slice::<ProtectedResource>(document) {
        let written = serde_json::to_vec(&resource).expect("a document is JSON");
        let again: ProtectedResource = serde_json::from_slice(&written).expect("the same");
        assert_eq!(again, resource);
        if let Ok(url) = resource_url(&resource.resource) {
            assert!(!resource_metadata_paths(&url).is_empty());
            let _ = resource_metadata_url(&url);
        }
    }
    if let Ok(server) = serde_json::from_slice::<AuthorizationServer>(document)
        && let Ok(url) = issuer_url(&server.issuer)
    {
        for place in issuer_metadata_urls(&url) {
            assert!(place.starts_with("http"), "{place}");
        }
    }
    if let Ok(keys) = serde_json::from_slice::<JwkSet>(document) {
        for key in keys.0 {
            let _ = (key.thumbprint(), key.is_private(), format!("{key:?}"));
            for algorithm in Algorithm::ALL {
                assert!(
                    !key.verify(algorithm, b"message", token.as_bytes()),
                    "nobody signed it"
                );
            }
        }
    }
    let _ = Jws::parse(token);
}

fuzz_target!(|data: &[u8]| {
    let (documents, token) = halves(data);
    let token = String::from_utf8_lossy(token);
    read(documents, &token);
    let issuer = Scripted::new(b'0', documents);
    let server = ResourceServer::new("https://as.example", "https://mcp.example/mcp");
    let server = server
        .expect("both are URLs")
        .http_client(issuer)
        .limits(limits());
    let Ok(request) = Request::post("https://mcp.example/mcp")
        .header("authorization", format!("Bearer {token}"))
        .body(())
    else {
        return;
    };
    let (head, ()) = request.into_parts();
    assert!(
        run(server.authenticate(&head)).is_err(),
        "nobody signed {token}"
    );
});

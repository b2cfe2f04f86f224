//! The calculator's `add` over HTTP, for callers with a token that was verified before.

use std::net::SocketAddr;

use toolwright::auth::Verifying;
use toolwright::auth::{PresentedToken, ResourceServer, TokenVerifier, Unverified, Verified};
use toolwright::http::HttpOptions;
use toolwright::prelude::*;

/// Add two numbers.
#[tool]
fn add(
    /// The first addend.
    a: i64,
    /// The second addend.
    b: i64,
) -> i64 {
    a + b
}

/// Takes every token. It is asked once, so what it costs does not count.
struct Anybody;

impl TokenVerifier for Anybody {
    fn verify<'a>(&'a self, _token: &'a PresentedToken<'a>) -> Verifying<'a> {
        Box::pin(async { Ok::<_, Unverified>(Verified::new(Principal::verified("bench"))) })
    }
}

/// Serves the address that follows the word `http`.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address: SocketAddr = std::env::args()
        .nth(2)
        .and_then(|text| text.parse().ok())
        .expect("the second argument is an address");
    let resource = format!("http://{address}/mcp");
    let auth = ResourceServer::new("https://issuer.example", &resource)?.verifier(Anybody);
    let server = toolwright::server!().tool::<add>();
    let options = HttpOptions::default().auth(auth);
    Ok(server.serve_http_with(address, options).await?)
}

//! A client that logs in to a server over HTTP, and shows what there is.
//!
//! ```sh
//! # In a browser; the next run goes on with what is kept in the folder:
//! LOGIN_CREDENTIALS=~/.config/login-example cargo run --example login -- https://mcp.example.com/mcp
//!
//! # In a browser of yours, on this machine, at a page that is shown:
//! cargo run --example login -- --show https://mcp.example.com/mcp
//!
//! # Without anybody, where the authorization server asks nobody:
//! cargo run --example login -- --headless http://127.0.0.1:8000/mcp
//!
//! # As a program with a secret of its own:
//! LOGIN_CLIENT_SECRET=... cargo run --example login -- --client ID ISSUER https://mcp.example.com/mcp
//! ```
//!
//! Behind the URL may stand a tool that is then called without arguments.

use serde_json::json;
use toolwright::auth::Secret;
use toolwright::client::auth::{FileStore, Headless, Loopback, OAuth, OAuthBuilder, Registration};
use toolwright::client::{Client, ClientConfig, HyperClient};

/// Where a login that nobody sees pretends to come back to.
const NOWHERE: &str = "http://127.0.0.1:3000/callback";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (oauth, rest) = way(&words)?;
    let (url, tool) = match rest {
        [url] => (*url, None),
        [url, tool] => (*url, Some(*tool)),
        _ => return Err("expected the URL of a server, and perhaps a tool".into()),
    };
    let mut oauth = oauth.name("toolwright's example of a login");
    if let Ok(folder) = std::env::var("LOGIN_CREDENTIALS") {
        oauth = oauth.store(FileStore::new(folder));
    }
    let config = ClientConfig::new("login", env!("CARGO_PKG_VERSION"));
    let client = Client::builder(config).authorize(oauth.build());
    let client = client.connect(url).await?;
    for tool in client.tools().await? {
        let description = tool.description.unwrap_or_default();
        println!("{}: {description}", tool.name);
    }
    if let Some(tool) = tool {
        let result = client.call(tool, json!({})).await?;
        for text in result.content.iter().filter_map(|block| block.as_text()) {
            println!("{text}");
        }
    }
    Ok(())
}

/// How to log in, and the arguments that are left.
fn way<'a>(
    words: &'a [&'a str],
) -> Result<(OAuthBuilder, &'a [&'a str]), Box<dyn std::error::Error>> {
    Ok(match words {
        ["--headless", rest @ ..] => {
            let user = Headless::new(HyperClient::default(), NOWHERE);
            (OAuth::login(user), rest)
        }
        ["--show", rest @ ..] => {
            let user = Loopback::showing(|page| {
                eprintln!("Log in at {}", page.url());
                Ok(())
            });
            (OAuth::login(user), rest)
        }
        ["--client", id, issuer, rest @ ..] => {
            let secret = Secret::new(std::env::var("LOGIN_CLIENT_SECRET")?);
            let client = Registration::new(*id).secret(secret).issuer(*issuer);
            (OAuth::client_credentials(client), rest)
        }
        rest => (OAuth::login(Loopback::browser()), rest),
    })
}

//! The protected server under test.

#![allow(deprecated, reason = "what is deprecated has to work")]

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::net::TcpListener;
use toolwright::auth::ResourceServer;
use toolwright::handler::Claims;
use toolwright::http::{Authenticate, HttpOptions, Scheme};
use toolwright::prelude::*;

use crate::issuer::Issuer;
use crate::peer::{Answer, Peer, call, modern};

#[data]
struct Employee {
    department: String,
}

/// Says who calls.
#[tool]
fn whoami(caller: Principal, Claims(claims): Claims<Employee>) -> String {
    let issuer = caller.issuer().unwrap_or_default();
    format!("{caller} of {} at {issuer}", claims.department)
}

/// Places an order.
#[tool(scopes = ["orders:write", "orders:read"])]
fn order() -> &'static str {
    "ordered"
}

/// Asks before it says anything.
#[tool]
async fn ask(cx: Context) -> Result<String, ToolError> {
    let roots = cx.roots("folders").await?;
    Ok(format!("{} folders", roots.len()))
}

/// A server that runs, and the issuer of its tokens.
pub(crate) struct Live {
    pub(crate) issuer: Issuer,
    pub(crate) resource: String,
    address: SocketAddr,
}

/// Starts a server that takes the tokens of an issuer.
pub(crate) async fn start() -> Live {
    start_with(|auth| auth).await
}

pub(crate) async fn start_with(change: impl FnOnce(ResourceServer) -> ResourceServer) -> Live {
    start_at(Issuer::start().await, change).await
}

pub(crate) async fn start_at(
    issuer: Issuer,
    change: impl FnOnce(ResourceServer) -> ResourceServer,
) -> Live {
    let name = issuer.url.clone();
    let (address, resource) =
        serve(|resource| change(ResourceServer::new(name, resource).expect("sound URLs"))).await;
    Live {
        issuer,
        resource,
        address,
    }
}

/// Serves with what authenticates for a resource, and says where.
pub(crate) async fn serve<A: Authenticate>(auth: impl FnOnce(&str) -> A) -> (SocketAddr, String) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let resource = format!("http://{address}/mcp");
    let options = HttpOptions::default().auth(auth(&resource));
    let server = Server::new("protected", "1.0.0")
        .tool::<(whoami, order, ask)>()
        .build()
        .expect("a server");
    tokio::spawn(async move { server.serve_listener(listener, options).await });
    (address, resource)
}

impl Live {
    /// A token of somebody with these scopes.
    pub(crate) fn token(&self, who: &str, scope: &str) -> String {
        self.issuer.key().token(&self.claims(who, scope))
    }

    pub(crate) fn claims(&self, who: &str, scope: &str) -> Value {
        self.issuer.claims(&self.resource, who, scope)
    }

    /// A token whose claims were changed.
    pub(crate) fn changed(&self, change: impl FnOnce(&mut Value)) -> String {
        let mut claims = self.claims("ann", "");
        change(&mut claims);
        self.issuer.key().token(&claims)
    }

    pub(crate) async fn ask(&self, headers: &[(&str, &str)], request: Vec<u8>) -> Answer {
        ask_at(self.address, headers, request).await
    }

    /// `request` with a token.
    pub(crate) async fn ask_as(&self, token: &str, request: Vec<u8>) -> Answer {
        let credentials = format!("Bearer {token}");
        self.ask(&[("authorization", &credentials)], request).await
    }

    /// The text that `whoami` has for a token.
    pub(crate) async fn whoami(&self, token: &str) -> String {
        let answer = self.ask_as(token, call(1, "whoami", json!({}))).await;
        assert_eq!(answer.status(), 200, "{answer:?}");
        text(&answer)
    }
}

/// Adds headers to a request, and sends it.
pub(crate) async fn ask_at(
    address: SocketAddr,
    headers: &[(&str, &str)],
    request: Vec<u8>,
) -> Answer {
    let request = String::from_utf8(request).expect("text");
    let more: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let (line, rest) = request.split_once("\r\n").expect("a request");
    let request = format!("{line}\r\n{more}{rest}");
    Peer::connect(address).await.ask(request).await
}

pub(crate) fn list() -> Vec<u8> {
    modern(1, "tools/list", json!({}))
}

pub(crate) fn text(answer: &Answer) -> String {
    let text = answer.json()["result"]["content"][0]["text"].clone();
    text.as_str().expect("a text").to_owned()
}

/// The one challenge of an answer.
pub(crate) fn challenge(answer: &Answer) -> Scheme {
    let value = answer.head.header("www-authenticate");
    let value = value.unwrap_or_else(|| panic!("no challenge: {answer:?}"));
    let mut schemes = Scheme::parse(value.as_bytes(), 4096);
    assert_eq!(schemes.len(), 1, "{value}");
    schemes.remove(0)
}

//! The compatibility matrix of the specification's versioning page: what comes of each pair of a
//! client and a server that know the modern era, the handshake, or both. One test a row.
#![allow(
    clippy::unwrap_used,
    reason = "the exemption of tests does not reach helpers"
)]

mod client_support;

use client_support::{Script, config};
use serde_json::json;
use toolwright::client::{CallError, Client, ClientConfig};
use toolwright::prelude::*;
use toolwright::{Era, Revision};

#[tool]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// A server of these revisions.
fn serving(revisions: &[Revision]) -> ServerHandle {
    let server = Server::new("calculator", "1.0.0").tool::<add>();
    server.revisions(revisions).build().unwrap()
}

fn of(era: Era) -> Vec<Revision> {
    let all = Revision::ALL.into_iter();
    all.filter(|revision| revision.era() == era).collect()
}

/// A client that speaks one revision and no other.
fn only(revision: Revision) -> ClientConfig {
    config().pin(revision)
}

/// The client connects with this revision, and calls work.
async fn works(server: &ServerHandle, config: ClientConfig, revision: Revision) {
    let client = Client::connect(server, config).await.unwrap();
    assert_eq!(client.peer().revision, revision);
    let sum: i64 = client
        .call_as("add", json!({ "a": 2, "b": 40 }))
        .await
        .unwrap();
    assert_eq!(sum, 42);
}

/// What the client says when it does not connect.
async fn fails(server: &ServerHandle, config: ClientConfig) -> CallError {
    Client::connect(server, config).await.unwrap_err()
}

#[tokio::test]
async fn a_modern_client_and_a_modern_server_work() {
    let server = serving(&of(Era::Modern));
    works(&server, only(Revision::V2026_07_28), Revision::V2026_07_28).await;
}

#[tokio::test(start_paused = true)]
async fn a_modern_client_and_a_legacy_server_fail_with_an_error_for_the_user() {
    let error = fails(&serving(&of(Era::Legacy)), only(Revision::V2026_07_28)).await;
    assert!(matches!(error, CallError::Server(_)), "{error}");

    // A server may as well stay silent: the probe does not wait for ever.
    let config = only(Revision::V2026_07_28);
    let patience = config.probe_timeout;
    let (mut script, client) = Script::dial(config);
    let (client, ()) = tokio::join!(client, async {
        assert_eq!(script.next().await["method"], "server/discover");
        assert!(script.hung_up().await, "it does not go on with a handshake");
    });
    assert_eq!(client.unwrap_err(), CallError::Timeout(patience));
}

#[tokio::test]
async fn a_dual_era_client_and_a_modern_server_work() {
    works(&serving(&of(Era::Modern)), config(), Revision::V2026_07_28).await;
}

#[tokio::test(start_paused = true)]
async fn a_dual_era_client_and_a_legacy_server_work() {
    for revision in of(Era::Legacy) {
        works(&serving(&[revision]), config(), revision).await;
    }

    // Whatever the error is, and when there is no answer at all.
    let codes = [-32601, -32602, -32600, -32000, -32603, 7];
    for code in codes.map(Some).into_iter().chain([None]) {
        let (mut script, client) = Script::dial(config());
        let (client, ()) = tokio::join!(client, async {
            let probe = script.next().await;
            assert_eq!(probe["method"], "server/discover");
            if let Some(code) = code {
                let error = json!({ "code": code, "message": "what?" });
                let answer = json!({ "jsonrpc": "2.0", "id": probe["id"], "error": error });
                script.say(&answer.to_string()).await;
            }
            let handshake = script.next().await;
            script.initialized(&handshake).await;
        });
        assert_eq!(client.unwrap().peer().revision, Revision::V2025_11_25);
    }
}

#[tokio::test]
async fn a_legacy_client_and_a_modern_server_fail_and_the_error_names_what_is_spoken() {
    for revision in of(Era::Legacy) {
        let error = fails(&serving(&of(Era::Modern)), only(revision)).await;
        let CallError::Server(error) = error else {
            panic!("{error}");
        };
        let said = json!(error).to_string();
        assert!(said.contains("2026-07-28"), "{said}");
    }
}

#[tokio::test]
async fn a_legacy_client_and_a_dual_era_server_work() {
    for revision in of(Era::Legacy) {
        works(&serving(&Revision::ALL), only(revision), revision).await;
    }
}

#[tokio::test]
async fn a_legacy_client_and_a_legacy_server_work() {
    for revision in of(Era::Legacy) {
        works(&serving(&of(Era::Legacy)), only(revision), revision).await;
    }
}

//! The compatibility matrix of the specification's versioning page: what comes of each pair of a
//! client and a server that know the modern era, the handshake, or both. One test a row.
#![allow(
    clippy::unwrap_used,
    reason = "the exemption of tests does not reach helpers"
)]

mod client_support;

use client_support::{Script, config, serve_http};
use serde_json::{Value, json};
use toolwright::client::{CallError, Client, ClientConfig};
use toolwright::http::HttpOptions;
use toolwright::prelude::*;
use toolwright::{Era, Revision};

#[tool]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// A server of these revisions.
fn serving(revisions: &[Revision]) -> Server {
    let server = Server::new("calculator", "1.0.0").tool::<add>();
    server.revisions(revisions)
}

fn of(era: Era) -> Vec<Revision> {
    let all = Revision::ALL.into_iter();
    all.filter(|revision| revision.era() == era).collect()
}

/// A client that speaks one revision and no other.
fn only(revision: Revision) -> ClientConfig {
    config().pin(revision)
}

/// What the first call comes to, in memory, which is as over stdio, and over HTTP. There, a client
/// that was told the revision may find out by its first request.
async fn tries(revisions: &[Revision], config: ClientConfig) -> [Result<Revision, CallError>; 2] {
    let near = serving(revisions).build().unwrap();
    let url = serve_http(serving(revisions), HttpOptions::default()).await;
    [
        calls(Client::connect(&near, config.clone()).await).await,
        calls(Client::connect(&url, config).await).await,
    ]
}

async fn calls(client: Result<Client, CallError>) -> Result<Revision, CallError> {
    let client = client?;
    let sum: i64 = client.call_as("add", json!({ "a": 2, "b": 40 })).await?;
    assert_eq!(sum, 42);
    Ok(client.peer().revision)
}

/// Calls work, in this revision.
async fn work(revisions: &[Revision], config: ClientConfig, revision: Revision) {
    let tried = tries(revisions, config).await;
    assert_eq!(tried, [Ok(revision), Ok(revision)]);
}

/// What the client says when nothing works.
async fn fail(revisions: &[Revision], config: ClientConfig) -> [CallError; 2] {
    tries(revisions, config).await.map(Result::unwrap_err)
}

#[tokio::test]
async fn a_modern_client_and_a_modern_server_work() {
    let newest = Revision::V2026_07_28;
    work(&of(Era::Modern), only(newest), newest).await;

    // One that refuses the revision, and names it among those it has, is asked once more.
    let (mut script, client) = Script::dial(only(newest));
    let (client, ()) = tokio::join!(client, async {
        let probe = script.next().await;
        let data = json!({ "supported": ["2099-01-01", "2026-07-28"], "requested": "2026-07-28" });
        refuse(&mut script, &probe, -32022, data).await;
        let again = script.next().await;
        assert_eq!(again["method"], "server/discover");
        script.discovered(&again).await;
    });
    assert_eq!(client.unwrap().peer().revision, newest);
}

async fn refuse(script: &mut Script, request: &Value, code: i64, data: Value) {
    let error = json!({ "code": code, "message": "what?", "data": data });
    let answer = json!({ "jsonrpc": "2.0", "id": request["id"], "error": error });
    script.say(&answer.to_string()).await;
}

#[tokio::test]
async fn a_modern_client_and_a_legacy_server_fail_with_an_error_for_the_user() {
    for error in fail(&of(Era::Legacy), only(Revision::V2026_07_28)).await {
        assert!(matches!(error, CallError::Server(_)), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_modern_client_does_not_wait_for_ever_for_a_legacy_server_that_stays_silent() {
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
    work(&of(Era::Modern), config(), Revision::V2026_07_28).await;
}

#[tokio::test]
async fn a_dual_era_client_and_a_legacy_server_work() {
    for revision in of(Era::Legacy) {
        work(&[revision], config(), revision).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_dual_era_client_takes_any_other_error_or_none_at_all_for_a_legacy_server() {
    let codes = [-32601, -32602, -32600, -32000, -32603, 7];
    for code in codes.map(Some).into_iter().chain([None]) {
        let (mut script, client) = Script::dial(config());
        let (client, ()) = tokio::join!(client, async {
            let probe = script.next().await;
            assert_eq!(probe["method"], "server/discover");
            if let Some(code) = code {
                refuse(&mut script, &probe, code, json!({})).await;
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
        for error in fail(&of(Era::Modern), only(revision)).await {
            let CallError::Server(error) = error else {
                panic!("{revision}: {error}");
            };
            let said = json!(error).to_string();
            assert!(said.contains("2026-07-28"), "{said}");
        }
    }
}

#[tokio::test]
async fn a_legacy_client_and_a_dual_era_server_work() {
    for revision in of(Era::Legacy) {
        work(&Revision::ALL, only(revision), revision).await;
    }
}

#[tokio::test]
async fn a_legacy_client_and_a_legacy_server_work() {
    for revision in of(Era::Legacy) {
        work(&of(Era::Legacy), only(revision), revision).await;
    }
}

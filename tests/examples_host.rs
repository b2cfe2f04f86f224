//! The example `host` against the example `everything`.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    reason = "the exemption of tests does not reach helpers"
)]

mod examples_common;

use std::process::Output;

use examples_common::program;
use serde_json::json;
use tokio::process::Command;

async fn host(servers: serde_json::Value, arguments: &[&str]) -> Output {
    let id = std::process::id();
    let name = format!("toolwright-host-{id}-{}.json", arguments.join("-").len());
    let file = std::env::temp_dir().join(name);
    std::fs::write(&file, servers.to_string()).unwrap();
    let output = Command::new(program("host"))
        .arg("--servers")
        .arg(&file)
        .args(arguments)
        .output()
        .await
        .expect("`cargo test`, or `cargo build --examples`, has built the example");
    std::fs::remove_file(&file).unwrap();
    output
}

fn servers() -> serde_json::Value {
    json!({ "mcpServers": {
        "everything": { "command": program("everything") },
        "broken": { "command": "no-such-server" },
        "unset": { "command": "${NO_SUCH_VARIABLE}" },
    } })
}

#[tokio::test]
async fn the_host_lists_the_tools_of_the_servers_that_work_and_names_the_others() {
    let output = host(servers(), &["tools"]).await;
    let listed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    assert!(
        listed
            .lines()
            .any(|line| line.starts_with("everything.echo\t")),
        "{listed}"
    );
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("`no-such-server` cannot be started"),
        "{said}"
    );
    assert!(
        said.contains("the variable `NO_SUCH_VARIABLE` is not set"),
        "{said}"
    );
}

#[tokio::test]
async fn the_host_calls_a_tool_by_its_prefixed_name() {
    let output = host(
        servers(),
        &["call", "everything.echo", r#"{"message":"hi"}"#],
    )
    .await;
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim_end(), "hi");
    let output = host(servers(), &["call", "nobody.echo"]).await;
    assert!(!output.status.success());
}

//! Servers as child processes (part B of the faults). On Linux, where `/proc` tells the dead from
//! the undead.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "the exemption of tests does not reach helpers"
)]

mod client_support;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use client_support::{config, program, serve_if_child};
use serde_json::json;
use toolwright::client::{
    Backoff, CallError, Captured, Client, ConnectError, Host, HostError, Program, Stderr,
};
use toolwright::prelude::*;

#[tool]
fn pid() -> u32 {
    std::process::id()
}

#[tool]
fn die() -> String {
    std::process::exit(3)
}

/// Never ends.
#[tool]
async fn hang() {
    std::future::pending::<()>().await;
}

/// Starts a child of its own, which ignores its input.
#[tool]
fn grandchild() -> Result<u32, std::io::Error> {
    let child = Command::new("sleep")
        .arg("1000")
        .stdin(Stdio::null())
        .spawn()?;
    Ok(child.id())
}

#[tool]
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| "(none)".to_owned())
}

#[tool]
fn complain(times: usize) -> &'static str {
    for number in 0..times {
        eprintln!("complaint number {number}: {}", "x".repeat(1000));
    }
    "done"
}

#[test]
fn the_child() {
    serve_if_child(|_| {
        Server::new("child", "1.0.0").tool::<(pid, die, hang, grandchild, variable, complain)>()
    });
}

/// Starts a client that starts the child, says which process that is, and hangs.
#[test]
fn the_parent() {
    if std::env::var_os("TOOLWRIGHT_TEST_PARENT").is_none() {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let client = start("").await;
        println!("\nchild {}", pid_of(&client).await);
        std::future::pending::<()>().await;
    });
}

async fn start(mode: &str) -> Client {
    Client::spawn(program(mode), config()).await.unwrap()
}

async fn pid_of(client: &Client) -> u32 {
    client.call_as("pid", json!({})).await.unwrap()
}

/// Whether there is such a process, and it is no zombie that somebody else has to reap.
fn lives(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat
        .rsplit(") ")
        .next()
        .and_then(|rest| rest.chars().next());
    state.is_some_and(|state| state != 'Z')
}

/// Waits for the end of a process that is not ours to await.
fn gone_within(pid: u32, patience: Duration) -> bool {
    let begin = Instant::now();
    while lives(pid) {
        if begin.elapsed() > patience {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}

async fn gone(pid: u32) -> bool {
    let waiting = move || gone_within(pid, Duration::from_secs(3));
    tokio::task::spawn_blocking(waiting).await.unwrap()
}

/// Whether nothing is left of it, not even a zombie.
fn reaped(pid: u32) -> bool {
    !std::path::Path::new(&format!("/proc/{pid}")).exists()
}

#[tokio::test]
async fn fault_19_a_child_that_ignores_its_end_and_a_request_to_end_is_killed_and_reaped() {
    let stubborn = program("stubborn").grace(Duration::from_millis(200));
    let client = Client::spawn(stubborn, config()).await.unwrap();
    let pid = pid_of(&client).await;
    let grandchild: u32 = client.call_as("grandchild", json!({})).await.unwrap();
    drop(client);
    assert!(gone(pid).await && gone(grandchild).await);
    let waiting = tokio::task::spawn_blocking(move || {
        let begin = Instant::now();
        while !reaped(pid) && begin.elapsed() < Duration::from_secs(3) {
            std::thread::sleep(Duration::from_millis(5));
        }
        reaped(pid)
    });
    assert!(waiting.await.unwrap());
}

#[tokio::test]
async fn fault_20_what_a_child_started_dies_with_it() {
    let client = start("").await;
    let grandchild: u32 = client.call_as("grandchild", json!({})).await.unwrap();
    assert!(lives(grandchild));
    drop(client);
    assert!(gone(grandchild).await);
}

#[test]
fn fault_21_a_child_ends_when_the_runtime_does_and_leaves_no_zombie() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (client, pid) = runtime.block_on(async {
        let client = start("stubborn").await;
        let pid = pid_of(&client).await;
        (client, pid)
    });
    drop(runtime);
    assert!(gone_within(pid, Duration::from_secs(3)));
    assert!(reaped(pid));
    drop(client);
}

#[tokio::test]
async fn fault_21_a_child_ends_with_a_task_that_panicked() {
    let client = start("").await;
    let pid = pid_of(&client).await;
    let task = tokio::spawn(async move {
        let _mine = client;
        panic!("on purpose");
    });
    assert!(task.await.is_err());
    assert!(gone(pid).await);
}

#[tokio::test]
async fn fault_22_calls_in_flight_fail_when_the_child_dies() {
    let client = start("").await;
    let begin = Instant::now();
    let hang = || client.call("hang", json!({}));
    let (first, second, last) = tokio::join!(hang(), hang(), client.call("die", json!({})));
    let closed = Err(CallError::Closed);
    assert_eq!(
        [first, second, last],
        [closed.clone(), closed.clone(), closed]
    );
    assert!(begin.elapsed() < Duration::from_secs(1));
    assert_eq!(client.call("pid", json!({})).await, Err(CallError::Closed));
}

#[tokio::test]
async fn fault_22_a_connection_ends_with_the_child_even_when_a_descendant_keeps_its_output() {
    // The child ends at once; what it started is in no group of ours and holds the pipe.
    let program = Program::new("setsid").args(["--fork", "sleep", "20"]);
    let begin = Instant::now();
    let error = Client::spawn(program, config()).await.unwrap_err();
    assert!(
        matches!(error, ConnectError::Call(CallError::Closed)),
        "{error}"
    );
    assert!(begin.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_host_starts_a_child_that_died_anew() {
    let soon = Duration::from_millis(10);
    let host = Host::builder(config())
        .server("s", program(""))
        .backoff(Backoff::new().waits(soon, soon))
        .start();
    let pid = async || pid_of(&host.client("s").await.unwrap()).await;
    let first = pid().await;
    let died = host.call("s.die", json!({})).await;
    assert_eq!(died, Err(HostError::Call(CallError::Closed)));
    let second = pid().await;
    assert_ne!(first, second);
    assert!(reaped(first));
    drop(host);
    assert!(gone(second).await);
}

#[tokio::test]
async fn fault_23_a_flood_on_standard_error_is_drained_and_its_end_kept() {
    let captured = Captured::last(500);
    let program = program("").stderr(Stderr::Capture(captured.clone()));
    let client = Client::spawn(program, config()).await.unwrap();
    let pid = pid_of(&client).await;
    let done = client
        .call_as::<String>("complain", json!({ "times": 2000 }))
        .await;
    assert_eq!(done.unwrap(), "done");
    drop(client);
    assert!(gone(pid).await);
    assert_eq!(captured.text().len(), 500);
}

#[tokio::test]
async fn fault_24_a_server_ends_when_its_client_is_killed() {
    let mut parent = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["the_parent", "--exact", "--nocapture", "--test-threads=1"])
        .env("TOOLWRIGHT_TEST_PARENT", "1")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines =
        tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(parent.stdout.take().unwrap()));
    let pid = loop {
        let line = lines.next_line().await.unwrap().expect("the parent lives");
        if let Some(pid) = line.strip_prefix("child ") {
            break pid.parse().unwrap();
        }
    };
    assert!(lives(pid));
    parent.kill().await.unwrap();
    let waiting = move || gone_within(pid, Duration::from_secs(1));
    assert!(tokio::task::spawn_blocking(waiting).await.unwrap());
}

#[tokio::test]
async fn fault_25_a_missing_program_is_an_error_that_names_it() {
    let error = Client::spawn(Program::new("no-such-server"), config()).await;
    let error = error.unwrap_err();
    assert!(error.to_string().contains("`no-such-server`"), "{error}");
    let ConnectError::Spawn(error) = error else {
        panic!("{error}");
    };
    assert_eq!(error.source.kind(), std::io::ErrorKind::NotFound);
}

#[tokio::test]
async fn a_program_that_is_no_server_is_no_connection() {
    let error = Client::spawn(Program::new("true"), config())
        .await
        .unwrap_err();
    assert!(
        matches!(error, ConnectError::Call(CallError::Closed)),
        "{error}"
    );
}

/// A variable of this process that no child inherits by itself.
fn secret() -> &'static str {
    let mut names = ["CARGO_MANIFEST_DIR", "PWD", "OLDPWD", "SHLVL"].into_iter();
    let found = names.find(|name| std::env::var_os(name).is_some());
    found.expect("Cargo and every shell set one of them")
}

#[tokio::test]
async fn a_child_gets_no_more_of_the_environment_than_it_is_given() {
    let secret = secret();
    let variable = async |program: Program, name: &str| {
        let client = Client::spawn(program, config()).await.unwrap();
        let value = client
            .call_as::<String>("variable", json!({ "name": name }))
            .await;
        value.unwrap()
    };
    assert_eq!(variable(program(""), secret).await, "(none)");
    assert_eq!(
        variable(program(""), "PATH").await,
        std::env::var("PATH").unwrap()
    );
    assert_eq!(variable(program("").env("A", "b"), "A").await, "b");
    let passed = variable(program("").inherit(secret), secret).await;
    assert_eq!(passed, std::env::var(secret).unwrap());
}

#[tokio::test]
async fn a_wrapped_command_is_what_runs_and_gets_no_more_of_the_environment() {
    let wrapped = || {
        program("").wrap(|command| {
            let mut env = Command::new("env");
            env.arg("WRAPPED=yes").arg(command.get_program());
            env.args(command.get_args());
            env
        })
    };
    let client = Client::spawn(wrapped(), config()).await.unwrap();
    for (name, value) in [("WRAPPED", "yes"), (secret(), "(none)")] {
        let found = client
            .call_as::<String>("variable", json!({ "name": name }))
            .await;
        assert_eq!(found.unwrap(), value);
    }
}

#[tokio::test]
async fn a_command_will_do_for_a_program() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["the_child", "--exact", "--nocapture", "--test-threads=1"]);
    command.env("TOOLWRIGHT_TEST_CHILD", "");
    let client = Client::spawn(command, config()).await.unwrap();
    assert!(lives(pid_of(&client).await));
}

//! The files of servers that other hosts write: what becomes of an entry.
#![allow(
    clippy::unwrap_used,
    reason = "the exemption of tests does not reach helpers"
)]

mod client_support;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use client_support::config;
use serde_json::json;
use toolwright::client::{Client, Program, ServerEntry, Servers, Variables};

/// A file in the system's folder for such, removed in the end.
struct File(std::path::PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let name = format!("toolwright-servers-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).unwrap();
    }
}

/// The variables that the program would be started with.
async fn environment(program: &Program) -> BTreeMap<String, String> {
    let seen = Arc::new(Mutex::new(BTreeMap::new()));
    let sink = Arc::clone(&seen);
    let watched = program.clone().wrap(move |command| {
        let texts = command.get_envs().filter_map(|(name, value)| {
            Some((name.to_str()?.to_owned(), value?.to_str()?.to_owned()))
        });
        *sink.lock().unwrap() = texts.collect();
        std::process::Command::new("no-such-program")
    });
    Client::spawn(watched, config()).await.unwrap_err();
    std::mem::take(&mut *seen.lock().unwrap())
}

#[tokio::test]
async fn an_env_file_gives_a_program_its_variables_and_the_entry_has_the_last_word() {
    let file = File::new("ok.env", "# keys\nKEY=from-file\nexport BOTH='x'\n");
    let entry = json!({
        "command": "notes",
        "env": { "BOTH": "from-entry" },
        "envFile": "${keys}",
    });
    let text = json!({ "servers": { "a": entry } }).to_string();
    let variables = Variables::none().set("keys", file.0.display().to_string());
    let servers = Servers::parse(&text, &variables).unwrap();
    let ServerEntry::Program(program) = servers.get("a").unwrap() else {
        panic!("it is a program");
    };
    let environment = environment(program).await;
    assert_eq!(environment["KEY"], "from-file");
    assert_eq!(environment["BOTH"], "from-entry");
}

#[test]
fn an_env_file_that_cannot_be_used_is_an_error_of_its_entry() {
    let file = File::new("bad.env", "KEY=1\nnonsense\n");
    let missing = json!({ "command": "x", "envFile": "no-such.env" });
    let broken = json!({ "command": "x", "envFile": file.0 });
    let text = json!({ "servers": { "missing": missing, "broken": broken } }).to_string();
    let servers = Servers::parse(&text, &Variables::none()).unwrap();
    let why = |name: &str| servers.get(name).unwrap_err().to_string();
    assert!(
        why("missing").contains("`no-such.env` cannot be read"),
        "{}",
        why("missing")
    );
    assert!(
        why("broken").contains("line 2 of the `envFile`"),
        "{}",
        why("broken")
    );
}

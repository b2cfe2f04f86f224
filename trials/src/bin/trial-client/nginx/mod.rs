//! Behind nginx: what goes through it, and what its user notices when something does not.
//!
//! The ways are: `usual`, with nothing said; `guide`, as the guide says; `hurried`, with little
//! patience for a server that says often that it lives; `mute`, the same for one that does not; and
//! `deaf`, which buffers although the server asks it not to: what a check notices it shows there.

mod bodies;
mod sessions;
mod streams;

use std::fmt::Display;
use std::net::SocketAddr;

use serde_json::{Value, json};
use toolwright::Revision;
use toolwright::client::{Answers, CallError, Client, ClientConfig, KnownServers};
use toolwright::jsonrpc::ErrorObject;
use toolwright::model::{
    ClientCapabilities, ElicitParams, ElicitResult, ElicitationCapability, JsonObject,
};
use trials::settings::Settings;

use crate::Outcome;

/// What a check's end is: nothing to say, or what was not as it has to be.
type Checked = Result<(), String>;

/// Checks that are counted.
#[derive(Default)]
struct Checks {
    passed: u32,
    failed: u32,
}

impl Checks {
    fn note(&mut self, way: &str, what: &str, checked: Checked) {
        match checked {
            Ok(()) => self.passed += 1,
            Err(why) => {
                self.failed += 1;
                println!("{way}: {what}: FAILED: {why}");
                return;
            }
        }
        println!("{way}: {what}");
    }
}

/// Runs all checks, and prints how many passed.
pub(crate) async fn run(settings: &Settings) -> Outcome {
    let mut checks = Checks::default();
    let (usual, guide) = (settings.need("usual")?, settings.need("guide")?);
    // It takes longer than all others together, and does nothing.
    let long = tokio::spawn(streams::outlives_the_usual_patience(usual));
    for (way, address, largest) in [("usual", usual, 1), ("guide", guide, 4)] {
        for revision in [Revision::V2026_07_28, Revision::V2025_11_25] {
            let way = format!("{way} {revision}");
            ours(&mut checks, &way, address, revision, largest).await;
        }
        theirs(&mut checks, way, address).await;
    }
    named(&mut checks, guide).await;
    patience(&mut checks, settings).await?;
    checks.note("usual", "65 s of silence are outlived", long.await?);
    println!("nginx: {} passed, {} failed", checks.passed, checks.failed);
    match checks.failed {
        0 => Ok(()),
        failed => Err(format!("{failed} checks failed").into()),
    }
}

/// What our client notices of the proxy: nothing, but for its own bound on bodies.
async fn ours(
    checks: &mut Checks,
    way: &str,
    address: SocketAddr,
    revision: Revision,
    largest: usize,
) {
    let checked = answered(address, revision).await;
    checks.note(way, "a call is answered", checked);
    let checked = asks(address, revision).await;
    checks.note(way, "a handler asks and is answered", checked);
    let checked = streams::progress(address, revision).await;
    checks.note(way, "progress comes one by one", checked);
    let checked = streams::change(address, revision).await;
    checks.note(way, "a change is heard of", checked);
    let checked = bodies::large(address, revision, largest).await;
    checks.note(way, "large bodies go through", checked);
    let checked = bodies::too_large(address, revision, largest).await;
    checks.note(way, "what is too large is refused as that", checked);
}

/// What another client does.
async fn theirs(checks: &mut Checks, way: &str, address: SocketAddr) {
    let checked = streams::disconnect(address).await;
    checks.note(way, "who disconnects is not worked for", checked);
    let checked = sessions::resumed(address).await;
    checks.note(way, "a broken stream is resumed", checked);
    let checked = sessions::ended(address).await;
    checks.note(way, "a session that ended is unknown", checked);
}

/// Who may come is the server's to say, behind a proxy as before it.
async fn named(checks: &mut Checks, guide: SocketAddr) {
    let checked = bodies::host(guide, "mcp.example.com", 200).await;
    checks.note("guide", "the name of the site is allowed", checked);
    let checked = bodies::host(guide, "evil.example.com", 403).await;
    checks.note("guide", "no other name is", checked);
}

/// How long a proxy waits, and what it keeps.
async fn patience(checks: &mut Checks, settings: &Settings) -> Outcome {
    let hurried = settings.need("hurried")?;
    let checked = streams::silent(hurried).await;
    checks.note("hurried", "a silent call outlives its patience", checked);
    let checked = streams::silent_subscription(hurried).await;
    checks.note("hurried", "a silent subscription outlives it", checked);
    let checked = streams::too_silent(settings.need("mute")?).await;
    checks.note("mute", "without comments none does, and is told", checked);
    let checked = streams::progress(settings.need("deaf")?, Revision::V2026_07_28).await;
    let noticed = match checked {
        Ok(()) => Err("it came one by one".to_owned()),
        Err(_) => Ok(()),
    };
    checks.note("deaf", "what is buffered comes at the end", noticed);
    Ok(())
}

/// Says what it is asked for.
struct Repeat;

impl Answers for Repeat {
    async fn elicit(&self, params: ElicitParams) -> Result<ElicitResult, ErrorObject> {
        let ElicitParams::Form(form) = params else {
            return Ok(ElicitResult::decline());
        };
        let answer = json!({ "nonce": form.message });
        Ok(ElicitResult::accept(answer.as_object().cloned()))
    }
}

/// Our client.
async fn connect(address: SocketAddr, revision: Revision) -> Result<Client, String> {
    let forms = ElicitationCapability {
        form: Some(JsonObject::new()),
        ..Default::default()
    };
    let config = ClientConfig::new("trial", "1.0.0")
        .pin(revision)
        .capabilities(ClientCapabilities {
            elicitation: Some(forms),
            ..Default::default()
        });
    let url = format!("http://{address}/mcp");
    Client::builder(config)
        .known_servers(KnownServers::new())
        .answers(Repeat)
        .connect(url.as_str())
        .await
        .map_err(|error| told(&error))
}

/// Calls a tool for its text, which has to begin with this nonce.
async fn call(
    client: &Client,
    tool: &str,
    mut arguments: Value,
    nonce: &str,
) -> Result<(), CallError> {
    arguments["nonce"] = nonce.into();
    let text: String = client.call_as(tool, arguments).await?;
    match text.split(' ').next() == Some(nonce) {
        true => Ok(()),
        false => Err(CallError::Protocol(format!(
            "the answer of another: {text:.40}"
        ))),
    }
}

async fn answered(address: SocketAddr, revision: Revision) -> Checked {
    let client = connect(address, revision).await?;
    for number in 0..50 {
        let nonce = format!("nonce-{number}");
        let answered = call(&client, "echo", json!({}), &nonce).await;
        answered.map_err(|error| told(&error))?;
    }
    Ok(())
}

async fn asks(address: SocketAddr, revision: Revision) -> Checked {
    let client = connect(address, revision).await?;
    let answered = call(&client, "confirm", json!({}), "asked").await;
    answered.map_err(|error| told(&error))
}

fn told(error: &impl Display) -> String {
    error.to_string()
}

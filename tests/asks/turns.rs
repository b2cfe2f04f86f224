//! Handlers that are state machines: they ask by what they return.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use toolwright::ask::{Inputs, Journals, Questions, Turn};
use toolwright::handler::State;
use toolwright::model::InputRequest;
use toolwright::model::legacy::ListRootsResult;
use toolwright::prelude::*;
use toolwright::server::{Layer, Next, Operation, Outcome};
use toolwright::{Limits, Revision};

use crate::rig::{BOTH, Modern, Scripted, accepted, client, complete, legacy, required, said};
use crate::support::call;

#[form]
struct Name {
    name: String,
}

/// Where the conversation stands.
#[data]
enum Stage {
    Named { name: String },
    Sure { name: String, roots: usize },
}

pub(crate) fn ask_name() -> Questions {
    Questions::new().form::<Name>("name", "Who?")
}

/// Asks for a name, for two things at once, and is done.
#[tool]
fn machine(inputs: Inputs<Stage>, city: String) -> Result<Turn<String>, AskError> {
    let next = match inputs.state() {
        None => match inputs.form::<Name>("name")? {
            None => return Ok(Turn::Ask(ask_name())),
            Some(name) => {
                let name = name.accepted()?.name;
                Questions::new()
                    .url("visit", "Look", "https://example.com")
                    .request("roots", InputRequest::ListRoots(None))
                    .state(&Stage::Named { name })
            }
        },
        Some(Stage::Named { name }) => {
            let (visit, roots) = (
                inputs.url("visit")?,
                inputs.read::<ListRootsResult>("roots")?,
            );
            match (visit, roots) {
                (Some(visit), Some(roots)) => {
                    visit.accepted()?;
                    let (name, roots) = (name.clone(), roots.roots.len());
                    // Nothing is asked: it only goes on in another turn.
                    Questions::new().state(&Stage::Sure { name, roots })
                }
                _ => ask_name(),
            }
        }
        Some(Stage::Sure { name, roots }) => {
            return Ok(Turn::Done(format!("{name} goes to {city}, {roots} roots")));
        }
    };
    Ok(Turn::Ask(next))
}

type Log = State<Arc<Mutex<Vec<String>>>>;

/// Steps are run once here, too.
#[tool]
async fn stepping(cx: Context, inputs: Inputs, log: Log) -> Result<Turn<String>, ToolError> {
    let count = cx
        .step("count", async |key| {
            tokio::task::yield_now().await;
            let mut log = log.lock().unwrap();
            log.push(key.to_string());
            Ok::<_, Infallible>(log.len())
        })
        .await?;
    Ok(match inputs.form::<Name>("name")? {
        None => Turn::Ask(ask_name()),
        Some(name) => Turn::Done(format!("{} {count}", name.accepted()?.name)),
    })
}

/// Asks in both forms, which is refused.
#[tool]
async fn mixed(cx: Context) -> Result<Turn<String>, AskError> {
    let name = cx.elicit::<Name>("name", "Who?").await?;
    Ok(Turn::Done(name.accepted()?.name))
}

#[tool]
fn clash() -> Turn<String> {
    Turn::Ask(ask_name().form::<Name>("name", "Once more?"))
}

#[tool]
fn heavy() -> Turn<String> {
    Turn::Ask(ask_name().state(&"x".repeat(2000)))
}

#[tool(blocking)]
fn blocks(inputs: Inputs) -> Result<Turn<String>, AskError> {
    Ok(match inputs.form::<Name>("name")? {
        None => Turn::Ask(ask_name()),
        Some(name) => Turn::Done(name.accepted()?.name),
    })
}

#[prompt]
fn greeting(inputs: Inputs, #[arg(default)] greeting: String) -> Result<Turn<String>, AskError> {
    Ok(match inputs.form::<Name>("name")? {
        None => Turn::Ask(ask_name()),
        Some(name) => Turn::Done(format!("{greeting} {}", name.accepted()?.name)),
    })
}

#[resource("guests://{number}")]
async fn guest(inputs: Inputs, number: u32, uri: ResourceUri) -> Result<Turn<String>, AskError> {
    tokio::task::yield_now().await;
    Ok(match inputs.form::<Name>("name")? {
        None => Turn::Ask(ask_name()),
        Some(name) => Turn::Done(format!("{} {number} {}", uri.0, name.accepted()?.name)),
    })
}

fn run_time() -> RuntimeTool {
    let schema = json!({ "type": "object" });
    RuntimeTool::new("run_time", schema, |cx, _| async move {
        // Without `Inputs` it never hears an answer; it asks all the same.
        let _ = cx;
        Turn::<String>::Ask(ask_name())
    })
}

pub(crate) fn builder() -> (Server, Arc<Mutex<Vec<String>>>) {
    let log = Arc::default();
    let server = Server::new("turns", "1.0.0")
        .limits(Limits {
            journal: 1000,
            ..Limits::default()
        })
        .state(Arc::clone(&log))
        .tool::<(machine, stepping, mixed, clash, heavy, blocks)>()
        .runtime_tool(run_time())
        .prompt::<greeting>()
        .resource::<guest>();
    (server, log)
}

pub(crate) fn server() -> ServerHandle {
    builder().0.build().unwrap()
}

pub(crate) fn ada() -> Scripted {
    Scripted::accepting(json!({ "name": "Ada" }))
}

#[tokio::test]
async fn a_state_machine_says_the_same_in_both_eras() {
    for revision in BOTH {
        let answers = ada();
        let asked = answers.asked.clone();
        let client = client(&server(), revision, answers).await;
        let result = client
            .call("machine", json!({ "city": "Oslo" }))
            .await
            .unwrap();
        assert_eq!(
            said(&result),
            ("Ada goes to Oslo, 1 roots", false),
            "{revision}"
        );
        let mut asked = asked.lock().unwrap().clone();
        asked[1..].sort();
        assert_eq!(
            asked,
            ["Who?", "https://example.com", "roots"],
            "{revision}"
        );
    }
}

#[tokio::test]
async fn prompts_resources_and_blocking_tools_take_turns_as_well() {
    for revision in BOTH {
        let client = client(&server(), revision, ada()).await;
        let prompt = client
            .prompt("greeting", json!({ "greeting": "Hi" }))
            .await
            .unwrap();
        assert_eq!(
            prompt.messages[0].content.as_text(),
            Some("Hi Ada"),
            "{revision}"
        );
        let read = client.read("guests://7").await.unwrap();
        assert_eq!(
            json!(read.contents[0])["text"],
            "guests://7 7 Ada",
            "{revision}"
        );
        let result = client.call("blocks", json!({})).await.unwrap();
        assert_eq!(said(&result), ("Ada", false), "{revision}");
    }
}

#[tokio::test]
async fn a_turn_is_a_result_whose_state_only_the_server_reads() {
    for journals in [Journals::in_process(), Journals::default()] {
        let server = builder().0.journals(journals).build().unwrap();
        let mut client = Modern::connect(&server);
        let city = |mut params: Value| {
            params["arguments"] = json!({ "city": "Oslo" });
            params
        };
        let first = client.call("machine", city(json!({}))).await;
        let (asked, state) = required(&first);
        assert_eq!(asked["name"]["method"], "elicitation/create");
        assert_eq!(first["result"].get("ttlMs"), None, "MRTR-M-12");

        let next = city(accepted(json!({ "name": { "name": "Ada" } }), &state));
        let (asked, newer) = required(&client.call("machine", next).await);
        assert_eq!(asked.keys().collect::<Vec<_>>(), ["roots", "visit"]);
        assert!(asked["visit"]["params"].get("elicitationId").is_none());
        assert!(newer != state && !newer.contains("Ada"));

        // One answer is missing: the handler asks what it wants.
        let visit = json!({ "visit": { "action": "accept" } });
        let some = city(json!({ "inputResponses": visit, "requestState": newer }));
        let (asked, _) = required(&client.call("machine", some).await);
        assert!(asked.contains_key("name"));

        let both = json!({ "visit": { "action": "accept" }, "roots": { "roots": [] } });
        let all = city(json!({ "inputResponses": both, "requestState": newer }));
        let answer = client.call("machine", all.clone()).await;
        let result = &answer["result"];
        assert_eq!(
            (&result["resultType"], result.get("inputRequests")),
            (&json!("input_required"), None)
        );
        let last = city(json!({ "requestState": result["requestState"] }));
        assert_eq!(
            complete(&client.call("machine", last).await),
            "Ada goes to Oslo, 0 roots"
        );

        // Fault 56: the state is of this request alone.
        let mut other = all.clone();
        other["arguments"]["city"] = json!("Rome");
        assert_eq!(client.call("machine", other).await["error"]["code"], -32602);
        let mut forged = all;
        forged["requestState"] = json!("e30");
        assert_eq!(
            client.call("machine", forged).await["error"]["code"],
            -32602
        );
    }
}

#[tokio::test]
async fn a_session_is_asked_by_requests_all_at_once() {
    let mut peer = legacy(&server(), Revision::V2025_11_25).await;
    let asked = peer
        .ask(call("call", "machine", json!({ "city": "Oslo" })))
        .await;
    assert_eq!(asked["method"], "elicitation/create");
    let content = json!({ "action": "accept", "content": { "name": "Ada" } });
    let answer = |id: &Value, result| json!({ "jsonrpc": "2.0", "id": id, "result": result });
    peer.send(answer(&asked["id"], content)).await;
    let (roots, visit) = (peer.recv().await, peer.recv().await);
    assert_eq!(roots["method"], "roots/list");
    assert_eq!(
        visit["params"]["elicitationId"].as_str().map(str::len),
        Some(32)
    );
    peer.send(answer(&visit["id"], json!({ "action": "accept" })))
        .await;
    peer.send(answer(&roots["id"], json!({ "roots": [] })))
        .await;
    let text = &peer.recv().await["result"]["content"][0]["text"];
    assert_eq!(text, "Ada goes to Oslo, 0 roots");
}

#[tokio::test]
async fn steps_run_once_over_all_turns() {
    for revision in BOTH {
        let (server, log) = builder();
        let client = client(&server.build().unwrap(), revision, ada()).await;
        let result = client.call("stepping", json!({})).await.unwrap();
        assert_eq!(said(&result), ("Ada 1", false), "{revision}");
        assert_eq!(log.lock().unwrap().len(), 1, "{revision}");
    }
}

struct Loud;

impl Layer for Loud {
    async fn call(&self, operation: Operation, next: Next<'_>) -> Outcome {
        next.run(operation).await
    }
}

#[tokio::test]
async fn turns_go_through_layers() {
    let server = builder().0.layer(Loud).build().unwrap();
    for revision in BOTH {
        let client = client(&server, revision, ada()).await;
        let result = client
            .call("machine", json!({ "city": "Oslo" }))
            .await
            .unwrap();
        assert_eq!(
            said(&result),
            ("Ada goes to Oslo, 1 roots", false),
            "{revision}"
        );
    }
}

#[tokio::test]
async fn a_run_time_tool_asks_by_its_result() {
    let mut client = Modern::connect(&server());
    let (asked, _) = required(&client.call("run_time", json!({})).await);
    assert!(asked.contains_key("name"));
}

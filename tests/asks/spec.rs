//! Every kind of question, from tools, prompts and resources, held against the specification's own
//! schemas where they are at hand.

#![allow(deprecated, reason = "what is deprecated has to work")]

use serde_json::{Value, json};
use toolwright::Revision;
use toolwright::ask::Visit;
use toolwright::model::Role;
use toolwright::model::legacy::{CreateMessageParams, SamplingMessage};
use toolwright::prelude::*;

use crate::oracle::Oracle;
use crate::rig::{Modern, legacy, required};
use crate::support::{Peer, request};

#[form]
#[serde(rename_all = "lowercase")]
enum Plain {
    Red,
    Green,
}

#[form]
enum Titled {
    /// The red one
    Red,
    /// The green one
    Green,
}

#[form]
#[schemars(extend("enumNames" = ["The red one", "The green one"]))]
enum Legacy {
    Red,
    Green,
}

fn name() -> String {
    "Ada".to_owned()
}
fn seven() -> i64 {
    7
}
fn half() -> f64 {
    0.5
}
fn yes() -> bool {
    true
}
fn red() -> Plain {
    Plain::Red
}
fn both() -> Vec<Titled> {
    vec![Titled::Red, Titled::Green]
}

/// What 2025-06-18 can ask, too.
#[form]
struct Simple {
    /// A text.
    #[schemars(length(min = 1, max = 80), title = "Your name")]
    #[serde(default = "name")]
    text: String,
    #[schemars(extend("format" = "email"))]
    email: Option<String>,
    #[schemars(extend("format" = "uri"))]
    uri: Option<String>,
    #[schemars(extend("format" = "date"))]
    date: Option<String>,
    #[schemars(extend("format" = "date-time"))]
    moment: Option<String>,
    #[schemars(range(min = -10, max = 10))]
    #[serde(default = "seven")]
    integer: i64,
    #[serde(default = "half")]
    number: f64,
    #[serde(default = "yes")]
    boolean: bool,
    #[serde(default = "red")]
    plain: Plain,
    titled: Titled,
    legacy: Legacy,
}

/// What came later.
#[form]
struct Several {
    #[schemars(length(min = 1, max = 2))]
    plain: Vec<Plain>,
    #[serde(default = "both")]
    titled: Vec<Titled>,
}

/// The definition that each field has to meet.
const FIELDS: [(&str, &str); 11] = [
    ("text", "StringSchema"),
    ("email", "StringSchema"),
    ("uri", "StringSchema"),
    ("date", "StringSchema"),
    ("moment", "StringSchema"),
    ("integer", "NumberSchema"),
    ("number", "NumberSchema"),
    ("boolean", "BooleanSchema"),
    ("plain", "UntitledSingleSelectEnumSchema"),
    ("titled", "TitledSingleSelectEnumSchema"),
    ("legacy", "LegacyTitledEnumSchema"),
];

async fn ask_all(cx: &Context) -> String {
    let question = SamplingMessage::text(Role::User, "The capital of France?");
    let asked = tokio::join!(
        cx.elicit::<Simple>("simple", "Fill this in"),
        cx.elicit::<Several>("several", "And this"),
        cx.elicit_url("url", "Look", "https://example.com/look"),
        cx.sample("sample", CreateMessageParams::new(vec![question], 100)),
        cx.roots("roots"),
    );
    format!("{:?}", asked.4)
}

#[tool]
async fn all(cx: Context) -> String {
    ask_all(&cx).await
}

#[prompt(name = "all", handle = AllPrompt)]
async fn all_prompt(cx: Context) -> String {
    ask_all(&cx).await
}

#[resource("all://{what}", handle = AllResource)]
async fn all_resource(cx: Context, what: String) -> String {
    format!("{what} {}", ask_all(&cx).await)
}

#[tool]
async fn simple(cx: Context) -> Result<String, ToolError> {
    let answer: Simple = cx.elicit("simple", "Fill this in").await?.accepted()?;
    Ok(answer.text)
}

#[tool]
async fn elsewhere(cx: Context) -> Result<String, AskError> {
    let page = |key| Visit::new(key, "Look", "https://example.com/look");
    let elicitation = cx.elicitation("one");
    elicitation.complete();
    cx.visit_first([page("one"), page("other")]).await?;
    Ok(String::new())
}

fn server() -> ServerHandle {
    Server::new("spec", "1.0.0")
        .tool::<(all, simple, elsewhere)>()
        .prompt::<AllPrompt>()
        .resource::<AllResource>()
        .build()
        .unwrap()
}

/// Of a tool, a prompt and a resource: the method and the parameters.
fn requests() -> [(&'static str, Value); 3] {
    [
        ("tools/call", json!({ "name": "all" })),
        ("prompts/get", json!({ "name": "all" })),
        ("resources/read", json!({ "uri": "all://there" })),
    ]
}

#[track_caller]
fn assert_valid(oracle: &Oracle, name: &str, value: &Value) {
    let problems = oracle.problems_of(name, value);
    assert_eq!(problems, Vec::<String>::new(), "{name}: {value:#}");
}

/// Whether each field of the form is what it has to be.
#[track_caller]
fn assert_fields(oracle: &Oracle, asked: &Value) {
    let schema = &asked["params"]["requestedSchema"];
    for (field, name) in FIELDS {
        assert_valid(oracle, name, &schema["properties"][field]);
    }
    assert_eq!(schema["required"], json!(["titled", "legacy"]));
    let fields = &schema["properties"];
    let defaults = ["text", "integer", "number", "boolean", "plain"].map(|f| &fields[f]["default"]);
    let expected = [
        json!("Ada"),
        json!(7),
        json!(0.5),
        json!(true),
        json!("red"),
    ];
    assert_eq!(defaults, expected.each_ref());
}

#[tokio::test]
async fn all_that_is_asked_in_2026_07_28_is_valid() {
    let oracle = Oracle::of("2026-07-28");
    let mut client = Modern::connect(&server());
    for (method, params) in requests() {
        let answer = client.send(method, params).await;
        assert_valid(&oracle, "InputRequiredResult", &answer["result"]);
        let (asked, _) = required(&answer);
        for (key, name) in [
            ("simple", "ElicitRequest"),
            ("several", "ElicitRequest"),
            ("url", "ElicitRequest"),
            ("sample", "CreateMessageRequest"),
            ("roots", "ListRootsRequest"),
        ] {
            assert_valid(&oracle, name, &asked[key]);
        }
        assert_fields(&oracle, &asked["simple"]);
        assert_valid(&oracle, "ElicitRequestURLParams", &asked["url"]["params"]);
        let several = &asked["several"]["params"]["requestedSchema"]["properties"];
        assert_valid(&oracle, "UntitledMultiSelectEnumSchema", &several["plain"]);
        assert_valid(&oracle, "TitledMultiSelectEnumSchema", &several["titled"]);
        assert_eq!(several["titled"]["default"], json!(["Red", "Green"]));
    }
}

/// The next five questions, by method; forms by their message.
async fn five(peer: &mut Peer) -> [Value; 5] {
    let mut asked = Vec::new();
    for _ in 0..5 {
        asked.push(peer.recv().await);
    }
    [
        "Fill this in",
        "And this",
        "Look",
        "sampling/createMessage",
        "roots/list",
    ]
    .map(|what| {
        let is = |asked: &&Value| asked["method"] == what || asked["params"]["message"] == what;
        asked
            .iter()
            .find(is)
            .unwrap_or_else(|| panic!("no {what}: {asked:?}"))
            .clone()
    })
}

#[tokio::test]
async fn all_that_is_asked_in_2025_11_25_is_valid() {
    let oracle = Oracle::of("2025-11-25");
    for (method, params) in requests() {
        let mut peer = legacy(&server(), Revision::V2025_11_25).await;
        peer.send(request("call", method, params)).await;
        let [simple, several, url, sample, roots] = five(&mut peer).await;
        for form in [&simple, &several, &url] {
            assert_valid(&oracle, "ElicitRequest", form);
        }
        assert_valid(&oracle, "CreateMessageRequest", &sample);
        assert_valid(&oracle, "ListRootsRequest", &roots);
        assert_fields(&oracle, &simple);
        assert_valid(&oracle, "ElicitRequestURLParams", &url["params"]);
        let several = &several["params"]["requestedSchema"]["properties"];
        assert_valid(&oracle, "UntitledMultiSelectEnumSchema", &several["plain"]);
        assert_valid(&oracle, "TitledMultiSelectEnumSchema", &several["titled"]);
    }
}

#[tokio::test]
async fn what_is_asked_in_2025_06_18_is_valid() {
    let oracle = Oracle::of("2025-06-18");
    let mut peer = legacy(&server(), Revision::V2025_06_18).await;
    let asked = peer
        .ask(request("call", "tools/call", json!({ "name": "simple" })))
        .await;
    assert_valid(&oracle, "ElicitRequest", &asked);
    let fields = &asked["params"]["requestedSchema"]["properties"];
    for (_, field) in fields.as_object().unwrap() {
        assert_valid(&oracle, "PrimitiveSchemaDefinition", field);
    }
    assert_eq!(
        fields["titled"]["enumNames"],
        json!(["The red one", "The green one"])
    );
}

#[tokio::test]
async fn what_is_said_of_pages_in_2025_11_25_is_valid() {
    let oracle = Oracle::of("2025-11-25");
    let mut peer = legacy(&server(), Revision::V2025_11_25).await;
    peer.send(request(
        "call",
        "tools/call",
        json!({ "name": "elsewhere" }),
    ))
    .await;
    let done = peer.recv().await;
    assert_valid(&oracle, "ElicitationCompleteNotification", &done);
    let refused = peer.recv().await;
    assert_valid(&oracle, "URLElicitationRequiredError", &refused);
    let elicitations = refused["error"]["data"]["elicitations"].as_array().unwrap();
    assert_eq!(elicitations.len(), 2);
    assert_eq!(
        elicitations[0]["elicitationId"],
        done["params"]["elicitationId"]
    );
    assert_ne!(
        elicitations[0]["elicitationId"],
        elicitations[1]["elicitationId"]
    );
}

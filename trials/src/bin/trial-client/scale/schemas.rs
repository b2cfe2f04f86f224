//! How long it takes to make a schema ready that was made to be slow, and to hold data against it:
//! each is as large as it may be, or just too large.

use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, split};
use tokio::time::Instant;
use toolwright::Revision;
use toolwright::client::{CallError, Client, ClientConfig, KnownServers};
use toolwright::memory::{self, MemoryConnection};
use trials::settings::Settings;

use super::hold_time;
use crate::Outcome;

/// The most that either may take, in milliseconds.
const MOST: f64 = 50.0;

/// A schema, and data that is slow for it.
type Case = (&'static str, Value, Value);

/// Has a client enforce each schema on what a tool answers; a server does the same with arguments.
pub(crate) async fn run(settings: &Settings) -> Outcome {
    let times: usize = settings.need("count")?;
    let mut slowest = [("", Duration::ZERO); 2];
    for (name, schema, data) in cases() {
        let mut best = [Duration::MAX; 2];
        for _ in 0..times {
            let took = as_output(&schema, &data).await?;
            for (best, took) in best.iter_mut().zip(took) {
                *best = took.min(*best);
            }
        }
        println!(
            "schema {name}: ready in {:.1?}, checked in {:.1?}",
            best[0], best[1]
        );
        for (slowest, best) in slowest.iter_mut().zip(best) {
            if best > slowest.1 {
                *slowest = (name, best);
            }
        }
    }
    let mut outcome = Ok(());
    for (what, (name, took)) in ["ready", "checked"].into_iter().zip(slowest) {
        let figure = format!("ms_until_the_slowest_schema_was_{what}_({name})");
        let held = hold_time(settings, &figure, took.as_secs_f64() * 1000.0, MOST);
        outcome = outcome.and(held);
    }
    Ok(outcome?)
}

/// How long a client takes to make an output schema ready, and to hold a result against it, with
/// what it takes to make a call.
async fn as_output(
    schema: &Value,
    data: &Value,
) -> Result<[Duration; 2], Box<dyn std::error::Error>> {
    let (near, far) = memory::pair(8 << 20);
    let (reader, writer) = split(near);
    let config = ClientConfig::new("trial", "1.0.0").pin(Revision::V2026_07_28);
    let server = tokio::spawn(promise(far, schema.clone(), data.clone()));
    let client = Client::builder(config).known_servers(KnownServers::new());
    let client = client.over(reader, writer).await?;
    client.tools().await?;
    let mut took = [Duration::ZERO; 2];
    // A failed call is not held against the schema, which is made ready all the same.
    for (took, fails) in took.iter_mut().zip([true, false]) {
        let start = Instant::now();
        match client.call("work", json!({ "fails": fails })).await {
            Ok(_) | Err(CallError::Protocol(_)) => *took = start.elapsed(),
            Err(error) => return Err(error.into()),
        }
    }
    drop(client);
    server.await??;
    Ok(took)
}

/// Says that there is a tool with this output schema, and that its result is this.
async fn promise(far: MemoryConnection, schema: Value, data: Value) -> std::io::Result<()> {
    let (reader, mut writer) = split(far);
    let mut requests = BufReader::new(reader).lines();
    while let Some(line) = requests.next_line().await? {
        let request: Value = serde_json::from_str(&line)?;
        let result = match request["method"].as_str() {
            Some("tools/list") => json!({ "resultType": "complete", "tools": [{
                "name": "work", "inputSchema": { "type": "object" }, "outputSchema": schema,
            }] }),
            Some("tools/call") if request["params"]["arguments"]["fails"] == true => {
                json!({ "resultType": "complete", "content": [], "isError": true })
            }
            Some("tools/call") => {
                json!({ "resultType": "complete", "content": [], "structuredContent": data })
            }
            _ => {
                json!({ "resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": { "tools": {} } })
            }
        };
        let answer = json!({ "jsonrpc": "2.0", "id": request["id"], "result": result });
        writer.write_all(format!("{answer}\n").as_bytes()).await?;
    }
    Ok(())
}

fn cases() -> Vec<Case> {
    let mut cases = values();
    cases.extend(patterns());
    cases.extend(texts());
    cases.extend(references());
    cases
}

/// So many times what a function makes of the number.
fn many(count: usize, one: impl Fn(usize) -> Value) -> Value {
    (0..count).map(one).collect()
}

/// An object of so many members.
fn members(count: usize, one: impl Fn(usize) -> (String, Value)) -> Value {
    Value::Object((0..count).map(one).collect::<Map<_, _>>())
}

/// Much of the schema that looks at much of the data.
fn values() -> Vec<Case> {
    let small = |count| many(count, |at| json!(at));
    let objects = |count| many(count, |at| json!({ "a": at }));
    vec![
        (
            "any of constants",
            json!({ "items": { "anyOf": many(4_900, |at| json!({ "const": at + 1_000 })) } }),
            small(200),
        ),
        (
            "none of constants",
            json!({ "items": { "allOf": many(3_300, |at| json!({ "not": { "const": at + 1_000 } })) } }),
            small(200),
        ),
        (
            "one of constants",
            json!({ "items": { "oneOf": many(4_900, |at| json!({ "const": at })) } }),
            small(200),
        ),
        (
            "any of objects",
            json!({ "items": { "anyOf": many(2_400, |at| json!({ "properties": { "a": { "const": at + 1_000 } } })) } }),
            objects(90),
        ),
        (
            "an enumeration",
            json!({ "items": { "enum": many(9_900, |at| json!({ "a": at + 1_000 })) } }),
            objects(100),
        ),
        (
            "properties",
            json!({ "items": { "properties": members(9_000, |at| (format!("p{at}"), json!(true))) } }),
            objects(100),
        ),
        (
            "names that depend",
            json!({ "items": { "dependentRequired": members(3_000, |at| (format!("p{at}"), json!(["a"]))) } }),
            objects(100),
        ),
        (
            "unique objects",
            json!({ "uniqueItems": true }),
            objects(23_000),
        ),
        (
            "unique texts",
            json!({ "uniqueItems": true }),
            many(47_000, |at| json!(format!("{at:08}"))),
        ),
        (
            "what nothing looked at",
            (0..60).fold(
                json!({ "properties": { "a": true } }),
                |inner, _| json!({ "allOf": [inner], "unevaluatedProperties": false }),
            ),
            json!({ "a": 1, "b": 2 }),
        ),
        (
            "too much",
            json!({ "anyOf": many(40_000, |at| json!({ "const": at })) }),
            small(10),
        ),
    ]
}

/// Patterns that are slow to compile, or to match.
fn patterns() -> Vec<Case> {
    let one = |pattern: String| json!({ "pattern": pattern });
    let text = |bytes: usize| json!("ab".repeat(bytes / 2));
    vec![
        ("words", one(r"\w".repeat(44)), text(2_000)),
        ("too many words", one(r"\w".repeat(4_000)), text(2_000)),
        ("spaces", one(r"\s".repeat(44)), text(2_000)),
        ("tables", one(r"[^\pL\pN\pM]".repeat(130)), text(2_000)),
        (
            "folded tables",
            one(format!("(?i){}", r"\pL".repeat(7))),
            text(2_000),
        ),
        (
            "folded classes",
            one(format!("(?i){}", "[a-zA-Z]".repeat(19))),
            text(2_000),
        ),
        (
            "alternatives",
            one(format!(
                "({})*c",
                (0..1_600).map(|at| format!("{at}|")).collect::<String>()
            )),
            text(2_000),
        ),
        (
            "repetitions",
            one("((a{1,100}){1,100}){1,100}".to_owned()),
            text(2_000),
        ),
        (
            "small and slow",
            one("[ab]*a[ab]{80}c".to_owned()),
            text(32_000),
        ),
        ("slow", one("[ab]*a[ab]{300}c".to_owned()), text(8_000)),
        (
            "large and slow",
            one("[ab]*a[ab]{1200}c".to_owned()),
            text(2_000),
        ),
        (
            "optional",
            one(format!("({}){{200}}c", "a?b?")),
            text(2_000),
        ),
        (
            "names",
            json!({ "items": { "patternProperties": members(1_300, |at| (format!("p{at}$"), json!(false))) } }),
            many(500, |at| json!({ "a": at })),
        ),
    ]
}

/// Text that is looked at many times.
fn texts() -> Vec<Case> {
    let draft_7 = |keyword: Value| json!({ "$schema": "http://json-schema.org/draft-07/schema#", "allOf": many(3_000, |_| keyword.clone()) });
    let text = json!("ä1".repeat(30_000));
    vec![
        (
            "lengths",
            json!({ "allOf": many(3_300, |at| json!({ "maxLength": at + 1_000_000 })) }),
            text.clone(),
        ),
        (
            "equal texts",
            json!({ "enum": many(100, |at| json!(format!("{}{at}", "a".repeat(10_000)))) }),
            json!("a".repeat(10_004)),
        ),
        (
            "formats",
            draft_7(json!({ "format": "regex" })),
            text.clone(),
        ),
        (
            "contents",
            draft_7(json!({ "contentMediaType": "application/json" })),
            json!(format!("[{}1]", "1,".repeat(20_000))),
        ),
        (
            "a long text",
            json!({ "type": "string", "maxLength": 1 }),
            json!("a".repeat(3 << 20)),
        ),
    ]
}

/// References that meet the same data in many ways, or one inside the other.
fn references() -> Vec<Case> {
    let again = json!({ "$ref": "#" });
    let objects = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!({ "x": inner }));
    let chain = |length: usize, link: &dyn Fn(Value) -> Value, last: Value| {
        let next = |at: usize| json!({ "$ref": format!("#/$defs/a{}", at + 1) });
        let mut all = members(length, |at| (format!("a{at}"), link(next(at))));
        all[format!("a{length}")] = last;
        json!({ "$ref": "#/$defs/a0", "$defs": all })
    };
    let twice =
        |next: Value| json!({ "properties": { "x": next }, "patternProperties": { "x": next } });
    let back = json!({ "items": { "$ref": "#/$defs/a0" } });
    let tagged = |tag: &str| json!({ "required": ["tag"], "properties": { "tag": { "const": tag }, "of": again } });
    let expression = json!({ "oneOf": [tagged("negated"), tagged("not"), { "type": "integer" }] });
    let expressions =
        |levels: usize| (0..levels).fold(json!(0.5), |of, _| json!({ "tag": "not", "of": of }));
    let lists = (0..100).fold(json!([]), |inner, _| json!([inner, [], [], []]));
    vec![
        (
            "a member in two ways",
            json!({ "properties": { "x": again }, "patternProperties": { "x": again } }),
            objects(110),
        ),
        (
            "elements in two ways",
            json!({ "items": again, "contains": again, "minContains": 0 }),
            lists,
        ),
        (
            "a ring",
            chain(
                8,
                &twice,
                json!({ "properties": { "x": { "$ref": "#/$defs/a0" } } }),
            ),
            objects(110),
        ),
        (
            "a large ring",
            chain(30, &twice, back.clone()),
            objects(110),
        ),
        (
            "doubled",
            chain(
                9,
                &|next| json!({ "allOf": [next, next] }),
                json!({ "type": "integer" }),
            ),
            many(500, |at| json!(at)),
        ),
        (
            "doubled too often",
            chain(40, &|next| json!({ "allOf": [next, next] }), json!({})),
            json!(1),
        ),
        (
            "deep",
            chain(100, &|next| json!({ "allOf": [next] }), back),
            (0..120).fold(json!([]), |inner, _| json!([inner])),
        ),
        (
            "mistakes in two ways",
            json!({ "anyOf": many(302, |at| match at {
                0 | 1 => json!({ "type": "array", "items": again }),
                _ => json!({ "const": at }),
            }) }),
            (0..9).fold(json!(0.5), |inner, _| json!([inner])),
        ),
        ("a small mistake", expression.clone(), expressions(5)),
        ("a deep mistake", expression, expressions(55)),
    ]
}

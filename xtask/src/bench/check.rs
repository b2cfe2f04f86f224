//! Whether a server answers rightly in every way it is spoken to, before anyone asks how fast.
//!
//! What is compared is what was meant: texts, notifications, and of lists the names, descriptions and
//! arguments. Ours has to say it in the very bytes of the floor besides, or the ratio of the two would
//! be one of lengths.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::figures::{FLOOR, OURS};
use super::packages::binary;
use super::speaker::{Era, Mode, Said, Speaker};
use crate::Outcome;

/// What a server is told, each in every way that fits.
const VARIANTS: [&[&str]; 4] = [
    &[],
    &["--middleware"],
    &["--validation"],
    &["--legacy-stateless"],
];

/// The tools that every server has here: one beyond those that have names.
const TOOLS: [(&str, &str, &[&str]); 5] = [
    ("add", "Add two numbers.", &["a", "b"]),
    ("echo", "Say the same again.", &["text"]),
    ("progress", "Count, and tell how far it is.", &["count"]),
    ("hold", "Wait, then answer.", &["ms"]),
    ("tool_0001", "Add two numbers.", &["a", "b"]),
];

/// Checks the server of a peer, which was built, as the floor was.
///
/// # Errors
///
/// The first thing that is wrong, and in which way it was said.
pub(crate) fn peer(peer: &str) -> Outcome {
    each(peer, &VARIANTS)
}

/// The same for a server that is told nothing besides.
///
/// # Errors
///
/// As [`peer`].
pub(crate) fn plainly(peer: &str) -> Outcome {
    each(peer, &[&[]])
}

fn each(peer: &str, variants: &[&[&str]]) -> Outcome {
    let mut answers = 0;
    let mut refused = Vec::new();
    for variant in variants {
        if refuses(peer, variant)? {
            refused.push(variant.join(" "));
            continue;
        }
        for mode in Mode::ALL.into_iter().filter(|mode| matters(*mode, variant)) {
            let wrong = |why| format!("{mode:?} {}: {why}", variant.join(" "));
            let conversation = start(peer, variant, mode).and_then(converse);
            let conversation = conversation.map_err(wrong)?;
            answers += conversation.said.len();
            match conversation.progress {
                // Only there it is timed.
                Err(why) if mode != Mode::Http(Era::Modern) && ![FLOOR, OURS].contains(&peer) => {
                    println!("check {peer}: {}", wrong(why));
                }
                told => told.map_err(wrong)?,
            }
            if peer == OURS {
                let floor = start(FLOOR, &[], mode).and_then(converse)?;
                // Behind layers, a list is for the one who asked: any of them may look at who that is.
                let scoped = usize::from(variant.contains(&"--middleware"));
                let pairs = floor.said.iter().zip(&conversation.said);
                same_bytes(pairs.skip(scoped)).map_err(wrong)?;
            }
        }
    }
    println!(
        "check {peer}: {answers} answers are right{}",
        if refused.is_empty() {
            String::new()
        } else {
            format!("; it refuses {}", refused.join(", "))
        }
    );
    Ok(())
}

/// Whether the server says that it cannot do this.
fn refuses(peer: &str, variant: &[&str]) -> Result<bool, String> {
    let mut command = program(peer, variant);
    command.arg("stdio").args(variant).stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let ended = command.status().map_err(|error| error.to_string())?;
    Ok(ended.code() == Some(3))
}

/// Whether what a server is told is of consequence in this mode.
fn matters(mode: Mode, variant: &[&str]) -> bool {
    !variant.contains(&"--legacy-stateless") || mode == Mode::Http(Era::Legacy)
}

fn start(peer: &str, variant: &[&str], mode: Mode) -> Result<Speaker, String> {
    let arguments = [&["--tools", "5"], variant].concat();
    Speaker::start(program(peer, variant), &arguments, mode)
}

fn program(peer: &str, variant: &[&str]) -> Command {
    let name = match (peer, variant) {
        (OURS, ["--validation"]) => "bench-ours-validation".to_owned(),
        _ => format!("bench-{peer}"),
    };
    Command::new(binary(&name))
}

/// What was said, all of it rightly.
struct Conversation {
    said: Vec<Said>,
    /// What is wrong with the notifications that came before an answer.
    progress: Outcome,
}

/// Asks for everything there is, and looks at what is answered.
fn converse(mut speaker: Speaker) -> Result<Conversation, String> {
    let mut all = vec![listed(&mut speaker)?];
    let long = "the quick brown fox\n".repeat(4_000);
    let calls = [
        ("add", json!({ "a": 2, "b": 40 }), "42"),
        (
            "add",
            json!({ "a": i64::MIN + 1, "b": -1 }),
            "-9223372036854775808",
        ),
        ("tool_0001", json!({ "a": 2, "b": -40 }), "-38"),
        ("echo", json!({ "text": "" }), ""),
        ("echo", json!({ "text": ODD }), ODD),
        ("echo", json!({ "text": long }), long.as_str()),
        ("hold", json!({ "ms": 5 }), "done"),
        ("progress", json!({ "count": 3 }), "done"),
    ];
    for (name, arguments, text) in &calls {
        let said = speaker.call(name, arguments, None)?;
        text_is(&said, text).map_err(|why| format!("{name} {arguments}: {why}"))?;
        if !said.notifications.is_empty() {
            return Err(format!("{name} told of progress to nobody"));
        }
        all.push(said);
    }
    let token = json!("a token");
    let said = speaker.call("progress", &json!({ "count": 3 }), Some(&token))?;
    text_is(&said, "done")?;
    let progress = progress_is(&said, &token);
    all.push(said);
    speaker.close()?;
    Ok(Conversation {
        said: all,
        progress,
    })
}

/// A text that has to be escaped, and can be in more than one way.
const ODD: &str = "a \"quote\", a \\ and a /, a\nline\t, \u{1}, \u{7f}, é, 漢 and 🦀";

fn text_is(said: &Said, text: &str) -> Result<(), String> {
    let result = &said.answer["result"];
    let content = &result["content"];
    let right = content[0]["type"] == "text"
        && content[0]["text"] == text
        && content.as_array().is_some_and(|blocks| blocks.len() == 1)
        && result["isError"] != true;
    if right {
        Ok(())
    } else {
        let shown: String = said.bytes.chars().take(300).collect();
        Err(format!("it was answered with {shown}"))
    }
}

fn progress_is(said: &Said, token: &Value) -> Result<(), String> {
    let told: Vec<_> = said.notifications.iter().map(|it| &it["params"]).collect();
    let right = told.len() == 3
        && (1..).zip(&told).all(|(done, params)| {
            params["progressToken"] == *token
                && params["progress"].as_f64() == Some(f64::from(done))
                && params["total"].as_f64() == Some(3.0)
        });
    if right {
        Ok(())
    } else {
        Err(format!("progress was told as {told:?}"))
    }
}

/// Lists the tools, which may come in another order.
fn listed(speaker: &mut Speaker) -> Result<Said, String> {
    let said = speaker.ask("tools/list", None, json!({}))?;
    let tools = said.answer["result"]["tools"].as_array();
    let tools = tools.ok_or_else(|| format!("no list but {}", said.bytes))?;
    if tools.len() != TOOLS.len() {
        return Err(format!("{} tools are listed", tools.len()));
    }
    for (name, description, arguments) in TOOLS {
        let tool = tools.iter().find(|tool| tool["name"] == name);
        let tool = tool.ok_or_else(|| format!("{name} is not listed"))?;
        let schema = &tool["inputSchema"];
        let properties = schema["properties"].as_object();
        let names: Vec<_> = properties.into_iter().flat_map(|all| all.keys()).collect();
        let right = tool["description"] == description
            && schema["type"] == "object"
            && names == arguments
            && schema["required"] == json!(arguments);
        if !right {
            return Err(format!("{name} is listed as {tool}"));
        }
    }
    Ok(said)
}

/// Whether two conversations were the same to the byte.
fn same_bytes<'a>(pairs: impl Iterator<Item = (&'a Said, &'a Said)>) -> Result<(), String> {
    for (floor, ours) in pairs {
        if floor.bytes != ours.bytes {
            let (floor, ours) = (&floor.bytes, &ours.bytes);
            return Err(format!("the floor says\n{floor}\nand ours says\n{ours}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(answer: Value, notifications: Vec<Value>) -> Said {
        Said {
            bytes: answer.to_string(),
            answer,
            notifications,
        }
    }

    #[test]
    fn a_text_is_right_whatever_else_a_result_holds() {
        let block = json!({ "type": "text", "text": "42", "annotations": {} });
        let right = json!({ "result": { "content": [block], "structuredContent": { "x": 1 } } });
        assert_eq!(text_is(&said(right.clone(), vec![]), "42"), Ok(()));
        assert!(text_is(&said(right, vec![]), "43").is_err());
        let failed =
            json!({ "result": { "content": [{ "type": "text", "text": "42" }], "isError": true } });
        assert!(text_is(&said(failed, vec![]), "42").is_err());
    }

    #[test]
    fn progress_is_told_in_order_and_with_the_token() {
        let told =
            |done| json!({ "params": { "progressToken": "t", "progress": done, "total": 3 } });
        let right = said(json!({}), vec![told(1.0), told(2.0), told(3.0)]);
        assert_eq!(progress_is(&right, &json!("t")), Ok(()));
        assert!(progress_is(&right, &json!("u")).is_err());
        let swapped = said(json!({}), vec![told(2.0), told(1.0), told(3.0)]);
        assert!(progress_is(&swapped, &json!("t")).is_err());
    }
}

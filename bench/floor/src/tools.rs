//! The list of tools, written once.

use crate::message::COMPLETE;
use crate::options::{NAMED_TOOLS, Options};

/// The result of `tools/list`, in the form of each era.
pub struct Listing {
    pub legacy: Vec<u8>,
    pub modern: Vec<u8>,
}

impl Listing {
    /// The tools that the options ask for.
    pub fn new(options: &Options) -> Self {
        let named = NAMED_TOOLS.iter().filter(|name| options.has(name));
        let mut tools: Vec<String> = named.map(|name| named_tool(name)).collect();
        tools.extend(
            options
                .numbered_tools()
                .map(|name| tool(&name, ADD, ADDENDS)),
        );
        let tools = format!("\"tools\":[{}]", tools.join(","));
        Self {
            legacy: format!("{{{tools}}}").into_bytes(),
            modern: [
                b"{",
                COMPLETE,
                tools.as_bytes(),
                br#","ttlMs":0,"cacheScope":"public"}"#,
            ]
            .concat(),
        }
    }
}

const ADD: &str = "Add two numbers.";
const ADDENDS: &str = r#""properties":{"a":{"description":"The first addend.","type":"integer"},"b":{"description":"The second addend.","type":"integer"}},"required":["a","b"]"#;

fn named_tool(name: &str) -> String {
    let (description, schema) = match name {
        "add" => (ADD, ADDENDS),
        "echo" => (
            "Say the same again.",
            r#""properties":{"text":{"description":"What to say.","type":"string"}},"required":["text"]"#,
        ),
        "progress" => (
            "Count, and tell how far it is.",
            r#""properties":{"count":{"description":"How far.","type":"integer"}},"required":["count"]"#,
        ),
        _ => (
            "Wait, then answer.",
            r#""properties":{"ms":{"description":"Milliseconds to wait.","minimum":0,"type":"integer"}},"required":["ms"]"#,
        ),
    };
    tool(name, description, schema)
}

fn tool(name: &str, description: &str, schema: &str) -> String {
    format!(
        r#"{{"name":"{name}","description":"{description}","inputSchema":{{"additionalProperties":false,{schema},"type":"object"}}}}"#
    )
}

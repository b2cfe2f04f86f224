//! A server's place taken by a test: handlers are called without one.

#![allow(dead_code, reason = "each test program uses a part")]

use serde_json::Value;
use serde_json::value::RawValue;
use toolwright::context::Context;
use toolwright::handler::{ArgumentOptions, SchemaOptions, Scope, StateMap, ToolFn};
use toolwright::model::CallToolResult;

/// What a server would hold.
#[derive(Default)]
pub(crate) struct Rig {
    pub(crate) options: ArgumentOptions,
    pub(crate) state: StateMap,
}

impl Rig {
    /// Calls a tool with these arguments.
    pub(crate) async fn call<T: ToolFn>(&self, arguments: &str) -> CallToolResult {
        let raw = RawValue::from_string(arguments.to_owned()).expect("a test's JSON is JSON");
        let entry = T::entry(&SchemaOptions::default());
        let started = {
            let context = || Context::detached();
            let scope = Scope::new(&self.options, &self.state, &context)
                .with_arguments(Some((&*raw).into()));
            entry
                .handler
                .call(&scope)
                .expect("the arguments are an object")
        };
        started.wait().await
    }

    /// The text of a call's only block.
    pub(crate) async fn text<T: ToolFn>(&self, arguments: &str) -> String {
        let result = self.call::<T>(arguments).await;
        assert_eq!(result.content.len(), 1, "{result:?}");
        result.content[0]
            .as_text()
            .expect("a text block")
            .to_owned()
    }
}

/// A tool's definition as it is listed.
pub(crate) fn definition<T: ToolFn>() -> Value {
    let entry = T::entry(&SchemaOptions::default());
    serde_json::to_value(entry.definition).expect("a definition is JSON")
}

//! `#[tools]`: methods of one shared value, and lists of handles.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::value::RawValue;
use toolwright::context::Context;
use toolwright::handler::{
    ArgumentOptions, Cancelled, Progress, RequestMeta, SchemaOptions, Scope, StateMap, ToolEntry,
    ToolFn, ToolList, ToolSet,
};
use toolwright::{tool, tools};

struct Counter<T> {
    count: AtomicU64,
    label: T,
}

#[tools]
impl<T: Send + Sync + std::fmt::Display + 'static> Counter<T> {
    /// A plain method stays one.
    fn next(&self) -> u64 {
        self.count.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Counts.
    #[tool(idempotent = false)]
    async fn add(
        &self,
        /** How often. */
        times: u8,
    ) -> u64 {
        (0..times).map(|_| self.next()).last().unwrap_or_default()
    }

    #[tool]
    fn label(self: &Arc<Self>) -> String {
        self.label.to_string()
    }

    #[tool(blocking, name = "shared")]
    fn keep(self: Arc<Self>, _cx: &Context) -> u64 {
        self.next()
    }

    #[tool]
    fn fixed() -> &'static str {
        "fixed"
    }

    /// Greets.
    #[toolwright::prompt]
    fn greet(&self, name: String) -> String {
        format!("{} {name}", self.label)
    }

    #[toolwright::resource("count://{name}")]
    async fn read(&self, #[arg(complete = Self::names)] name: String) -> String {
        format!("{name} {}", self.next())
    }

    fn names(_: &str) -> Vec<String> {
        vec![]
    }
}

fn scoped<R>(arguments: &str, run: impl FnOnce(&Scope<'_>) -> R) -> R {
    let raw = RawValue::from_string(arguments.to_owned()).expect("a test's JSON is JSON");
    let (options, state) = (ArgumentOptions::default(), StateMap::default());
    let context = Context::detached;
    run(&Scope::new(&options, &state, &context).with_arguments(Some((&*raw).into())))
}

#[tokio::test]
async fn annotated_methods_share_their_value() {
    let counter = Arc::new(Counter {
        count: AtomicU64::new(0),
        label: "box",
    });
    let handlers = Arc::clone(&counter).entries(&SchemaOptions::default());
    let mut answers = Vec::new();
    for (entry, arguments) in handlers
        .tools
        .iter()
        .zip([r#"{"times":3}"#, "{}", "{}", "{}"])
    {
        let started = scoped(arguments, |scope| entry.handler.call(scope)).unwrap();
        let result = started.wait().await;
        let text = result.content[0].as_text().unwrap().to_owned();
        answers.push((entry.definition.name.clone(), text));
    }
    let expected = [
        ("add", "3"),
        ("label", "box"),
        ("shared", "4"),
        ("fixed", "fixed"),
    ];
    let expected = expected.map(|(name, text)| (name.to_owned(), text.to_owned()));
    assert_eq!(answers, expected);
    assert_eq!(
        handlers.tools[0].definition.description.as_deref(),
        Some("Counts.")
    );

    let prompt = &handlers.prompts[0];
    let started = scoped(r#"{"name":"Ada"}"#, |scope| prompt.handler.get(scope)).unwrap();
    let messages = started.wait().await.unwrap().messages;
    assert_eq!(messages[0].content.as_text(), Some("box Ada"));
    assert_eq!(handlers.resources[0].completers.len(), 1);
    assert_eq!(counter.next(), 5);
}

mod math {
    /// In a module of its own.
    #[toolwright::tool]
    pub(crate) fn sub(a: i64, b: i64) -> i64 {
        a - b
    }
}

use math::sub;

#[tool(handle = UuidTool)]
fn uuid() -> String {
    uuid::new()
}

mod uuid {
    pub(crate) fn new() -> String {
        "id".to_owned()
    }
}

/// An alias does not hide that this is an extractor.
type Cx = Context;

#[tool]
async fn extract(_: Cx, progress: Progress, cancelled: &Cancelled, _meta: RequestMeta) -> bool {
    progress.report(1.0, None, "half".to_owned());
    cancelled.is_cancelled()
}

#[tool]
fn raw(r#type: String) -> String {
    r#type
}

#[test]
fn lists_nest() {
    let mut entries: Vec<ToolEntry> = Vec::new();
    <(sub, (UuidTool, extract), math::sub)>::entries(&SchemaOptions::default(), &mut entries);
    let names: Vec<_> = entries
        .iter()
        .map(|entry| entry.definition.name.as_str())
        .collect();
    assert_eq!(names, ["sub", "uuid", "extract", "sub"]);
    assert_eq!((sub(5, 3), uuid()), (2, "id".to_owned()));
}

#[tokio::test]
async fn extractors_are_recognised_by_type_and_are_no_arguments() {
    let entry = extract::entry(&SchemaOptions::default());
    assert!(!entry.definition.input_schema.0.contains_key("properties"));
    let result = scoped("{}", |scope| entry.handler.call(scope))
        .unwrap()
        .wait()
        .await;
    assert_eq!(result.content[0].as_text(), Some("false"));
    assert_eq!(
        common::Rig::default().text::<raw>(r#"{"type":"x"}"#).await,
        "x"
    );
}

#[tokio::test]
async fn values_that_say_something_become_content() {
    use toolwright::handler::{Audio, Image, ResourceLink, ToolResult};
    #[tool]
    #[allow(clippy::type_complexity)]
    fn many() -> (
        String,
        (),
        Option<i32>,
        [bool; 2],
        Image,
        (Audio, ResourceLink, char),
    ) {
        (
            "text".into(),
            (),
            None,
            [true, false],
            Image::png([1]),
            (Audio::wav([2]), ResourceLink::new("a://b", "b"), 'c'),
        )
    }
    #[tool]
    fn built() -> Result<ToolResult, std::io::Error> {
        Ok(ToolResult::new()
            .with_structured(serde_json::json!([1]))
            .with_meta("k", 1))
    }
    let rig = common::Rig::default();
    let result = rig.call::<many>("{}").await;
    let kinds: Vec<_> = result
        .content
        .iter()
        .map(|block| {
            serde_json::to_value(block).unwrap()["type"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "text",
            "text",
            "text",
            "image",
            "audio",
            "resource_link",
            "text"
        ]
    );
    let result = rig.call::<built>("{}").await;
    assert_eq!(result.content[0].as_text(), Some("[1]"));
    assert!(result.meta.is_some());
}

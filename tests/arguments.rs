//! Reading a tool's arguments: what is coerced, and how everything wrong is named at once.

mod common;

use common::{Rig, definition};
use serde_json::json;
use toolwright::context::Context;
use toolwright::handler::{
    Coercion, ErrorMask, Scope, StateMap, ToolError, ToolFn, UnknownArguments,
};
use toolwright::jsonrpc::ErrorCode;
use toolwright::model::CallToolResult;
use toolwright::{data, tool};

#[data]
struct Guest {
    name: String,
    age: u8,
    tags: Option<Vec<u32>>,
}

#[data]
enum Size {
    Small,
    Large,
}

/// A newtype over `Option` is optional too.
#[data]
struct Maybe(Option<i64>);

#[tool]
#[allow(clippy::too_many_arguments)]
fn order(
    count: i64,
    ratio: f64,
    urgent: bool,
    size: Size,
    guests: Vec<Guest>,
    maybe: Maybe,
    label: Option<String>,
    #[arg(default = 3)] retries: u8,
) -> String {
    let guests: Vec<String> = guests
        .into_iter()
        .map(|guest| format!("{}/{}/{:?}", guest.name, guest.age, guest.tags))
        .collect();
    let size = if matches!(size, Size::Small) {
        "S"
    } else {
        "L"
    };
    format!(
        "{count} {ratio} {urgent} {size} {guests:?} {:?} {label:?} {retries}",
        maybe.0
    )
}

fn error_text(result: &CallToolResult) -> &str {
    assert_eq!(result.is_error, Some(true), "{result:?}");
    result.content[0].as_text().unwrap_or_default()
}

#[tokio::test]
async fn texts_are_read_as_what_the_schema_asks_for_at_any_depth() {
    let text = Rig::default()
        .text::<order>(
            r#"{"count":"42","ratio":"1.5","urgent":"true","size":"Small","maybe":"7",
                "guests":"[{\"name\":\"12\",\"age\":\"30\",\"tags\":[\"1\",2]}]","retries":null}"#,
        )
        .await;
    assert_eq!(
        text,
        r#"42 1.5 true S ["12/30/Some([1, 2])"] Some(7) None 3"#
    );
    let text = Rig::default()
        .text::<order>(r#"{"count":3.0,"ratio":2,"urgent":false,"size":"Large","guests":[]}"#)
        .await;
    assert_eq!(text, "3 2 false L [] None None 3");
}

#[tokio::test]
async fn everything_wrong_is_named_at_once_with_its_place() {
    let result = Rig::default()
        .call::<order>(
            r#"{"count":"many","ratio":true,"size":"Medium","cuont":1,"retries":300,
                "guests":[{"name":"a","age":1},{"name":5,"age":"x"},{"age":-1}],"count":1}"#,
        )
        .await;
    assert_eq!(
        error_text(&result),
        "The arguments of tool `order` do not fit:\n\
         - `cuont` is not an argument of tool `order`; did you mean `count`?\n\
         - `count` is given more than once\n\
         - `count`: expected an integer, got \"many\"\n\
         - `ratio`: expected a number, got true\n\
         - `urgent` is missing; expected a boolean\n\
         - `size`: expected one of \"Small\", \"Large\", got \"Medium\"\n\
         - `guests[1].age`: expected an integer from 0 to 255, got \"x\"\n\
         - `guests[1].name`: expected a string, got 5\n\
         - `guests[2].name` is missing; expected a string\n\
         - `guests[2].age`: expected an integer from 0 to 255, got -1\n\
         - `retries`: expected an integer from 0 to 255, got 300"
    );
}

#[tool]
fn one(n: i64) -> i64 {
    n
}

#[tool]
fn half(x: f64) -> f64 {
    x / 2.0
}

#[tool]
fn echo(value: serde_json::Value) -> String {
    value.to_string()
}

#[tool]
fn nothing() {}

#[tokio::test]
async fn numbers_out_of_range_and_broken_text_never_become_something_else() {
    let rig = Rig::default();
    let digits = "9".repeat(400);
    for arguments in [
        format!(r#"{{"n":{digits}}}"#),
        format!(r#"{{"n":"{digits}"}}"#),
        r#"{"n":1e999}"#.to_owned(),
        r#"{"n":1.5}"#.to_owned(),
        r#"{"n":9223372036854775808}"#.to_owned(),
        r#"{"n":"9223372036854775808"}"#.to_owned(),
        r#"{"n":null}"#.to_owned(),
        r#"{"n":""}"#.to_owned(),
        r#"{"n":"\ud800"}"#.to_owned(),
    ] {
        let result = rig.call::<one>(&arguments).await;
        assert!(
            error_text(&result).contains("- `n`"),
            "{}",
            error_text(&result)
        );
        assert!(error_text(&result).len() < 300);
    }
    let result = rig.call::<half>(r#"{"x":1e999}"#).await;
    assert_eq!(
        error_text(&result),
        "The arguments of tool `half` do not fit:\n- `x`: number out of range, got 1e999"
    );
    let result = rig.call::<echo>(r#"{"value":"\ud800"}"#).await;
    assert!(
        error_text(&result).contains("- `value`"),
        "{}",
        error_text(&result)
    );
}

#[tokio::test]
async fn a_value_nested_too_deeply_is_an_error_that_names_its_parameter() {
    let deep = format!(r#"{{"value":{}1{}}}"#, "[".repeat(200), "]".repeat(200));
    let result = Rig::default().call::<echo>(&deep).await;
    assert!(error_text(&result).contains("- `value`: recursion limit exceeded"));
}

#[tokio::test]
async fn absent_and_null_arguments_are_an_empty_object_and_others_the_protocols_error() {
    let rig = Rig::default();
    assert_eq!(
        rig.call::<nothing>("null").await,
        rig.call::<nothing>("{}").await
    );
    let context = Context::detached;
    let state = StateMap::default();
    let entry = nothing::entry(&Default::default());
    let scope = Scope::new(&rig.options, &state, &context);
    assert!(entry.handler.call(&scope).is_ok());
    for arguments in ["[]", "1", "\"x\""] {
        let raw = serde_json::value::RawValue::from_string(arguments.to_owned()).unwrap();
        let scope = Scope::new(&rig.options, &state, &context).with_arguments(Some((&*raw).into()));
        let error = entry.handler.call(&scope).unwrap_err();
        assert_eq!(error.code, ErrorCode::INVALID_PARAMS);
        assert_eq!(
            error.message,
            "`arguments` of tool `nothing` must be an object"
        );
    }
}

#[tokio::test]
async fn coercion_and_the_refusal_of_unknown_arguments_can_be_switched_off() {
    let mut rig = Rig::default();
    let result = rig.call::<nothing>(r#"{"dummy":1}"#).await;
    assert!(
        error_text(&result)
            .ends_with("- `dummy` is not an argument of tool `nothing`; there are none")
    );
    rig.options.unknown = UnknownArguments::Ignore;
    assert_eq!(rig.call::<nothing>(r#"{"dummy":1}"#).await.is_error, None);
    rig.options.coercion = Coercion::Off;
    let result = rig.call::<one>(r#"{"n":"42"}"#).await;
    assert!(error_text(&result).ends_with("- `n`: expected an integer, got \"42\""));
}

#[tool]
fn failing(how: String) -> Result<(), ToolError> {
    match how.as_str() {
        "own" => Err(ToolError::new("try again tomorrow")),
        other => {
            other.parse::<i64>()?;
            Ok(())
        }
    }
}

#[tool]
fn failing_text() -> Result<String, &'static str> {
    Err("secret detail")
}

#[tokio::test]
async fn a_mask_hides_every_error_but_the_ones_written_for_the_model() {
    let mut rig = Rig::default();
    let shown = rig.call::<failing>(r#"{"how":"x"}"#).await;
    assert_eq!(error_text(&shown), "invalid digit found in string");
    rig.options.mask_errors = ErrorMask::Hide;
    let own = rig.call::<failing>(r#"{"how":"own"}"#).await;
    assert_eq!(error_text(&own), "try again tomorrow");
    let hidden = rig.call::<failing>(r#"{"how":"x"}"#).await;
    assert_eq!(
        error_text(&hidden),
        "The tool `failing` failed. The details are in the server's log."
    );
    let hidden = rig.call::<failing_text>("{}").await;
    assert!(!error_text(&hidden).contains("secret"));
}

#[data]
struct Node {
    value: i64,
    children: Vec<Node>,
}

#[tool]
fn tree(
    /** The root. */
    root: Node,
    other: Option<Box<Node>>,
) -> i64 {
    other.map_or(0, |node| node.value) + root.value + root.children.len() as i64
}

#[tokio::test]
async fn a_recursive_type_refers_to_a_definition_at_the_root() {
    let schema = &definition::<tree>()["inputSchema"];
    assert_eq!(schema["required"], json!(["root"]));
    assert_eq!(
        schema["$defs"]["Node"]["properties"]["children"]["items"],
        json!({"$ref": "#/$defs/Node"})
    );
    let text = Rig::default()
        .text::<tree>(r#"{"root":{"value":"1","children":[{"value":"2","children":[]}]}}"#)
        .await;
    assert_eq!(text, "2");
    let result = Rig::default()
        .call::<tree>(r#"{"root":{"value":1,"children":[{"value":"x","children":[]}]}}"#)
        .await;
    assert!(
        error_text(&result).contains("`root.children[0].value`"),
        "{}",
        error_text(&result)
    );
}

#[test]
fn schemas_are_the_same_every_time() {
    let text = || definition::<order>().to_string();
    let first = text();
    assert!((0..20).all(|_| text() == first));
}

#[test]
fn a_schema_mentions_no_null_for_what_may_be_left_out() {
    let schema = &definition::<order>()["inputSchema"];
    assert_eq!(
        schema["properties"]["guests"]["items"]["properties"]["tags"],
        json!({"type": "array", "items": {"type": "integer", "minimum": 0}})
    );
    assert_eq!(schema["properties"]["label"], json!({"type": "string"}));
    assert_eq!(
        schema["required"],
        json!(["count", "ratio", "urgent", "size", "guests"])
    );
    assert_eq!(
        definition::<nothing>()["inputSchema"],
        json!({"type": "object", "additionalProperties": false})
    );
}

#[data]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Shape {
    /// A circle.
    Circle { radius: u32 },
    /// A square.
    Square { side: u32 },
}

#[data]
enum Colour {
    /// Like blood.
    Red,
    /// Like the sky.
    Blue,
}

#[data]
struct Chain {
    next: Option<Box<Chain>>,
    colour: Option<Colour>,
}

#[tool]
fn draw(shape: Shape, colour: Colour, chain: Option<Chain>) -> String {
    let size = match shape {
        Shape::Circle { radius } => radius,
        Shape::Square { side } => side,
    };
    let red = matches!(colour, Colour::Red);
    let links = std::iter::successors(chain.as_ref(), |chain| chain.next.as_deref());
    let coloured = links.filter(|chain| chain.colour.is_some()).count();
    format!("{size} {red} {coloured}")
}

#[tokio::test]
async fn choices_are_explained_by_their_variants() {
    let rig = Rig::default();
    let text = rig
        .text::<draw>(r#"{"shape":{"kind":"circle","radius":2},"colour":"Red"}"#)
        .await;
    assert_eq!(text, "2 true 0");
    let result = rig
        .call::<draw>(r#"{"shape":{"kind":"oval"},"colour":"Green","chain":{"colour":1}}"#)
        .await;
    assert_eq!(
        error_text(&result),
        "The arguments of tool `draw` do not fit:\n\
         - `shape`: unknown variant `oval`, expected `circle` or `square`, got {\"kind\":\"oval\"}\n\
         - `colour`: expected \"Red\" or \"Blue\", got \"Green\"\n\
         - `chain.colour`: expected \"Red\" or \"Blue\", got 1"
    );
}

#[tokio::test]
async fn explaining_a_hostile_value_is_bounded() {
    let rig = Rig::default();
    let deep = format!("{}1{}", r#"{"next":"#.repeat(100), "}".repeat(100));
    let result = rig.call::<draw>(&format!(r#"{{"chain":{deep}}}"#)).await;
    assert!(error_text(&result).contains("- `chain"));
    let many: Vec<String> = (0..50_000).map(|n| format!("\"k{n}\":{n}")).collect();
    let result = rig
        .call::<nothing>(&format!("{{{}}}", many.join(",")))
        .await;
    assert!(error_text(&result).ends_with("- and 49980 more"));
}

proptest::proptest! {
    #[test]
    fn no_arguments_make_a_handler_panic(arguments in "\\{(\"(n|m|n\\\\u006e)\":[0-9eE.\"\\[\\]{}nultrue-]{0,12},?){0,3}\\}") {
        let Ok(raw) = serde_json::value::RawValue::from_string(arguments) else { return Ok(()) };
        let (options, state) = (Default::default(), StateMap::default());
        let context = Context::detached;
        let scope = Scope::new(&options, &state, &context).with_arguments(Some((&*raw).into()));
        let _ = one::entry(&Default::default()).handler.call(&scope);
    }
}

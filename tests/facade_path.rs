//! `crate = path`: the facade under another name, and headers in schemas.

mod common;

use common::{Rig, definition};
use serde_json::json;

/// What a program that re-exports the facade looks like.
mod sdk {
    pub(crate) use toolwright::*;
}

#[sdk::data(crate = crate::sdk)]
#[derive(Clone)]
struct Point {
    x: i32,
    y: i32,
}

#[sdk::tool(crate = crate::sdk)]
fn mirror(point: Point, #[arg(default = Point { x: 1, y: 2 })] by: Point) -> i32 {
    point.x * by.x + point.y * by.y
}

#[sdk::tool(name = "sized")]
fn sized<const N: usize>(
    #[arg(header = "Region")] region: String,
    #[arg(header = "Count")] count: Option<u8>,
) -> String {
    format!("{region} {count:?} {N}")
}

#[tokio::test]
async fn generated_code_finds_the_facade_where_it_is_said_to_be() {
    let rig = Rig::default();
    assert_eq!(rig.text::<mirror>(r#"{"point":{"x":3,"y":4}}"#).await, "11");
    assert_eq!(
        definition::<mirror>()["inputSchema"]["properties"]["by"]["default"],
        json!({"x": 1, "y": 2})
    );
}

#[tokio::test]
async fn a_header_is_a_keyword_of_the_argument() {
    assert_eq!(
        definition::<sized<3>>()["inputSchema"]["properties"],
        json!({
            "region": {"type": "string", "x-mcp-header": "Region"},
            "count": {"type": "integer", "minimum": 0, "maximum": 255, "x-mcp-header": "Count"}
        })
    );
    assert_eq!(
        Rig::default().text::<sized<3>>(r#"{"region":"eu"}"#).await,
        "eu None 3"
    );
}

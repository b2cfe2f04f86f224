//! JSON Schemas, kept verbatim.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::JsonObject;

/// A JSON Schema that is an object, every keyword kept as it came (RPC-A-13).
///
/// A tool's `inputSchema` has the root type `object` in every revision; an `outputSchema` in the
/// legacy ones only (SCH-A-04).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JsonSchema(pub JsonObject);

impl JsonSchema {
    /// The schema of no arguments: an object without members (SCH-A-04).
    pub fn no_arguments() -> Self {
        let mut object = JsonObject::new();
        object.insert("type".to_owned(), json!("object"));
        object.insert("additionalProperties".to_owned(), json!(false));
        Self(object)
    }

    /// Whether its root says `"type": "object"`.
    pub fn describes_object(&self) -> bool {
        self.0.get("type").and_then(Value::as_str) == Some("object")
    }
}

impl From<JsonObject> for JsonSchema {
    fn from(object: JsonObject) -> Self {
        Self(object)
    }
}

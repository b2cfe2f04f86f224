//! What clients made by `#[client]` are built of.

use mcp_core::model::JsonObject;
use serde::Serialize;
use serde_json::Value;

use super::CallError;

/// The arguments of one call.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Arguments(JsonObject);

impl Arguments {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more. `None` is an argument that is not given.
    ///
    /// # Errors
    /// [`CallError::Protocol`] when the value is none that JSON has.
    pub fn with(mut self, name: &str, value: &impl Serialize) -> Result<Self, CallError> {
        let value = serde_json::to_value(value)
            .map_err(|error| CallError::Protocol(format!("the argument `{name}`: {error}")))?;
        if value != Value::Null {
            self.0.insert(name.to_owned(), value);
        }
        Ok(self)
    }
}

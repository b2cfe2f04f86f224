//! What tells the messages of one call from those of every other.

use serde_json::Value;

/// The numbers that a message names, wherever it does.
pub(crate) fn nonces_of(message: &Value) -> Vec<u64> {
    match message {
        Value::String(text) => {
            let number = text.strip_prefix("nonce ").and_then(|n| n.parse().ok());
            number.into_iter().collect()
        }
        Value::Array(items) => items.iter().flat_map(nonces_of).collect(),
        Value::Object(members) => {
            let of = |(name, value): (&String, &Value)| match value.as_u64() {
                Some(number) if name == "nonce" => vec![number],
                _ => nonces_of(value),
            };
            members.iter().flat_map(of).collect()
        }
        _ => Vec::new(),
    }
}

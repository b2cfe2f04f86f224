//! What a request's state is bound to: whose it is, and of which request.

use mcp_core::engine::{Call, Principal};
use mcp_core::json::JsonBuf;
use mcp_core::jsonrpc::encode;
use mcp_core::lifecycle::Method;
use serde_json::{Number, Value, json};

/// The request that a state belongs to, as it arrived.
#[derive(Debug)]
pub(super) struct Binding {
    principal: Principal,
    method: Method,
    target: Option<JsonBuf>,
    arguments: Option<JsonBuf>,
}

impl Binding {
    /// Of a call that may ask by its result (MRTR-M-01).
    pub(super) fn of(call: &Call<'_>) -> Self {
        let target = match call.method {
            Method::ReadResource => call.params.uri,
            _ => call.params.name,
        };
        Self {
            principal: call.principal().clone(),
            method: call.method,
            target: target.map(JsonBuf::from),
            arguments: call.params.arguments.map(JsonBuf::from),
        }
    }

    /// The same bytes for the same request of the same principal, however it is written
    /// (MRTR-M-08): `_meta` and what belongs to the round are not part of it.
    pub(super) fn canonical(&self) -> Vec<u8> {
        let read = |json: &Option<JsonBuf>| {
            let json = json.as_ref().map_or("null", |json| json.as_text().get());
            let mut value = serde_json::from_str(json).unwrap_or_default();
            normalise(&mut value);
            value
        };
        let arguments = match read(&self.arguments) {
            Value::Null => json!({}),
            arguments => arguments,
        };
        let bound = json!([
            self.principal.is_local(),
            self.principal.issuer(),
            self.principal.subject(),
            self.method.as_str(),
            read(&self.target),
            arguments
        ]);
        encode::text(&bound).into_bytes()
    }
}

/// Writes numbers in one way; the keys of objects are sorted already. As deep as JSON is read.
fn normalise(value: &mut Value) {
    match value {
        Value::Number(number) => {
            if let Some(whole) = whole(number) {
                *number = whole;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(normalise),
        Value::Object(members) => members.values_mut().for_each(normalise),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// `3.0` as `3`.
fn whole(number: &Number) -> Option<Number> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let value = number.as_f64().filter(|_| number.is_f64())?;
    #[expect(clippy::cast_possible_truncation, reason = "whole and within ±2^53")]
    (value.fract() == 0.0 && value.abs() <= EXACT).then(|| Number::from(value as i64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mcp_core::json::Scanner;

    fn canonical(arguments: &str) -> Vec<u8> {
        let raw = |json: &str| Scanner::new(json).value().map(JsonBuf::from);
        let binding = Binding {
            principal: Principal::LOCAL,
            method: Method::CallTool,
            target: raw("\"t\""),
            arguments: raw(arguments),
        };
        binding.canonical()
    }

    #[test]
    fn the_same_arguments_bind_alike_however_they_are_written() {
        let first = canonical(r#"{"a":1,"b":{"c":2.50,"d":[3.0]}}"#);
        let second = canonical(r#" { "b" : {"d":[3], "c":2.5}, "\u0061": 1.0 }"#);
        assert_eq!(first, second);
        assert_eq!(canonical("null"), canonical("{}"));
    }

    #[test]
    fn other_arguments_bind_otherwise() {
        let arguments = [
            "{}",
            r#"{"a":1}"#,
            r#"{"a":"1"}"#,
            r#"{"a":1.5}"#,
            r#"{"b":1}"#,
        ];
        for (at, one) in arguments.iter().enumerate() {
            for other in arguments.iter().skip(at + 1) {
                assert_ne!(canonical(one), canonical(other), "{one} {other}");
            }
        }
    }
}

//! A parameter's default as JSON, where its type can be written as JSON.

use serde::Serialize;
use serde_json::Value;

/// Wraps a default; method resolution prefers the implementation with fewer references, which is the
/// one that needs `Serialize`.
#[derive(Debug)]
pub struct DefaultProbe<T>(pub fn() -> T);

/// The default of a type that can be written.
pub trait DefaultAsJson {
    /// The default.
    fn json(&self) -> Option<Value>;
}

impl<T: Serialize> DefaultAsJson for DefaultProbe<T> {
    fn json(&self) -> Option<Value> {
        serde_json::to_value((self.0)()).ok()
    }
}

/// The default of any other type.
pub trait DefaultUnknown {
    /// Nothing.
    fn json(&self) -> Option<Value>;
}

impl<T> DefaultUnknown for &DefaultProbe<T> {
    fn json(&self) -> Option<Value> {
        None
    }
}

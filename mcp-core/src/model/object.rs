//! JSON objects kept as they are, and the reading of objects whose type stands in a member.

use serde::de::{self, Deserialize, DeserializeOwned, Deserializer};
use serde_json::{Map, Value};

/// A JSON object kept as it is: settings, and the members of an open object that this crate has
/// no field for (RPC-A-13).
pub type JsonObject = Map<String, Value>;

/// Takes the text of `member` out of `object`.
pub(super) fn take_tag<E: de::Error>(
    object: &mut JsonObject,
    member: &'static str,
) -> Result<String, E> {
    match object.remove(member) {
        Some(Value::String(tag)) => Ok(tag),
        Some(_) => Err(E::custom(format_args!("`{member}` must be a string"))),
        None => Err(E::missing_field(member)),
    }
}

/// Reads what is left of an object once its tag is known.
pub(super) fn rest<T: DeserializeOwned, E: de::Error>(object: JsonObject) -> Result<T, E> {
    T::deserialize(Value::Object(object)).map_err(E::custom)
}

/// Reads a member that may be `null` and mean it: absent is `None`, `null` is `Some(Null)`.
pub(super) fn present<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

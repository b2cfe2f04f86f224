//! Multi round-trip requests: a result that asks instead of answering.

use std::collections::BTreeMap;

use serde::de::{self, DeserializeOwned};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::legacy::CreateMessageParams;
use super::{ElicitParams, JsonObject, Meta, MetaParams, ResultType};

/// The result of a request that needs input first (MRTR-M-02): the client answers by sending the
/// request again, with [`InputResponses`] and the state.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InputRequired {
    /// What is asked, by keys the server chose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_requests: Option<InputRequests>,
    /// The server's state, for the client to return unread (MRTR-M-06).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_state: Option<String>,
    /// What travels beside the result.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// Always [`ResultType::INPUT_REQUIRED`] on the wire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_type: Option<ResultType>,
    /// Members this crate has no field for.
    #[serde(flatten)]
    pub extra: JsonObject,
}

impl InputRequired {
    /// Asks these, and carries the state.
    pub fn new(input_requests: InputRequests, request_state: Option<String>) -> Self {
        Self {
            input_requests: Some(input_requests),
            request_state,
            result_type: Some(ResultType::INPUT_REQUIRED),
            ..Self::default()
        }
    }
}

/// What a server asks, by keys unique within the request (MRTR-M-03).
pub type InputRequests = BTreeMap<String, InputRequest>;

/// One thing a server asks: a request without id, told apart by its `method` (MRTR-M-03).
#[derive(Debug, Clone, PartialEq)]
pub enum InputRequest {
    /// Asks the user.
    Elicit(Box<ElicitParams>),
    /// Asks the model.
    CreateMessage(Box<CreateMessageParams>),
    /// Asks for the roots.
    ListRoots(Option<MetaParams>),
    /// A method this crate does not know.
    Other {
        /// Its name.
        method: String,
        /// Its parameters.
        params: Option<Value>,
    },
}

impl InputRequest {
    /// The name of the method.
    pub fn method(&self) -> &str {
        match self {
            Self::Elicit(_) => "elicitation/create",
            Self::CreateMessage(_) => "sampling/createMessage",
            Self::ListRoots(_) => "roots/list",
            Self::Other { method, .. } => method,
        }
    }
}

impl Serialize for InputRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("method", self.method())?;
        match self {
            Self::Elicit(params) => map.serialize_entry("params", params)?,
            Self::CreateMessage(params) => map.serialize_entry("params", params)?,
            Self::ListRoots(Some(params)) => map.serialize_entry("params", params)?,
            Self::Other {
                params: Some(params),
                ..
            } => map.serialize_entry("params", params)?,
            Self::ListRoots(None) | Self::Other { params: None, .. } => {}
        }
        map.end()
    }
}

/// The members of an input request. The parameters stay text until the method is known, so that a
/// form's fields keep their order.
#[derive(Deserialize)]
struct Members {
    method: String,
    params: Option<Box<RawValue>>,
}

impl<'de> Deserialize<'de> for InputRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Members { method, params } = Members::deserialize(deserializer)?;
        Ok(match method.as_str() {
            "elicitation/create" => Self::Elicit(read(params.as_deref())?),
            "sampling/createMessage" => Self::CreateMessage(read(params.as_deref())?),
            "roots/list" => Self::ListRoots(match params {
                Some(params) => read(Some(&params))?,
                None => None,
            }),
            _ => Self::Other {
                method,
                params: match params {
                    Some(params) => read(Some(&params))?,
                    None => None,
                },
            },
        })
    }
}

fn read<T: DeserializeOwned, E: de::Error>(params: Option<&RawValue>) -> Result<T, E> {
    let params = params.ok_or_else(|| E::missing_field("params"))?;
    serde_json::from_str(params.get()).map_err(E::custom)
}

/// The answers to [`InputRequests`], under the same keys: results, still as JSON. Which type each
/// has is known to who asked (MRTR-M-05).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InputResponses(pub JsonObject);

impl InputResponses {
    /// The answer under `key`, read as `T`; `None` when it was not given.
    ///
    /// # Errors
    /// When it is not a `T` (MRTR-M-09).
    pub fn read<T: DeserializeOwned>(&self, key: &str) -> Option<Result<T, serde_json::Error>> {
        self.0.get(key).map(|answer| T::deserialize(answer))
    }
}

//! One pass over `params`: what routing and the per-request check need, as raw text.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::jsonrpc::{ErrorObject, clip, text_of};
use crate::model::Meta;

/// The members of `params` that most requests share, borrowed and unjudged.
///
/// Rare methods read the rest by [`Params::parse`] into their own type.
#[derive(Debug, Default, Clone, Copy)]
pub struct Params<'m> {
    raw: Option<&'m RawValue>,
    /// The message they stand in, when they were read in one pass with it.
    message: Option<&'m str>,
    /// `_meta`.
    pub meta: MetaView<'m>,
    /// `name`, of `tools/call` and `prompts/get`.
    pub name: Option<&'m RawValue>,
    /// `uri`, of `resources/read`.
    pub uri: Option<&'m RawValue>,
    /// `arguments`, of `tools/call` and `prompts/get`.
    pub arguments: Option<&'m RawValue>,
    /// `cursor`, of the lists.
    pub cursor: Option<&'m RawValue>,
    /// `inputResponses`, of a request that is sent again with answers (MRTR-M-05).
    pub input_responses: Option<&'m RawValue>,
    /// `requestState`, of a request that is sent again (MRTR-M-06).
    pub request_state: Option<&'m RawValue>,
}

impl<'m> Params<'m> {
    /// Reads `raw`, in one pass. Absent params read as empty.
    ///
    /// # Errors
    /// -32602 when it is not an object, `_meta` is not an object, or a member that is read here
    /// stands there twice.
    pub fn read(raw: Option<&'m RawValue>) -> Result<Self, ErrorObject> {
        let Some(raw) = raw else {
            return Ok(Self::default());
        };
        if !raw.get().starts_with('{') {
            return Err(ErrorObject::invalid_params(format!(
                "Invalid params: `params` must be an object, got {}",
                clip(raw.get())
            )));
        }
        let mut params = serde_json::from_str::<Params<'m>>(raw.get())
            .map_err(|error| ErrorObject::invalid_params(format!("Invalid params: {error}")))?;
        params.raw = Some(raw);
        Ok(params)
    }

    /// The whole object. Looked for in the message when nobody asked for it before: the fast path
    /// never does.
    pub fn raw(&self) -> Option<&'m RawValue> {
        #[derive(Deserialize)]
        struct OnlyParams<'m> {
            #[serde(borrow)]
            params: Option<&'m RawValue>,
        }

        self.raw.or_else(|| {
            serde_json::from_str::<OnlyParams<'m>>(self.message?)
                .ok()?
                .params
        })
    }

    pub(super) fn stands_in(&mut self, message: &'m str) {
        self.message = Some(message);
    }

    /// The string in `value`, which is the member called `member`.
    ///
    /// # Errors
    /// -32602 that names `member` when it is missing or not a string.
    pub fn text(value: Option<&'m RawValue>, member: &str) -> Result<Cow<'m, str>, ErrorObject> {
        let Some(raw) = value else {
            return Err(ErrorObject::invalid_params(format!(
                "Invalid params: `{member}` is missing; expected a string"
            )));
        };
        text_of(raw).ok_or_else(|| {
            ErrorObject::invalid_params(format!(
                "Invalid params: `{member}` must be a string, got {}",
                clip(raw.get())
            ))
        })
    }

    /// All of `params` as `T`, for methods that are not on the fast path.
    ///
    /// # Errors
    /// -32602 that says what did not fit.
    pub fn parse<T: Deserialize<'m>>(&self) -> Result<T, ErrorObject> {
        let json = self.raw().map_or("{}", RawValue::get);
        serde_json::from_str(json)
            .map_err(|error| ErrorObject::invalid_params(format!("Invalid params: {error}")))
    }
}

/// The members of a request's `_meta` that the protocol reads, borrowed and unjudged.
#[derive(Debug, Default, Clone, Copy)]
pub struct MetaView<'m> {
    /// `io.modelcontextprotocol/protocolVersion`.
    pub protocol_version: Option<&'m RawValue>,
    /// `io.modelcontextprotocol/clientCapabilities`.
    pub client_capabilities: Option<&'m RawValue>,
    /// `io.modelcontextprotocol/clientInfo`.
    pub client_info: Option<&'m RawValue>,
    /// `io.modelcontextprotocol/logLevel`.
    pub log_level: Option<&'m RawValue>,
    /// `progressToken`.
    pub progress_token: Option<&'m RawValue>,
}

impl MetaView<'_> {
    /// Whether this is the `_meta` of a modern request (VER-D-01): it carries one of the two
    /// members that every modern request must have.
    pub fn is_modern(&self) -> bool {
        self.protocol_version.is_some() || self.client_capabilities.is_some()
    }
}

/// Stores a member's raw value, refusing a second one: which of two was meant cannot be known.
fn fill<'de, A: MapAccess<'de>>(
    slot: &mut Option<&'de RawValue>,
    name: &'static str,
    map: &mut A,
) -> Result<(), A::Error> {
    match slot.replace(map.next_value()?) {
        None => Ok(()),
        Some(_) => Err(de::Error::duplicate_field(name)),
    }
}

impl<'de> Deserialize<'de> for Params<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ParamsVisitor;

        impl<'de> Visitor<'de> for ParamsVisitor {
            type Value = Params<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Params<'de>, A::Error> {
                let mut params = Params::default();
                let mut seen_meta = false;
                while let Some(key) = map.next_key::<ParamsKey>()? {
                    match key {
                        ParamsKey::Name => fill(&mut params.name, "name", &mut map)?,
                        ParamsKey::Arguments => fill(&mut params.arguments, "arguments", &mut map)?,
                        ParamsKey::Uri => fill(&mut params.uri, "uri", &mut map)?,
                        ParamsKey::Cursor => fill(&mut params.cursor, "cursor", &mut map)?,
                        ParamsKey::InputResponses => {
                            fill(&mut params.input_responses, "inputResponses", &mut map)?;
                        }
                        ParamsKey::RequestState => {
                            fill(&mut params.request_state, "requestState", &mut map)?;
                        }
                        ParamsKey::Meta if seen_meta => {
                            return Err(de::Error::duplicate_field("_meta"));
                        }
                        ParamsKey::Meta => {
                            seen_meta = true;
                            params.meta = map.next_value()?;
                        }
                        ParamsKey::Other => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(params)
            }
        }

        deserializer.deserialize_map(ParamsVisitor)
    }
}

impl<'de> Deserialize<'de> for MetaView<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MetaVisitor;

        impl<'de> Visitor<'de> for MetaVisitor {
            type Value = MetaView<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`_meta` to be an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<MetaView<'de>, A::Error> {
                let mut meta = MetaView::default();
                while let Some(key) = map.next_key::<MetaKey>()? {
                    let (slot, name) = match key {
                        MetaKey::ProtocolVersion => {
                            (&mut meta.protocol_version, Meta::PROTOCOL_VERSION)
                        }
                        MetaKey::ClientCapabilities => {
                            (&mut meta.client_capabilities, Meta::CLIENT_CAPABILITIES)
                        }
                        MetaKey::ClientInfo => (&mut meta.client_info, Meta::CLIENT_INFO),
                        MetaKey::LogLevel => (&mut meta.log_level, Meta::LOG_LEVEL),
                        MetaKey::ProgressToken => (&mut meta.progress_token, Meta::PROGRESS_TOKEN),
                        MetaKey::Other => {
                            map.next_value::<IgnoredAny>()?;
                            continue;
                        }
                    };
                    fill(slot, name, &mut map)?;
                }
                Ok(meta)
            }
        }

        deserializer.deserialize_map(MetaVisitor)
    }
}

/// Defines an enum of member names, matched exactly and without an allocation.
macro_rules! keys {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:expr),+ $(,)? }) => {
        $(#[$doc])*
        enum $name { $($variant,)+ Other }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct KeyVisitor;

                impl Visitor<'_> for KeyVisitor {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("a member name")
                    }

                    fn visit_str<E>(self, name: &str) -> Result<$name, E> {
                        $(if name == $text { return Ok($name::$variant); })+
                        Ok($name::Other)
                    }
                }

                deserializer.deserialize_str(KeyVisitor)
            }
        }
    };
}

pub(super) use keys;

keys!(
    /// The members of `params` that are read here.
    ParamsKey {
        Name = "name",
        Arguments = "arguments",
        Meta = "_meta",
        Uri = "uri",
        Cursor = "cursor",
        InputResponses = "inputResponses",
        RequestState = "requestState",
    }
);

keys!(
    /// The members of `_meta` that are read here.
    MetaKey {
        ProtocolVersion = Meta::PROTOCOL_VERSION,
        ClientCapabilities = Meta::CLIENT_CAPABILITIES,
        ClientInfo = Meta::CLIENT_INFO,
        LogLevel = Meta::LOG_LEVEL,
        ProgressToken = Meta::PROGRESS_TOKEN,
    }
);

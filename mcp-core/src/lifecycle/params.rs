//! One pass over `params`: what routing and the per-request check need, as raw text.

use std::borrow::Cow;

use serde::Deserialize;

use crate::json::{JsonText, Scanner};
use crate::jsonrpc::{ErrorObject, clip};
use crate::model::Meta;

/// The members of `params` that most requests share, borrowed and unjudged.
///
/// Rare methods read the rest by [`Params::parse`] into their own type.
#[derive(Debug, Default, Clone, Copy)]
pub struct Params<'m> {
    raw: Option<JsonText<'m>>,
    /// `_meta`.
    pub meta: MetaView<'m>,
    /// `name`, of `tools/call` and `prompts/get`.
    pub name: Option<JsonText<'m>>,
    /// `uri`, of `resources/read`.
    pub uri: Option<JsonText<'m>>,
    /// `arguments`, of `tools/call` and `prompts/get`.
    pub arguments: Option<JsonText<'m>>,
    /// `cursor`, of the lists.
    pub cursor: Option<JsonText<'m>>,
    /// `inputResponses`, of a request that is sent again with answers (MRTR-M-05).
    pub input_responses: Option<JsonText<'m>>,
    /// `requestState`, of a request that is sent again (MRTR-M-06).
    pub request_state: Option<JsonText<'m>>,
}

impl<'m> Params<'m> {
    /// Reads `raw`, in one pass. Absent params read as empty.
    ///
    /// # Errors
    /// -32602 when it is not an object, `_meta` is not an object, or a member that is read here
    /// stands there twice.
    pub fn read(raw: Option<JsonText<'m>>) -> Result<Self, ErrorObject> {
        let Some(raw) = raw else {
            return Ok(Self::default());
        };
        if !raw.get().starts_with('{') {
            return Err(ErrorObject::invalid_params(format!(
                "Invalid params: `params` must be an object, got {}",
                clip(raw.get())
            )));
        }
        let (mut params, mut flaw) = (Self::default(), Flaw::default());
        match params.scan(&mut Scanner::new(raw.get()), &mut flaw) {
            Some(()) => Ok(params),
            None => Err(flaw.error()),
        }
    }

    /// Reads the object that begins at `scanner`. `None` for none, and for one with a flaw.
    pub(super) fn scan(&mut self, scanner: &mut Scanner<'m>, flaw: &mut Flaw) -> Option<()> {
        let raw = scanner.object(|name, scanner| {
            let (slot, name) = match name {
                "name" => (&mut self.name, "name"),
                "arguments" => (&mut self.arguments, "arguments"),
                "_meta" => return self.meta(scanner, flaw),
                "uri" => (&mut self.uri, "uri"),
                "cursor" => (&mut self.cursor, "cursor"),
                "inputResponses" => (&mut self.input_responses, "inputResponses"),
                "requestState" => (&mut self.request_state, "requestState"),
                _ => return scanner.value().map(drop),
            };
            fill(slot, name, scanner, flaw)
        })?;
        self.raw = Some(raw);
        Some(())
    }

    fn meta(&mut self, scanner: &mut Scanner<'m>, flaw: &mut Flaw) -> Option<()> {
        if self.meta.raw.is_some() {
            *flaw = Flaw::Repeated("_meta");
            return None;
        }
        if scanner.peek()? != b'{' {
            *flaw = Flaw::Meta;
            return None;
        }
        self.meta = MetaView::scan(scanner, flaw)?;
        Some(())
    }

    /// The whole object.
    pub fn raw(&self) -> Option<JsonText<'m>> {
        self.raw
    }

    /// The string in `value`, which is the member called `member`.
    ///
    /// # Errors
    /// -32602 that names `member` when it is missing or not a string.
    pub fn text(value: Option<JsonText<'m>>, member: &str) -> Result<Cow<'m, str>, ErrorObject> {
        let Some(raw) = value else {
            return Err(ErrorObject::invalid_params(format!(
                "Invalid params: `{member}` is missing; expected a string"
            )));
        };
        raw.text().ok_or_else(|| {
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
        let json = self.raw().map_or("{}", JsonText::get);
        serde_json::from_str(json)
            .map_err(|error| ErrorObject::invalid_params(format!("Invalid params: {error}")))
    }
}

/// The members of a request's `_meta` that the protocol reads, borrowed and unjudged.
#[derive(Debug, Default, Clone, Copy)]
pub struct MetaView<'m> {
    raw: Option<JsonText<'m>>,
    /// `io.modelcontextprotocol/protocolVersion`.
    pub protocol_version: Option<JsonText<'m>>,
    /// `io.modelcontextprotocol/clientCapabilities`.
    pub client_capabilities: Option<JsonText<'m>>,
    /// `io.modelcontextprotocol/clientInfo`.
    pub client_info: Option<JsonText<'m>>,
    /// `io.modelcontextprotocol/logLevel`.
    pub log_level: Option<JsonText<'m>>,
    /// `progressToken`.
    pub progress_token: Option<JsonText<'m>>,
}

impl<'m> MetaView<'m> {
    /// The whole object.
    pub fn raw(&self) -> Option<JsonText<'m>> {
        self.raw
    }

    /// Whether this is the `_meta` of a modern request (VER-D-01): it carries one of the two
    /// members that every modern request must have.
    pub fn is_modern(&self) -> bool {
        self.protocol_version.is_some() || self.client_capabilities.is_some()
    }

    /// Reads the object that begins at `scanner`. `None` for none, and for one with a flaw.
    fn scan(scanner: &mut Scanner<'m>, flaw: &mut Flaw) -> Option<Self> {
        let mut meta = Self::default();
        let raw = scanner.object(|name, scanner| {
            let (slot, name) = match name {
                Meta::PROTOCOL_VERSION => (&mut meta.protocol_version, Meta::PROTOCOL_VERSION),
                Meta::CLIENT_CAPABILITIES => {
                    (&mut meta.client_capabilities, Meta::CLIENT_CAPABILITIES)
                }
                Meta::CLIENT_INFO => (&mut meta.client_info, Meta::CLIENT_INFO),
                Meta::LOG_LEVEL => (&mut meta.log_level, Meta::LOG_LEVEL),
                Meta::PROGRESS_TOKEN => (&mut meta.progress_token, Meta::PROGRESS_TOKEN),
                _ => return scanner.value().map(drop),
            };
            fill(slot, name, scanner, flaw)
        })?;
        meta.raw = Some(raw);
        Some(meta)
    }
}

/// What keeps an object from being parameters.
#[derive(Debug, Default)]
pub(super) enum Flaw {
    /// A member stands there twice: which of the two was meant cannot be known.
    Repeated(&'static str),
    /// `_meta` is no object.
    Meta,
    /// A name that no text can hold.
    #[default]
    Name,
}

impl Flaw {
    fn error(&self) -> ErrorObject {
        ErrorObject::invalid_params(match self {
            Self::Repeated(name) => format!("Invalid params: the member `{name}` appears twice"),
            Self::Meta => "Invalid params: `_meta` must be an object".to_owned(),
            Self::Name => "Invalid params: a member\'s name is not valid Unicode".to_owned(),
        })
    }
}

/// Stores a member's value, refusing a second one.
fn fill<'m>(
    slot: &mut Option<JsonText<'m>>,
    name: &'static str,
    scanner: &mut Scanner<'m>,
    flaw: &mut Flaw,
) -> Option<()> {
    if slot.replace(scanner.value()?).is_none() {
        return Some(());
    }
    *flaw = Flaw::Repeated(name);
    None
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    fn read(json: &str) -> Result<Params<'_>, ErrorObject> {
        let raw: &RawValue = serde_json::from_str(json).expect("JSON");
        Params::read(Some(JsonText::from(raw)))
    }

    #[test]
    fn every_member_that_is_read_is_found_under_its_own_name_and_stands_there_once() {
        type Get = fn(&Params<'_>) -> Option<String>;
        let shown = |raw: Option<JsonText<'_>>| raw.map(|raw| raw.get().to_owned());
        let all: [(&str, Get); 6] = [
            ("name", |p| p.name.map(|raw| raw.get().to_owned())),
            ("uri", |p| p.uri.map(|raw| raw.get().to_owned())),
            ("arguments", |p| p.arguments.map(|raw| raw.get().to_owned())),
            ("cursor", |p| p.cursor.map(|raw| raw.get().to_owned())),
            ("inputResponses", |p| {
                p.input_responses.map(|raw| raw.get().to_owned())
            }),
            ("requestState", |p| {
                p.request_state.map(|raw| raw.get().to_owned())
            }),
        ];
        for (written, _) in &all {
            let json = format!(r#"{{"x":0,"{written}":"here"}}"#);
            let params = read(&json).expect("an object");
            assert_eq!(shown(params.raw()), Some(json.clone()));
            for (name, get) in &all {
                let expected = (name == written).then_some(r#""here""#);
                assert_eq!(get(&params).as_deref(), expected, "{name} in {json}");
            }
            let twice = format!(r#"{{"{written}":1,"{written}":1}}"#);
            let refused = read(&twice).expect_err("which was meant?");
            assert!(refused.message.contains(written), "{refused}");
        }
    }

    #[test]
    fn the_whole_of_meta_is_kept_beside_its_members() {
        let json = r#"{"_meta":{"a":1,"progressToken":2}}"#;
        let meta = read(json).expect("an object").meta;
        assert_eq!(
            meta.raw().map(JsonText::get),
            Some(r#"{"a":1,"progressToken":2}"#)
        );
        assert_eq!(meta.progress_token.map(JsonText::get), Some("2"));
        assert!(meta.log_level.is_none());
    }

    #[test]
    fn one_of_the_two_members_that_every_modern_request_has_makes_a_request_modern() {
        type Get = fn(&MetaView<'_>) -> bool;
        let members: [(&str, bool, Get); 5] = [
            (Meta::PROTOCOL_VERSION, true, |m| {
                m.protocol_version.is_some()
            }),
            (Meta::CLIENT_CAPABILITIES, true, |m| {
                m.client_capabilities.is_some()
            }),
            (Meta::CLIENT_INFO, false, |m| m.client_info.is_some()),
            (Meta::LOG_LEVEL, false, |m| m.log_level.is_some()),
            (Meta::PROGRESS_TOKEN, false, |m| m.progress_token.is_some()),
        ];
        for (member, modern, _) in members {
            let json = format!(r#"{{"_meta":{{"{member}":{{}}}}}}"#);
            let meta = read(&json).expect("an object").meta;
            assert_eq!(meta.is_modern(), modern, "VER-D-01: {member}");
            for (name, _, is_there) in members {
                assert_eq!(is_there(&meta), name == member, "{name} in {json}");
            }
        }
    }
}

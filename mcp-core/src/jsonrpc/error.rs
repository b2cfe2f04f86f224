//! The error object of a response, and its codes.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An error code. Open: codes without a constant here survive unchanged.
///
/// The constants are those of protocol.md §25. Codes of an application should lie outside
/// -32768…-32000 (ERR-M-01).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ErrorCode(pub i64);

impl ErrorCode {
    /// The bytes were not JSON.
    pub const PARSE_ERROR: Self = Self(-32700);
    /// The JSON was not a message.
    pub const INVALID_REQUEST: Self = Self(-32600);
    /// The method is unknown, or belongs to a capability that was not advertised (RPC-A-12).
    pub const METHOD_NOT_FOUND: Self = Self(-32601);
    /// The parameters do not fit the method.
    pub const INVALID_PARAMS: Self = Self(-32602);
    /// The receiver failed.
    pub const INTERNAL_ERROR: Self = Self(-32603);
    /// A resource does not exist; legacy revisions only (RES-L-03).
    pub const RESOURCE_NOT_FOUND: Self = Self(-32002);
    /// An HTTP header is missing or contradicts the body (HTTP-M-12).
    pub const HEADER_MISMATCH: Self = Self(-32020);
    /// The client did not declare a capability that the request needs (META-M-06).
    pub const MISSING_REQUIRED_CLIENT_CAPABILITY: Self = Self(-32021);
    /// The protocol version is not implemented (VER-M-01).
    pub const UNSUPPORTED_PROTOCOL_VERSION: Self = Self(-32022);
    /// 2025-11-25 only: the user has to open a URL first (ELI-L-06).
    pub const URL_ELICITATION_REQUIRED: Self = Self(-32042);

    /// Whether only a peer of the modern era answers with this code (VER-D-10).
    pub const fn is_modern(self) -> bool {
        matches!(self.0, -32022..=-32020)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The `error` of a response: a code, a sentence, and optionally more (RPC-A-05).
///
/// The protocol's own error; what a tool says to the model is a result with `isError` instead
/// (TOOL-A-07).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{message} ({code})")]
pub struct ErrorObject {
    /// What kind of error.
    pub code: ErrorCode,
    /// A sentence that names what was wrong, what was expected, and the limit that applies.
    pub message: Cow<'static, str>,
    /// Details; their shape depends on the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

impl ErrorObject {
    /// An error without data.
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
            data: None,
        }
    }

    /// The same error with `data`.
    #[must_use]
    pub fn with_data(mut self, data: Value) -> Self {
        self.data = Some(data);
        self
    }

    /// -32602.
    pub fn invalid_params(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::INVALID_PARAMS, message)
    }

    /// -32600.
    pub fn invalid_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::INVALID_REQUEST, message)
    }

    /// -32603.
    pub fn internal(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::INTERNAL_ERROR, message)
    }

    /// -32601, naming the method.
    pub fn method_not_found(method: &str) -> Self {
        Self::new(
            ErrorCode::METHOD_NOT_FOUND,
            format!("Method not found: {}", clip(method)),
        )
    }
}

/// The first 80 characters of `text`, so that an error never echoes a megabyte.
pub(crate) fn clip(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(80) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_code_has_the_number_that_the_protocol_gives_it() {
        for (code, number, is_modern) in [
            (ErrorCode::PARSE_ERROR, -32700, false),
            (ErrorCode::INVALID_REQUEST, -32600, false),
            (ErrorCode::METHOD_NOT_FOUND, -32601, false),
            (ErrorCode::INVALID_PARAMS, -32602, false),
            (ErrorCode::INTERNAL_ERROR, -32603, false),
            (ErrorCode::RESOURCE_NOT_FOUND, -32002, false),
            (ErrorCode::HEADER_MISMATCH, -32020, true),
            (ErrorCode::MISSING_REQUIRED_CLIENT_CAPABILITY, -32021, true),
            (ErrorCode::UNSUPPORTED_PROTOCOL_VERSION, -32022, true),
            (ErrorCode::URL_ELICITATION_REQUIRED, -32042, false),
        ] {
            assert_eq!(serde_json::to_value(code).unwrap(), json!(number));
            assert_eq!(code.is_modern(), is_modern, "VER-D-10 for {number}");
        }
    }

    #[test]
    fn only_the_three_codes_of_the_modern_era_tell_of_it() {
        let modern: Vec<_> = (-32100..=-32000)
            .filter(|number| ErrorCode(*number).is_modern())
            .collect();
        assert_eq!(modern, [-32022, -32021, -32020]);
    }

    #[test]
    fn an_error_is_shown_by_its_message_and_its_code() {
        let error = ErrorObject::new(ErrorCode(-7), "No luck").with_data(json!({ "a": 1 }));
        assert_eq!(error.to_string(), "No luck (-7)");
        assert_eq!(error.data, Some(json!({ "a": 1 })));
    }

    #[test]
    fn an_error_echoes_80_characters_of_a_name_and_no_more() {
        let message = |name: &str| ErrorObject::method_not_found(name).message.into_owned();
        let whole = "é".repeat(80);
        assert_eq!(message(""), "Method not found: ");
        assert_eq!(message(&whole), format!("Method not found: {whole}"));
        assert_eq!(
            message(&format!("{whole}x")),
            format!("Method not found: {whole}…")
        );
    }
}

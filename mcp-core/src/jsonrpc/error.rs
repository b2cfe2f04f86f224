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

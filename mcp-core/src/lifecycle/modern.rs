//! The check every modern request passes before it is looked at: a pure function, shared by the
//! engine and by HTTP exchanges that have none.

use serde_json::json;

use super::{MetaView, Method};
use crate::json::JsonText;
use crate::jsonrpc::{ErrorCode, ErrorObject, clip};
use crate::model::Meta;
use crate::{Era, Revision};

/// Compares a transport's headers with the request, given the version that its `_meta` names
/// (HTTP-M-12). Says yes where there are no headers.
pub type HeaderCheck<'a> = &'a dyn Fn(&str) -> Result<(), ErrorObject>;

/// What [`check_modern`] looks at.
#[derive(Clone, Copy)]
pub struct ModernCheck<'a> {
    /// The method's name as it stands in the request.
    pub method: &'a str,
    /// The request's `_meta`.
    pub meta: MetaView<'a>,
    /// Where the transport has headers that repeat parts of the request: whether they agree with
    /// it, given the version that `_meta` names.
    pub headers: HeaderCheck<'a>,
    /// The revisions this server serves.
    pub revisions: &'a [Revision],
}

/// Checks a modern request in the order VER-D-03 fixes and says which revision and method it is.
///
/// # Errors
/// 1. -32602 when a required `_meta` member is missing or of the wrong type (META-M-05);
/// 2. -32020 when the headers say something else (HTTP-M-12);
/// 3. -32022 when the version is not served (VER-M-01), a legacy one included (AMB-03);
/// 4. -32601 when the method is unknown, or belongs to the legacy era (VER-D-02).
pub fn check_modern(check: ModernCheck<'_>) -> Result<(Revision, Method), ErrorObject> {
    let raw = required(
        check.meta.protocol_version,
        Meta::PROTOCOL_VERSION,
        "a string",
    )?;
    let version = raw
        .text()
        .ok_or_else(|| wrong(Meta::PROTOCOL_VERSION, "a string", raw))?;
    let member = Meta::CLIENT_CAPABILITIES;
    let capabilities = required(check.meta.client_capabilities, member, "an object")?;
    if !capabilities.get().starts_with('{') {
        return Err(wrong(member, "an object", capabilities));
    }
    (check.headers)(&version)?;
    let revision = Revision::from_wire(&version)
        .filter(|r| r.era() == Era::Modern && check.revisions.contains(r))
        .ok_or_else(|| unsupported_version(&version, check.revisions))?;
    let method = Method::from_wire(check.method)
        .filter(|method| method.exists_in(revision))
        .ok_or_else(|| ErrorObject::method_not_found(check.method))?;
    Ok((revision, method))
}

/// -32022 with `supported`, newest first, and `requested` (VER-M-01).
pub fn unsupported_version(requested: &str, revisions: &[Revision]) -> ErrorObject {
    let supported: Vec<&str> = revisions.iter().rev().map(|r| r.as_str()).collect();
    ErrorObject::new(
        ErrorCode::UNSUPPORTED_PROTOCOL_VERSION,
        format!(
            "Unsupported protocol version {}; supported: {}",
            clip(requested),
            supported.join(", ")
        ),
    )
    .with_data(json!({ "supported": supported, "requested": requested }))
}

fn required<'m>(
    value: Option<JsonText<'m>>,
    member: &str,
    expected: &str,
) -> Result<JsonText<'m>, ErrorObject> {
    value.ok_or_else(|| {
        ErrorObject::invalid_params(format!(
            "Invalid params: `_meta` lacks `{member}`; expected {expected} in every request of \
             2026-07-28"
        ))
    })
}

fn wrong(member: &str, expected: &str, got: JsonText<'_>) -> ErrorObject {
    ErrorObject::invalid_params(format!(
        "Invalid params: `_meta` member `{member}` must be {expected}, got {}",
        clip(got.get())
    ))
}

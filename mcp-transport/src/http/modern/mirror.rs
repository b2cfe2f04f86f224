//! Whether the headers of a modern request say what its body says (HTTP-M-12).

use std::borrow::Cow;

use mcp_core::jsonrpc::ErrorObject;
use mcp_core::lifecycle::Params;
use serde_json::Value;

use crate::driver::{Handler, Mirrored};
use crate::http::fields::Fields;
use crate::http::headers;

/// Checks the version, the method, the name and the mirrored arguments, in this order.
pub(super) fn check(
    handler: &impl Handler,
    fields: &Fields<'_>,
    version: &str,
    method: &str,
    params: &Params<'_>,
) -> Result<(), ErrorObject> {
    headers::check_version(fields.version, version)?;
    headers::check_method(fields.method, method)?;
    let named = match headers::named_by(method) {
        Some("name") => params.name,
        Some("uri") => params.uri,
        // The methods named otherwise are none of ours.
        _ => return Ok(()),
    };
    // A name of the wrong type mirrors nothing, and is refused for that later.
    let name = Params::text(named, "name").ok();
    headers::check_name(fields.name, name.as_deref())?;
    if method != "tools/call" {
        return Ok(());
    }
    let mirrored = name.and_then(|name: Cow<'_, str>| handler.mirrored(&name));
    match mirrored {
        None => Ok(()),
        Some(mirrored) => check_arguments(&mirrored, fields, params),
    }
}

/// Checks the arguments that headers repeat (HTTP-M-24).
fn check_arguments(
    mirrored: &[Mirrored],
    fields: &Fields<'_>,
    params: &Params<'_>,
) -> Result<(), ErrorObject> {
    let json = params.arguments.map_or("{}", |raw| raw.get());
    // What does not parse has no values that a header could repeat.
    let arguments = serde_json::from_str(json).unwrap_or(Value::Null);
    for Mirrored { header: name, path } in mirrored {
        let value = path
            .iter()
            .try_fold(&arguments, |value, member| value.get(&**member));
        headers::check_param(fields.all, name, value)?;
    }
    Ok(())
}

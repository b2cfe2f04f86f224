//! From the canonical model to what a revision knows (protocol.md §26).
//!
//! One direction only: reading needs no such step, because every member is optional or present in
//! all revisions.

mod capabilities;
mod content;
mod elicitation;
mod item;
mod result;
mod sampling;

use serde_json::json;

use super::Meta;
use crate::jsonrpc::{ErrorCode, ErrorObject};
use crate::{Era, Revision};

/// Brings a value of the canonical model down to what a revision knows.
pub trait Lower {
    /// Takes away what `revision` does not know, and says the same in its terms where it can.
    ///
    /// Lowering to a revision twice is lowering to it once. Nothing is allocated when there is
    /// nothing to take away.
    fn lower(&mut self, revision: Revision);
}

impl<T: Lower> Lower for Vec<T> {
    fn lower(&mut self, revision: Revision) {
        for item in self {
            item.lower(revision);
        }
    }
}

impl<T: Lower> Lower for Option<T> {
    fn lower(&mut self, revision: Revision) {
        if let Some(value) = self {
            value.lower(revision);
        }
    }
}

/// The error for a resource that does not exist: -32602 with the URI in `data` for a modern peer
/// (RES-M-03), -32002 for a legacy one (RES-L-03).
pub fn resource_not_found(uri: &str, revision: Revision) -> ErrorObject {
    let code = match revision.era() {
        Era::Modern => ErrorCode::INVALID_PARAMS,
        Era::Legacy => ErrorCode::RESOURCE_NOT_FOUND,
    };
    ErrorObject::new(code, "Resource not found").with_data(json!({ "uri": uri }))
}

/// Takes out of a legacy message's `_meta` what only modern messages say there.
fn lower_meta(meta: &mut Option<Meta>, revision: Revision) {
    if revision.era() == Era::Modern {
        return;
    }
    if let Some(members) = meta {
        for key in [
            Meta::PROTOCOL_VERSION,
            Meta::CLIENT_CAPABILITIES,
            Meta::CLIENT_INFO,
            Meta::LOG_LEVEL,
            Meta::SERVER_INFO,
            Meta::SUBSCRIPTION_ID,
        ] {
            members.remove(key);
        }
        if members.is_empty() {
            *meta = None;
        }
    }
}

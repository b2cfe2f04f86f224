//! What becomes the contents of a resource.

use std::any::Any;
use std::borrow::Cow;
use std::fmt::Display;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mcp_core::jsonrpc::ErrorObject;
use mcp_core::model::{ReadResourceResult, ResourceContents};
use serde::Serialize;

use super::Json;
use super::prompt_result::protocol_error;
use super::run::Answering;

/// Why a resource could not be read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ResourceError {
    /// There is no such resource; the code depends on the revision (RES-M-03, RES-L-03).
    #[error("the resource does not exist")]
    NotFound,
    /// Something else.
    #[error(transparent)]
    Failed(#[from] ErrorObject),
}

/// What a resource may return. `None` and an empty list mean that there is no such resource.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the contents of a resource",
    label = "no contents are made from this",
    note = "return text, `Vec<u8>`, `Json<T>`, `ResourceContents`, a `Vec` of them, an `Option`, or `Result<_, E>` where `E: Display`"
)]
pub trait IntoResource {
    /// Whether it may ask in place of answering.
    #[doc(hidden)]
    const TAKES_TURNS: bool = false;

    /// Makes the contents.
    ///
    /// # Errors
    ///
    /// The resource does not exist, or could not be read.
    fn into_resource(self, at: &Answering<'_>) -> Result<ReadResourceResult, ResourceError>;
}

fn contents(
    contents: ResourceContents,
    mime: Option<&str>,
) -> Result<ReadResourceResult, ResourceError> {
    let contents = match mime {
        Some(mime) => contents.with_mime_type(mime),
        None => contents,
    };
    Ok(ReadResourceResult::new(vec![contents]))
}

macro_rules! text {
    ($($ty:ty)*) => {
        $(impl IntoResource for $ty {
            fn into_resource(self, at: &Answering<'_>) -> Result<ReadResourceResult, ResourceError> {
                contents(ResourceContents::text(at.uri, self), at.mime)
            }
        })*
    };
}

macro_rules! blob {
    ($($ty:ty)*) => {
        $(impl IntoResource for $ty {
            fn into_resource(self, at: &Answering<'_>) -> Result<ReadResourceResult, ResourceError> {
                contents(ResourceContents::blob(at.uri, STANDARD.encode(self)), at.mime)
            }
        })*
    };
}

text!(String &'static str Cow<'static, str>);
blob!(Vec<u8> &'static [u8] Box<[u8]>);

impl<T: Serialize> IntoResource for Json<T> {
    fn into_resource(self, at: &Answering<'_>) -> Result<ReadResourceResult, ResourceError> {
        let text = serde_json::to_string(&self.0).map_err(|error| protocol_error(&error, at))?;
        let mime = at.mime.unwrap_or("application/json");
        contents(ResourceContents::text(at.uri, text), Some(mime))
    }
}

impl IntoResource for ResourceContents {
    fn into_resource(self, at: &Answering<'_>) -> Result<ReadResourceResult, ResourceError> {
        vec![self].into_resource(at)
    }
}

impl IntoResource for Vec<ResourceContents> {
    fn into_resource(self, at: &Answering<'_>) -> Result<ReadResourceResult, ResourceError> {
        ReadResourceResult::new(self).into_resource(at)
    }
}

impl IntoResource for ReadResourceResult {
    fn into_resource(self, _: &Answering<'_>) -> Result<ReadResourceResult, ResourceError> {
        // RES-M-03: empty contents are no answer.
        if self.contents.is_empty() {
            return Err(ResourceError::NotFound);
        }
        Ok(self)
    }
}

impl<T: IntoResource> IntoResource for Option<T> {
    const TAKES_TURNS: bool = T::TAKES_TURNS;

    fn into_resource(self, at: &Answering<'_>) -> Result<ReadResourceResult, ResourceError> {
        self.ok_or(ResourceError::NotFound)?.into_resource(at)
    }
}

/// A [`ResourceError`] or [`ErrorObject`] is answered as it is; every other error is -32603.
#[diagnostic::do_not_recommend]
impl<T: IntoResource, E: Display + 'static> IntoResource for Result<T, E> {
    const TAKES_TURNS: bool = T::TAKES_TURNS;

    fn into_resource(self, at: &Answering<'_>) -> Result<ReadResourceResult, ResourceError> {
        match self {
            Ok(value) => value.into_resource(at),
            Err(error) => Err(match (&error as &dyn Any).downcast_ref::<ResourceError>() {
                Some(own) => own.clone(),
                None => protocol_error(&error, at).into(),
            }),
        }
    }
}

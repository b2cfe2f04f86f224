//! JSON-RPC 2.0: messages, ids, errors, and their way from and to bytes. Knows nothing of MCP.
//!
//! Decoding classifies a message by which of `method`, `id`, `result` and `error` it carries, in
//! one pass over the bytes, and borrows from them: [`decode`] is the way in, the functions of
//! [`encode`] the way out.

mod decode;
pub mod encode;
mod envelope;
mod error;
mod id;
mod message;

pub use decode::{Frame, Malformed, decode};
pub(crate) use error::clip;
pub use error::{ErrorCode, ErrorObject};
pub use id::RequestId;
pub use message::{Message, Notification, Request, Response};

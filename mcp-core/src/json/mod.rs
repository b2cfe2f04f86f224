//! JSON where it stands: which part of a text is which value, found in one pass and without a
//! copy.
//!
//! [`Scanner`] walks a text, [`JsonText`] is what it finds: the text of one value. What a value
//! means is left to `serde_json`, for those values that somebody wants to know. The other way round,
//! [`write_string`] writes texts that may be long.

mod nesting;
mod scan;
mod special;
mod text;
mod write;

pub use scan::Scanner;
pub use text::{JsonBuf, JsonText};
pub use write::write_string;

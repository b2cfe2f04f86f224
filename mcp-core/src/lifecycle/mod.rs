//! When which message is allowed: the handshake of the legacy era, the per-request check of the
//! modern era, and what each method needs.
//!
//! - [`transition`]: one role-neutral table, `(state, event)` to the next state or a violation.
//!   `docs/lifecycle.md` is generated from it by [`render_markdown`].
//! - [`Method`]: the requests a server answers, and the revisions and capabilities they belong to.
//! - [`check_modern`]: the check every modern request passes, in the order VER-D-03 fixes.

mod markdown;
mod method;
mod modern;
mod params;
mod straight;
mod table;

pub use markdown::render_markdown;
pub use method::{Capability, Method};
pub use modern::{HeaderCheck, ModernCheck, check_modern, unsupported_version};
pub use params::{MetaView, Params};
pub(crate) use straight::StraightRequest;
pub use table::{Event, State, Violation, transition};

//! Asking the client in the middle of a handler: the user, the model, the roots; written once,
//! for clients of every revision.
//!
//! - A client of the handshake era gets a request, and the handler's future waits for the answer.
//! - A client of 2026-07-28 gets the question as the result of its own request. It sends that
//!   request again with the answer, and the handler runs again: what a [step](Context::step) did
//!   and what was answered before comes from the call's journal, which the client carries as
//!   `requestState`, and the code goes on after the question (MRTR-M-13). It is never sent a request
//!   (STDIO-M-04), and never asked for what it did not declare (MRTR-M-04).
//!
//! ```
//! use toolwright::prelude::*;
//!
//! #[form]
//! struct Guest {
//!     name: String,
//! }
//!
//! /// Books a room.
//! #[tool]
//! async fn book(cx: Context, city: String) -> Result<String, ToolError> {
//!     let price = cx.step("quote", async |_| quote(&city).await).await?;
//!     let who: Guest = cx.elicit("guest", "Who is travelling?").await?.accepted()?;
//!     cx.step("charge", async |key| charge(price, &who.name, &key).await).await?;
//!     Ok(format!("Booked {city} for {}", who.name))
//! }
//!
//! async fn quote(city: &str) -> Result<u32, std::io::Error> {
//!     Ok(100 + city.len() as u32)
//! }
//!
//! async fn charge(_price: u32, _name: &str, _key: &str) -> Result<(), std::io::Error> {
//!     Ok(())
//! }
//! ```
//!
//! What holds, and what does not:
//!
//! - A step that is recorded in a state that the client sends back is not run again. A round whose
//!   answer was lost, or whose retry was sent twice, can repeat its steps: so a step gets an
//!   [`IdempotencyKey`] for what it calls, a step that runs is finished (within
//!   [`Limits::step_grace`](crate::Limits::step_grace)) although its client is gone, and a
//!   [`JournalStore`] lets every round run once: with it, at most once.
//! - Code between steps runs again in every round, so it has to come to the same questions. One
//!   that changed is [`AskError::Changed`].
//! - Questions awaited together (`join!`) go out together. What else is awaited beside them is
//!   dropped with the handler: a `timeout` around a question never fires for a 2026-07-28 client,
//!   and the branch of a `select!` that lost may have been seen by a live client only; make it
//!   `biased`.
//! - A question inside of a step, or from a spawned task, is refused.

mod binding;
mod context;
mod desk;
#[cfg(feature = "seal")]
mod draw;
#[cfg(all(test, feature = "seal", feature = "client"))]
mod draws;
mod elicited;
mod error;
mod form;
mod form_schema;
mod journal;
mod journals;
mod mark;
mod needed;
mod once;
mod questions;
#[cfg(feature = "seal")]
mod seal;
mod store;
mod table;
mod turn;
mod turns;
mod visit;

pub use elicited::Elicited;

pub use error::{AskError, StepError};
pub use form::{Form, FormChoice, FormError, FormField, form_schema};
pub use journal::IdempotencyKey;
pub use journals::Journals;
#[doc(inline)]
pub use mcp_core::engine::Elicitation;
pub use needed::Needed;
pub use questions::Questions;
#[cfg(feature = "seal")]
pub use seal::KeyRing;
pub use store::{Begun, JournalStore, MemoryJournalStore, Round, RoundOutcome, StoreError};
pub use turn::{Inputs, Turn};
pub use visit::Visit;

pub(crate) use desk::Desk;
pub(crate) use once::once;
pub(crate) use turns::Instead;

#[cfg(doc)]
use crate::context::Context;

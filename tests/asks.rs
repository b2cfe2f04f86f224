//! Asking the client in the middle of a handler: one program for clients of both eras.
#![cfg(feature = "macros")]
#![allow(clippy::unwrap_used)]

#[path = "asks/both_eras.rs"]
mod both_eras;
#[path = "asks/forms.rs"]
mod forms;
#[path = "asks/once.rs"]
mod once;
#[allow(dead_code, reason = "the transcripts ask it for more")]
#[path = "transcripts/oracle.rs"]
mod oracle;
#[path = "asks/refusals.rs"]
mod refusals;
#[path = "asks/rig.rs"]
mod rig;
#[path = "asks/rounds.rs"]
mod rounds;
#[path = "asks/spec.rs"]
mod spec;
#[path = "asks/steps.rs"]
mod steps;
mod support;
#[path = "asks/turns.rs"]
mod turns;
#[path = "asks/turns_refused.rs"]
mod turns_refused;
#[path = "asks/urls.rs"]
mod urls;

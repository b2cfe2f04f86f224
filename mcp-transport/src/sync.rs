//! What threads share, where they can meet in more than one place: the standard library's, or under
//! `--cfg shuttle` a stand-in that tries every order (`cargo xtask shuttle`).

#[cfg(not(shuttle))]
pub(crate) use std::sync::{Mutex, MutexGuard};

#[cfg(shuttle)]
pub(crate) use shuttle::sync::{Mutex, MutexGuard};

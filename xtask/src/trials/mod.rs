//! What the programs of the package `trials` prove together: each is a process of its own.

mod nginx;
mod programs;
mod scale;
mod soak;

pub(crate) use nginx::{counting as nginx_counting, run as nginx};
pub(crate) use scale::{part as scale_part, run as scale};
pub(crate) use soak::{minute as soak_minute, run as soak};

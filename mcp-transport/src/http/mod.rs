//! Streamable HTTP, the server's side.
//!
//! The pure parts, each a set of functions over headers and bytes: [`origin`] (who may talk to
//! this server from a browser), [`accept`] (which media types), [`headers`] (headers that mirror
//! the body), [`session_id`] and [`events`] (legacy sessions and their resumable streams).

pub mod accept;
pub mod events;
pub mod headers;
pub mod origin;
pub mod session_id;

//! Resources: fixed ones, a family of them, and one that changes.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use toolwright::prelude::*;

use crate::fixtures::PNG;

/// A text that never changes.
#[resource("test://static-text", mime = "text/plain")]
pub(crate) fn static_text() -> &'static str {
    "This is the content of the static text resource."
}

/// A picture that never changes.
#[resource("test://static-binary", mime = "image/png")]
pub(crate) fn static_binary() -> &'static [u8] {
    PNG
}

/// Data for any id.
#[resource("test://template/{id}/data", mime = "application/json")]
pub(crate) fn template_data(
    /// Any text.
    id: String,
) -> Json<Value> {
    Json(json!({ "id": id, "templateTest": true, "data": format!("Data for ID: {id}") }))
}

/// What stands in the watched resource: how often it was updated.
#[derive(Default)]
pub(crate) struct Watched(AtomicU64);

const WATCHED: &str = "test://watched-resource";

/// A text that `update_watched_resource` changes.
#[resource("test://watched-resource", mime = "text/plain")]
pub(crate) fn watched_resource(watched: State<Watched>) -> String {
    format!("Updated {} times.", watched.0.0.load(Ordering::Relaxed))
}

/// Changes the resource test://watched-resource, and tells everybody who watches it.
#[tool]
pub(crate) fn update_watched_resource(cx: Context, watched: State<Watched>) -> String {
    let updates = watched.0.0.fetch_add(1, Ordering::Relaxed) + 1;
    cx.server().resource_updated(WATCHED);
    format!("Updated {updates} times.")
}

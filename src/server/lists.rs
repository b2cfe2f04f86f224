//! The four lists: pages and cursors, each page encoded once for each revision.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use mcp_core::Revision;
use mcp_core::jsonrpc::ErrorObject;
use mcp_core::model::Cursor;

/// Which list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum List {
    Tools,
    Prompts,
    Resources,
    Templates,
}

/// One page of a list, in one revision.
type Page = (List, Revision, usize);

/// The encoded pages of one snapshot of the registry. A page is encoded when it is first asked
/// for, and never again: a changed registry is a new snapshot.
#[derive(Debug, Default)]
pub(super) struct Rendered(Mutex<HashMap<Page, Arc<str>>>);

impl Rendered {
    pub(super) fn get(&self, page: Page, render: impl FnOnce() -> String) -> Arc<str> {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let rendered = pages.entry(page).or_insert_with(|| render().into());
        Arc::clone(rendered)
    }
}

/// What a cursor says: where its page begins. Opaque to clients (PAG-A-01).
const CURSOR: &str = "at-";

/// Where the page of `cursor` begins in a list of `len`.
///
/// # Errors
/// -32602 when the cursor was not made by [`next_cursor`] for a list of this shape.
pub(super) fn page_start(
    cursor: Option<&str>,
    len: usize,
    page_size: usize,
) -> Result<usize, ErrorObject> {
    let Some(cursor) = cursor else {
        return Ok(0);
    };
    let start = cursor.strip_prefix(CURSOR).and_then(|at| at.parse().ok());
    start
        .filter(|start: &usize| *start < len && start.is_multiple_of(page_size) && *start > 0)
        .ok_or_else(|| {
            ErrorObject::invalid_params(
                "Invalid params: the cursor names no page of this list; start again without one",
            )
        })
}

/// The cursor of the page after the one that begins at `start`.
pub(super) fn next_cursor(start: usize, len: usize, page_size: usize) -> Option<Cursor> {
    let next = start.saturating_add(page_size);
    (next < len).then(|| Cursor(format!("{CURSOR}{next}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_lead_through_every_page_and_end() {
        let mut starts = vec![0];
        while let Some(cursor) = next_cursor(*starts.last().unwrap(), 25, 10) {
            starts.push(page_start(Some(&cursor.0), 25, 10).unwrap());
        }
        assert_eq!(starts, [0, 10, 20]);
    }

    #[test]
    fn a_cursor_that_was_never_given_is_refused() {
        for cursor in [
            "",
            "at-",
            "at-5",
            "at-30",
            "at-0",
            "at--10",
            "10",
            "at-99999999999999999999",
        ] {
            assert!(page_start(Some(cursor), 25, 10).is_err(), "{cursor}");
        }
    }
}

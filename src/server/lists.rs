//! The four lists: pages and cursors, each page encoded once for each revision. What a client can do
//! changes nothing about them, because clients keep them by method and parameters alone (AMB-06).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use mcp_core::Revision;
use mcp_core::engine::{Principal, Reply};
use mcp_core::jsonrpc::ErrorObject;
use mcp_core::model::{
    CacheScope, Cursor, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
    ListToolsResult,
};

use super::core::Core;
use super::registry::Registry;

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

impl Registry {
    /// One page of a list, already encoded for `revision`.
    pub(super) fn rendered_list(
        &self,
        core: &Core,
        list: List,
        revision: Revision,
        cursor: Option<&str>,
    ) -> Result<Reply, ErrorObject> {
        let start = page_start(cursor, self.len(list, None), core.settings.page_size)?;
        let page = self.rendered.get((list, revision, start), || {
            let reply = self.page(core, list, start, None, CacheScope::Public);
            core.profile.encoder().render_reply(revision, reply)
        });
        Ok(Reply::Rendered(page))
    }

    /// One page of a list as a model, for `viewer` alone, or for layers to look at and change.
    /// Whoever filters it does so for one caller, so nobody else may be given it (CCH-M-03).
    pub(super) fn list(
        &self,
        core: &Core,
        list: List,
        viewer: Option<&Principal>,
        cursor: Option<&str>,
    ) -> Result<Reply, ErrorObject> {
        let start = page_start(cursor, self.len(list, viewer), core.settings.page_size)?;
        Ok(self.page(core, list, start, viewer, CacheScope::Private))
    }

    fn len(&self, list: List, viewer: Option<&Principal>) -> usize {
        match list {
            List::Tools => self.tools.shown(viewer).count(),
            List::Prompts => self.prompts.shown(viewer).count(),
            List::Resources => self.resources.shown(viewer).count(),
            List::Templates => self.templates.shown(viewer).count(),
        }
    }

    fn page(
        &self,
        core: &Core,
        list: List,
        start: usize,
        viewer: Option<&Principal>,
        scope: CacheScope,
    ) -> Reply {
        let size = core.settings.page_size;
        let next_cursor = next_cursor(start, self.len(list, viewer), size);
        let (ttl_ms, cache_scope) = (Some(core.settings.list_ttl_ms), Some(scope));
        match list {
            List::Tools => Reply::ListTools(ListToolsResult {
                next_cursor,
                ttl_ms,
                cache_scope,
                ..ListToolsResult::new(self.tools.page(viewer, start, size))
            }),
            List::Prompts => Reply::ListPrompts(ListPromptsResult {
                next_cursor,
                ttl_ms,
                cache_scope,
                ..ListPromptsResult::new(self.prompts.page(viewer, start, size))
            }),
            List::Resources => Reply::ListResources(ListResourcesResult {
                next_cursor,
                ttl_ms,
                cache_scope,
                ..ListResourcesResult::new(self.resources.page(viewer, start, size))
            }),
            List::Templates => Reply::ListResourceTemplates(ListResourceTemplatesResult {
                next_cursor,
                ttl_ms,
                cache_scope,
                ..ListResourceTemplatesResult::new(self.templates.page(viewer, start, size))
            }),
        }
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

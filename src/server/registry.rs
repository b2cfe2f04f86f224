//! What a server offers: an immutable snapshot that calls read and changes replace.

use mcp_core::Revision;
use mcp_core::engine::Reply;
use mcp_core::jsonrpc::ErrorObject;
use mcp_core::model::{CacheScope, ListToolsResult, Tool};

use super::Entries;
use super::core::Core;
use super::error::BuildError;
use super::lists::{List, Rendered, next_cursor, page_start};
use super::table::{Entry, Table};
use crate::handler::ToolEntry;

/// Tools, prompts and resources of one moment.
#[derive(Debug, Default)]
pub(super) struct Registry {
    pub(super) tools: Table<ToolEntry>,
    rendered: Rendered,
}

impl Registry {
    /// A registry of these entries, and what kept others out.
    pub(super) fn new(entries: Entries) -> (Self, Vec<BuildError>) {
        let mut registry = Self::default();
        let mut problems = Vec::new();
        for tool in entries.tools {
            if let Err(tool) = registry.tools.insert(tool) {
                problems.push(BuildError::duplicate("tool", tool.key()));
            }
        }
        (registry, problems)
    }

    /// A copy to change: its lists are encoded anew.
    pub(super) fn to_changed(&self) -> Self {
        Self {
            tools: self.tools.clone(),
            rendered: Rendered::default(),
        }
    }

    /// One page of a list, already encoded for `revision`.
    pub(super) fn rendered_list(
        &self,
        core: &Core,
        list: List,
        revision: Revision,
        cursor: Option<&str>,
    ) -> Result<Reply, ErrorObject> {
        let start = self.start_of(core, list, cursor)?;
        let page = self.rendered.get((list, revision, start), || {
            let reply = self.page(core, list, start, CacheScope::Public);
            core.profile.encoder().render_reply(revision, reply)
        });
        Ok(Reply::Rendered(page))
    }

    /// One page of a list as a model, for layers to look at and change. Whoever filters it does
    /// so for one caller, so nobody else may be given it (CCH-M-03).
    pub(super) fn list(
        &self,
        core: &Core,
        list: List,
        cursor: Option<&str>,
    ) -> Result<Reply, ErrorObject> {
        let start = self.start_of(core, list, cursor)?;
        Ok(self.page(core, list, start, CacheScope::Private))
    }

    fn start_of(
        &self,
        core: &Core,
        list: List,
        cursor: Option<&str>,
    ) -> Result<usize, ErrorObject> {
        page_start(cursor, self.len(list), core.settings.page_size)
    }

    fn len(&self, list: List) -> usize {
        match list {
            List::Tools => self.tools.len(),
        }
    }

    fn page(&self, core: &Core, list: List, start: usize, scope: CacheScope) -> Reply {
        let size = core.settings.page_size;
        let next_cursor = next_cursor(start, self.len(list), size);
        let (ttl_ms, cache_scope) = (Some(core.settings.list_ttl_ms), Some(scope));
        match list {
            List::Tools => Reply::ListTools(ListToolsResult {
                next_cursor,
                ttl_ms,
                cache_scope,
                ..ListToolsResult::new(self.tools.page(start, size))
            }),
        }
    }
}

impl Entry for ToolEntry {
    type Item = Tool;

    fn key(&self) -> &str {
        &self.definition.name
    }

    fn item(&self) -> &Tool {
        &self.definition
    }
}

//! What a server offers: an immutable snapshot that calls read and changes replace.

use std::borrow::Cow;
use std::sync::Arc;

use mcp_core::Revision;
use mcp_core::UriTemplate;
use mcp_core::engine::Reply;
use mcp_core::jsonrpc::ErrorObject;
use mcp_core::model::{
    CacheScope, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
    ListToolsResult, Prompt, Resource, ResourceTemplate, Tool,
};

use super::Entries;
use super::core::{Core, Settings};
use super::error::BuildError;
use super::lists::{List, Rendered, next_cursor, page_start};
use super::mirrored::MirroredArguments;
use super::table::{Entry, Table};
use super::watchdog::Subject;
use crate::handler::{
    Completers, PromptEntry, ResourceEntry, ResourceHandler, ResourceTarget, StateNeed, ToolEntry,
};

/// Tools, prompts and resources of one moment.
#[derive(Debug, Default)]
pub(super) struct Registry {
    pub(super) tools: Table<ToolEntry>,
    pub(super) prompts: Table<PromptEntry>,
    pub(super) resources: Table<FixedEntry>,
    pub(super) templates: Table<TemplateEntry>,
    /// Which arguments of tools travel in headers, too.
    pub(super) mirrored: MirroredArguments,
    rendered: Rendered,
}

/// A resource at one URI.
#[derive(Debug)]
pub(super) struct FixedEntry {
    definition: Resource,
    pub(super) entry: ResourceEntry,
}

/// The resources of one URI template.
#[derive(Debug)]
pub(super) struct TemplateEntry {
    definition: ResourceTemplate,
    template: UriTemplate,
    pub(super) entry: ResourceEntry,
}

/// What answers for a URI: the handler, and the variables its template found there.
pub(super) type Found<'r> = (&'r Arc<dyn ResourceHandler>, Vec<(&'r str, Cow<'r, str>)>);

impl Registry {
    /// A registry of these entries, and what kept others out.
    pub(super) fn new(entries: Entries, settings: &Settings) -> (Self, Vec<BuildError>) {
        let mut registry = Self::default();
        let mut problems = Vec::new();
        for tool in entries.tools {
            problems.extend(registry.add_tool(tool, settings).err());
        }
        for prompt in entries.prompts {
            problems.extend(registry.add_prompt(prompt).err());
        }
        for resource in entries.resources {
            problems.extend(registry.add_resource(resource).err());
        }
        (registry, problems)
    }

    pub(super) fn add_tool(
        &mut self,
        tool: ToolEntry,
        settings: &Settings,
    ) -> Result<(), BuildError> {
        if !tool.definition.input_schema.describes_object() {
            return Err(BuildError::no_object_schema(tool.key()));
        }
        let tool = settings.enforce_schema(tool)?;
        let (name, schema) = (tool.key().to_owned(), tool.definition.input_schema.clone());
        let added = self.tools.insert(tool);
        if added.is_ok() {
            self.mirrored.set(&name, &schema);
        }
        added.map_err(|tool| BuildError::duplicate("tool", tool.key()))
    }

    pub(super) fn add_prompt(&mut self, prompt: PromptEntry) -> Result<(), BuildError> {
        let added = self.prompts.insert(prompt);
        added.map_err(|prompt| BuildError::duplicate("prompt", prompt.key()))
    }

    pub(super) fn add_resource(&mut self, entry: ResourceEntry) -> Result<(), BuildError> {
        match entry.target.clone() {
            ResourceTarget::Fixed(definition) => {
                let added = self.resources.insert(FixedEntry { definition, entry });
                added.map_err(|entry| BuildError::duplicate("resource", entry.key()))
            }
            ResourceTarget::Template {
                definition,
                template,
            } => {
                let entry = TemplateEntry {
                    definition,
                    template,
                    entry,
                };
                let added = self.templates.insert(entry);
                added.map_err(|entry| BuildError::duplicate("resource", entry.key()))
            }
        }
    }

    /// A copy to change: its lists are encoded anew.
    pub(super) fn to_changed(&self) -> Self {
        Self {
            tools: self.tools.clone(),
            prompts: self.prompts.clone(),
            resources: self.resources.clone(),
            templates: self.templates.clone(),
            mirrored: self.mirrored.clone(),
            rendered: Rendered::default(),
        }
    }

    /// What answers for `uri`: the resource there, else the first template that matches.
    pub(super) fn resource<'r>(&'r self, uri: &'r str) -> Option<Found<'r>> {
        if let Some(fixed) = self.resources.get(uri) {
            return Some((&fixed.entry.handler, Vec::new()));
        }
        self.templates.iter().find_map(|template| {
            let variables = template.template.matches(uri)?;
            Some((&template.entry.handler, variables))
        })
    }

    /// What each handler is called and what it needs.
    pub(super) fn needs(&self) -> impl Iterator<Item = (&str, &[StateNeed])> {
        let tools = self.tools.iter().map(|e| (e.key(), &*e.needs));
        let prompts = self.prompts.iter().map(|e| (e.key(), &*e.needs));
        let resources = self.resources.iter().map(|e| (e.key(), &*e.entry.needs));
        let templates = self.templates.iter().map(|e| (e.key(), &*e.entry.needs));
        tools.chain(prompts).chain(resources).chain(templates)
    }

    /// What each handler is called and where it is.
    pub(super) fn subjects(&self) -> impl Iterator<Item = (&str, Subject)> {
        let subject = |e: &ResourceEntry| Subject::of(&e.handler);
        let tools = self
            .tools
            .iter()
            .map(|e| (e.key(), Subject::of(&e.handler)));
        let prompts = self
            .prompts
            .iter()
            .map(|e| (e.key(), Subject::of(&e.handler)));
        let resources = self
            .resources
            .iter()
            .map(move |e| (e.key(), subject(&e.entry)));
        let templates = self
            .templates
            .iter()
            .map(move |e| (e.key(), subject(&e.entry)));
        tools.chain(prompts).chain(resources).chain(templates)
    }

    /// Whether anything completes arguments (CMP-A-01).
    pub(super) fn completes(&self) -> bool {
        let completes = |completers: &Completers| !completers.is_empty();
        self.prompts.iter().any(|e| completes(&e.completers))
            || self
                .templates
                .iter()
                .any(|e| completes(&e.entry.completers))
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
            List::Prompts => self.prompts.len(),
            List::Resources => self.resources.len(),
            List::Templates => self.templates.len(),
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
            List::Prompts => Reply::ListPrompts(ListPromptsResult {
                next_cursor,
                ttl_ms,
                cache_scope,
                ..ListPromptsResult::new(self.prompts.page(start, size))
            }),
            List::Resources => Reply::ListResources(ListResourcesResult {
                next_cursor,
                ttl_ms,
                cache_scope,
                ..ListResourcesResult::new(self.resources.page(start, size))
            }),
            List::Templates => Reply::ListResourceTemplates(ListResourceTemplatesResult {
                next_cursor,
                ttl_ms,
                cache_scope,
                ..ListResourceTemplatesResult::new(self.templates.page(start, size))
            }),
        }
    }
}

/// Says what calls name an entry by, and what lists show of it.
macro_rules! entry {
    ($name:ident, $item:ty, $key:ident) => {
        impl Entry for $name {
            type Item = $item;

            fn key(&self) -> &str {
                &self.definition.$key
            }

            fn item(&self) -> &$item {
                &self.definition
            }
        }
    };
}

entry!(ToolEntry, Tool, name);
entry!(PromptEntry, Prompt, name);
entry!(FixedEntry, Resource, uri);
entry!(TemplateEntry, ResourceTemplate, uri_template);

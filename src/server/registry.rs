//! What a server offers: an immutable snapshot that calls read and changes replace.

use std::borrow::Cow;
use std::sync::Arc;

use mcp_core::UriTemplate;
use mcp_core::engine::Scopes;
use mcp_core::model::{Prompt, Resource, ResourceTemplate, Tool};

use super::Entries;
use super::core::Settings;
use super::error::BuildError;
use super::lists::Rendered;
use super::table::{Entry, Table};
use super::watchdog::Subject;
use crate::handler::{
    Completers, PromptEntry, ResourceEntry, ResourceHandler, ResourceTarget, StateNeed, ToolEntry,
};
use crate::mirrored::MirroredArguments;

/// Tools, prompts and resources of one moment.
#[derive(Debug, Default)]
pub(super) struct Registry {
    pub(super) tools: Table<ToolEntry>,
    pub(super) prompts: Table<PromptEntry>,
    pub(super) resources: Table<FixedEntry>,
    pub(super) templates: Table<TemplateEntry>,
    /// Which arguments of tools travel in headers, too.
    pub(super) mirrored: MirroredArguments,
    /// Whether anything needs scopes.
    scoped: bool,
    pub(super) rendered: Rendered,
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
pub(super) type Found<'r> = (&'r Arc<dyn ResourceHandler>, Variables<'r, 'r>);

/// The variables that a template found in a URI.
type Variables<'t, 'u> = Vec<(&'t str, Cow<'u, str>)>;

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
        self.scoped |= !tool.scopes.is_empty();
        let (name, schema) = (tool.key().to_owned(), tool.definition.input_schema.clone());
        let added = self.tools.insert(tool);
        if added.is_ok() {
            self.mirrored.set(&name, &schema);
        }
        added.map_err(|tool| BuildError::duplicate("tool", tool.key()))
    }

    pub(super) fn add_prompt(&mut self, prompt: PromptEntry) -> Result<(), BuildError> {
        self.scoped |= !prompt.scopes.is_empty();
        let added = self.prompts.insert(prompt);
        added.map_err(|prompt| BuildError::duplicate("prompt", prompt.key()))
    }

    pub(super) fn add_resource(&mut self, entry: ResourceEntry) -> Result<(), BuildError> {
        self.scoped |= !entry.scopes.is_empty();
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
            scoped: self.scoped,
            rendered: Rendered::default(),
        }
    }

    /// What answers for `uri`: the resource there, else the first template that matches.
    pub(super) fn resource<'r>(&'r self, uri: &'r str) -> Option<Found<'r>> {
        let (entry, variables) = self.find(uri)?;
        Some((&entry.handler, variables))
    }

    /// The scopes that reading `uri` needs.
    pub(super) fn scopes_at(&self, uri: &str) -> Option<&Scopes> {
        self.find(uri).map(|(entry, _)| &entry.scopes)
    }

    /// Whether anything needs scopes.
    pub(super) fn is_scoped(&self) -> bool {
        self.scoped
    }

    fn find<'r, 'u>(&'r self, uri: &'u str) -> Option<(&'r ResourceEntry, Variables<'r, 'u>)> {
        if let Some(fixed) = self.resources.get(uri) {
            return Some((&fixed.entry, Vec::new()));
        }
        self.templates.iter().find_map(|template| {
            let variables = template.template.matches(uri)?;
            Some((&template.entry, variables))
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
}

/// Says what calls name an entry by, and what lists show of it.
macro_rules! entry {
    ($name:ident, $item:ty, $key:ident $(, $inner:ident)?) => {
        impl Entry for $name {
            type Item = $item;

            fn key(&self) -> &str {
                &self.definition.$key
            }

            fn item(&self) -> &$item {
                &self.definition
            }

            fn scopes(&self) -> &Scopes {
                &self$(.$inner)?.scopes
            }
        }
    };
}

entry!(ToolEntry, Tool, name);
entry!(PromptEntry, Prompt, name);
entry!(FixedEntry, Resource, uri, entry);
entry!(TemplateEntry, ResourceTemplate, uri_template, entry);

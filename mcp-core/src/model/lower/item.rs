//! What lists show: tools, prompts, resources and templates; and who serves them.

use serde_json::{Value, json};

use super::Lower;
use crate::model::{
    Implementation, JsonSchema, Prompt, PromptArgument, Resource, ResourceTemplate, Tool,
};
use crate::{Era, Feature, Revision};

impl Lower for Tool {
    fn lower(&mut self, revision: Revision) {
        if !revision.has(Feature::CoreTasks) {
            self.execution = None;
        }
        if revision.era() == Era::Legacy {
            self.lower_schemas(revision);
        }
        if !revision.has(Feature::Icons) {
            self.icons = None;
        }
        if !revision.has(Feature::StructuredOutput) {
            self.meta = None;
            self.lower_title();
        }
        if !revision.has(Feature::AudioAndAnnotations) {
            self.annotations = None;
        }
    }
}

impl Tool {
    /// An output schema needs the root type `object` in the legacy revisions that have it
    /// (SCH-A-04).
    fn lower_schemas(&mut self, revision: Revision) {
        lower_properties(&mut self.input_schema);
        let known = revision.has(Feature::StructuredOutput);
        match &mut self.output_schema {
            Some(schema) if known && schema.describes_object() => lower_properties(schema),
            output_schema => *output_schema = None,
        }
    }

    /// Before tools had titles, their annotations did (TOOL-A-03).
    fn lower_title(&mut self) {
        if let Some(title) = self.title.take() {
            let annotations = self.annotations.get_or_insert_default();
            annotations.title.get_or_insert(title);
        }
    }
}

/// The legacy revisions describe each property by an object, where JSON Schema also has `true`
/// and `false`.
fn lower_properties(schema: &mut JsonSchema) {
    let Some(Value::Object(properties)) = schema.0.get_mut("properties") else {
        return;
    };
    for property in properties.values_mut() {
        match property {
            Value::Bool(true) => *property = json!({}),
            Value::Bool(false) => *property = json!({ "not": {} }),
            _ => {}
        }
    }
}

impl Lower for Prompt {
    fn lower(&mut self, revision: Revision) {
        if !revision.has(Feature::Icons) {
            self.icons = None;
        }
        if !revision.has(Feature::StructuredOutput) {
            self.title = None;
            self.meta = None;
            self.arguments.lower(revision);
        }
    }
}

impl Lower for PromptArgument {
    fn lower(&mut self, revision: Revision) {
        if !revision.has(Feature::StructuredOutput) {
            self.title = None;
        }
    }
}

impl Lower for Resource {
    fn lower(&mut self, revision: Revision) {
        if !revision.has(Feature::Icons) {
            self.icons = None;
        }
        if !revision.has(Feature::StructuredOutput) {
            self.title = None;
            self.meta = None;
            self.annotations.lower(revision);
        }
    }
}

impl Lower for ResourceTemplate {
    fn lower(&mut self, revision: Revision) {
        if !revision.has(Feature::Icons) {
            self.icons = None;
        }
        if !revision.has(Feature::StructuredOutput) {
            self.title = None;
            self.meta = None;
            self.annotations.lower(revision);
        }
    }
}

impl Lower for Implementation {
    fn lower(&mut self, revision: Revision) {
        if !revision.has(Feature::Icons) {
            self.description = None;
            self.icons = None;
            self.website_url = None;
        }
        if !revision.has(Feature::StructuredOutput) {
            self.title = None;
        }
    }
}

//! Results, parameters and notifications.

use serde_json::Value;

use super::{Lower, lower_meta};
use crate::jsonrpc::encode;
use crate::model::{
    CallToolParams, CallToolResult, CompleteParams, CompleteResult, CompletionReference,
    ContentBlock, EmptyResult, GetPromptParams, GetPromptResult, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, ProgressParams,
    ReadResourceParams, ReadResourceResult,
};
use crate::{Era, Feature, Revision};

impl Lower for CallToolResult {
    fn lower(&mut self, revision: Revision) {
        if revision.era() == Era::Modern {
            return;
        }
        self.content.lower(revision);
        self.lower_structured(revision);
        self.result_type = None;
        lower_meta(&mut self.meta, revision);
    }
}

impl CallToolResult {
    /// What cannot be carried as data is carried as text, unless there is text already
    /// (TOOL-A-06).
    fn lower_structured(&mut self, revision: Revision) {
        let carried = match &self.structured_content {
            None => return,
            Some(Value::Object(_)) => revision.has(Feature::StructuredOutput),
            Some(_) => revision.has(Feature::StructuredAny),
        };
        if carried {
            return;
        }
        if let Some(value) = self.structured_content.take()
            && self.content.is_empty()
        {
            self.content.push(ContentBlock::text(encode::text(&value)));
        }
    }
}

impl Lower for GetPromptResult {
    fn lower(&mut self, revision: Revision) {
        if revision.era() == Era::Modern {
            return;
        }
        self.messages.lower(revision);
        self.result_type = None;
        lower_meta(&mut self.meta, revision);
    }
}

impl Lower for CompleteResult {
    fn lower(&mut self, revision: Revision) {
        if revision.era() == Era::Legacy {
            self.result_type = None;
            lower_meta(&mut self.meta, revision);
        }
    }
}

impl Lower for EmptyResult {
    fn lower(&mut self, revision: Revision) {
        if revision.era() == Era::Legacy {
            self.result_type = None;
            lower_meta(&mut self.meta, revision);
        }
    }
}

/// Lowers a result that can be cached: its items, then what only the modern era says of it.
macro_rules! lower_cacheable {
    ($($result:ident { $items:ident })+) => {
        $(
            impl Lower for $result {
                fn lower(&mut self, revision: Revision) {
                    self.$items.lower(revision);
                    if revision.era() == Era::Legacy {
                        self.ttl_ms = None;
                        self.cache_scope = None;
                        self.result_type = None;
                        lower_meta(&mut self.meta, revision);
                    }
                }
            }
        )+
    };
}

lower_cacheable! {
    ReadResourceResult { contents }
    ListToolsResult { tools }
    ListPromptsResult { prompts }
    ListResourcesResult { resources }
    ListResourceTemplatesResult { resource_templates }
}

impl Lower for ProgressParams {
    fn lower(&mut self, revision: Revision) {
        if !revision.has(Feature::AudioAndAnnotations) {
            self.message = None;
        }
        lower_meta(&mut self.meta, revision);
    }
}

impl Lower for CallToolParams {
    fn lower(&mut self, revision: Revision) {
        if !revision.has(Feature::CoreTasks) {
            self.task = None;
        }
        if revision.era() == Era::Legacy {
            self.input_responses = None;
            self.request_state = None;
            lower_meta(&mut self.meta, revision);
        }
    }
}

impl Lower for GetPromptParams {
    fn lower(&mut self, revision: Revision) {
        if revision.era() == Era::Legacy {
            self.input_responses = None;
            self.request_state = None;
            lower_meta(&mut self.meta, revision);
        }
    }
}

impl Lower for ReadResourceParams {
    fn lower(&mut self, revision: Revision) {
        if revision.era() == Era::Legacy {
            self.input_responses = None;
            self.request_state = None;
            lower_meta(&mut self.meta, revision);
        }
    }
}

impl Lower for CompleteParams {
    fn lower(&mut self, revision: Revision) {
        if !revision.has(Feature::StructuredOutput) {
            self.context = None;
            if let CompletionReference::Prompt(prompt) = &mut self.reference {
                prompt.title = None;
            }
        }
        lower_meta(&mut self.meta, revision);
    }
}

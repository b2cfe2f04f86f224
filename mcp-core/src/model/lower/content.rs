//! Content blocks and resource contents.

use super::Lower;
use crate::model::{
    Annotations, ContentBlock, EmbeddedResource, MediaContent, PromptMessage, Resource,
    ResourceContents, TextContent,
};
use crate::{Feature, Revision};

impl Lower for ContentBlock {
    /// A block the revision has no type for becomes text that says what was there. A block of a
    /// type this crate does not know is left alone.
    fn lower(&mut self, revision: Revision) {
        match self {
            Self::Audio(audio) if !revision.has(Feature::AudioAndAnnotations) => {
                *self = Self::Text(audio.describe());
                self.lower(revision);
            }
            Self::ResourceLink(resource) if !revision.has(Feature::StructuredOutput) => {
                *self = describe_link(resource);
                self.lower(revision);
            }
            Self::Text(text) => text.lower(revision),
            Self::Image(media) | Self::Audio(media) => media.lower(revision),
            Self::ResourceLink(resource) => resource.lower(revision),
            Self::Resource(embedded) => embedded.lower(revision),
            Self::Other(_) => {}
        }
    }
}

fn describe_link(resource: &mut Resource) -> ContentBlock {
    let name = resource.title.as_ref().unwrap_or(&resource.name);
    let text = match &resource.description {
        Some(description) => format!("[Resource {name}: {}] {description}", resource.uri),
        None => format!("[Resource {name}: {}]", resource.uri),
    };
    ContentBlock::Text(TextContent {
        text,
        annotations: resource.annotations.take(),
        ..TextContent::default()
    })
}

impl Lower for TextContent {
    fn lower(&mut self, revision: Revision) {
        if !revision.has(Feature::StructuredOutput) {
            self.meta = None;
            self.annotations.lower(revision);
        }
    }
}

impl Lower for MediaContent {
    fn lower(&mut self, revision: Revision) {
        if !revision.has(Feature::StructuredOutput) {
            self.meta = None;
            self.annotations.lower(revision);
        }
    }
}

impl MediaContent {
    /// What to say of a recording where there are none.
    pub(super) fn describe(&mut self) -> TextContent {
        TextContent {
            text: format!("[Audio of type {} was left out]", self.mime_type),
            annotations: self.annotations.take(),
            ..TextContent::default()
        }
    }
}

impl Lower for EmbeddedResource {
    fn lower(&mut self, revision: Revision) {
        self.resource.lower(revision);
        if !revision.has(Feature::StructuredOutput) {
            self.meta = None;
            self.annotations.lower(revision);
        }
    }
}

impl Lower for Annotations {
    fn lower(&mut self, revision: Revision) {
        if !revision.has(Feature::StructuredOutput) {
            self.last_modified = None;
        }
    }
}

impl Lower for ResourceContents {
    fn lower(&mut self, revision: Revision) {
        if !revision.has(Feature::StructuredOutput) {
            match self {
                Self::Text(contents) => contents.meta = None,
                Self::Blob(contents) => contents.meta = None,
            }
        }
    }
}

impl Lower for PromptMessage {
    fn lower(&mut self, revision: Revision) {
        self.content.lower(revision);
    }
}

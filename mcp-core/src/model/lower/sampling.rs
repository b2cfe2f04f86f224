//! Questions to the client's model.

use super::{Lower, lower_meta};
use crate::model::legacy::{CreateMessageParams, SamplingBlock, SamplingContent, SamplingMessage};
use crate::{Feature, Revision};

impl Lower for CreateMessageParams {
    /// Calls of tools, and their results, have no older form: who asks looks at the client's
    /// capabilities first (SMP-A-01).
    fn lower(&mut self, revision: Revision) {
        if !revision.has(Feature::CoreTasks) {
            self.task = None;
        }
        lower_meta(&mut self.meta, revision);
        self.tools.lower(revision);
        if !revision.has(Feature::Icons) {
            self.tools = None;
            self.tool_choice = None;
            if self.messages.iter().any(SamplingMessage::is_list) {
                let messages = std::mem::take(&mut self.messages);
                self.messages = messages.into_iter().flat_map(one_block_each).collect();
            }
        }
        self.messages.lower(revision);
    }
}

impl SamplingMessage {
    fn is_list(&self) -> bool {
        matches!(self.content, SamplingContent::Many(_))
    }
}

/// A list of blocks becomes as many messages of the same role, where a message has one block.
fn one_block_each(message: SamplingMessage) -> Vec<SamplingMessage> {
    let blocks = match message.content {
        SamplingContent::One(block) => vec![block],
        SamplingContent::Many(blocks) => blocks,
    };
    let with = |block| SamplingMessage {
        role: message.role,
        content: SamplingContent::One(block),
        meta: message.meta.clone(),
        extra: message.extra.clone(),
    };
    blocks.into_iter().map(with).collect()
}

impl Lower for SamplingMessage {
    fn lower(&mut self, revision: Revision) {
        if !revision.has(Feature::StructuredOutput) {
            self.meta = None;
        }
        match &mut self.content {
            SamplingContent::One(block) => block.lower(revision),
            SamplingContent::Many(blocks) => blocks.lower(revision),
        }
    }
}

impl Lower for SamplingBlock {
    fn lower(&mut self, revision: Revision) {
        match self {
            Self::Audio(audio) if !revision.has(Feature::AudioAndAnnotations) => {
                *self = Self::Text(audio.describe());
                self.lower(revision);
            }
            Self::Text(text) => text.lower(revision),
            Self::Image(media) | Self::Audio(media) => media.lower(revision),
            Self::ToolResult(result) => result.content.lower(revision),
            Self::ToolUse(_) | Self::Other(_) => {}
        }
    }
}

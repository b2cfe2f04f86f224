//! Capabilities, and the handshake that carries them.

use super::{Lower, lower_meta};
use crate::model::{
    ClientCapabilities, DiscoverResult, ElicitationCapability, InitializeParams, InitializeResult,
    JsonObject, ServerCapabilities,
};
use crate::{Era, Feature, Revision};

impl Lower for ServerCapabilities {
    fn lower(&mut self, revision: Revision) {
        if !revision.has(Feature::AudioAndAnnotations) {
            self.completions = None;
        }
        lower_tasks(&mut self.extra, revision);
    }
}

impl Lower for ClientCapabilities {
    fn lower(&mut self, revision: Revision) {
        if revision.era() == Era::Modern
            && let Some(roots) = &mut self.roots
        {
            roots.list_changed = None;
        }
        if !revision.has(Feature::Elicitation) {
            self.elicitation = None;
        }
        if !revision.has(Feature::Icons) {
            // An empty `elicitation` promises forms, which URLs alone do not (ELI-A-01).
            self.elicitation = self
                .elicits_forms()
                .then(|| self.elicitation.take())
                .flatten()
                .map(|modes| ElicitationCapability {
                    form: None,
                    url: None,
                    ..modes
                });
            if let Some(sampling) = &mut self.sampling {
                sampling.context = None;
                sampling.tools = None;
            }
        }
        lower_tasks(&mut self.extra, revision);
    }
}

/// The `tasks` capability means the tasks of 2025-11-25, and nothing elsewhere (TASK-D-08).
fn lower_tasks(extra: &mut JsonObject, revision: Revision) {
    if !revision.has(Feature::CoreTasks) {
        extra.remove("tasks");
    }
}

impl Lower for InitializeParams {
    fn lower(&mut self, revision: Revision) {
        self.capabilities.lower(revision);
        self.client_info.lower(revision);
        lower_meta(&mut self.meta, revision);
    }
}

impl Lower for InitializeResult {
    fn lower(&mut self, revision: Revision) {
        self.capabilities.lower(revision);
        self.server_info.lower(revision);
        lower_meta(&mut self.meta, revision);
    }
}

/// Exists in the modern era alone; only its capabilities can say too much.
impl Lower for DiscoverResult {
    fn lower(&mut self, revision: Revision) {
        self.capabilities.lower(revision);
    }
}

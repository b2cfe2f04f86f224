//! Proposing paths for the template `file://{+path}`.

use std::sync::Arc;

use tokio::task::spawn_blocking;
use toolwright::handler::{CompleteFn as _, Handlers, SchemaOptions, ToolSet};

use crate::files::Files;
use crate::walk::Walk;

/// Files that also complete. An annotation names a function that knows nothing of the value, and
/// paths depend on its folders, so the completer is put beside the annotated handlers here.
pub(crate) struct Completing(pub(crate) Arc<Files>);

impl ToolSet for Completing {
    fn entries(self: Arc<Self>, options: &SchemaOptions) -> Handlers {
        let mut handlers = Arc::clone(&self.0).entries(options);
        let propose = move |prefix: &str| {
            let (files, prefix) = (Arc::clone(&self.0), prefix.to_owned());
            async move {
                let proposed = spawn_blocking(move || proposals(&files, &prefix)).await;
                proposed.unwrap_or_default()
            }
        };
        let completer = propose.into_completer();
        for resource in &mut handlers.resources {
            resource.completers.push(("path", Arc::clone(&completer)));
        }
        handlers
    }
}

/// The paths that begin like `prefix`: what is in its folder, or the folders served.
fn proposals(files: &Files, prefix: &str) -> Vec<String> {
    let (above, start) = prefix.rsplit_once('/').unwrap_or(("", prefix));
    let Ok(folder) = files.roots.find_folder(&format!("{above}/")) else {
        let folders = files.roots.folders().iter();
        let folders = folders.map(|folder| folder.display().to_string());
        return folders
            .filter(|folder| folder.starts_with(prefix))
            .collect();
    };
    let below = Walk::new(folder, 0).filter(|step| step.name().starts_with(start));
    let slash = |is_folder| if is_folder { "/" } else { "" };
    below
        .map(|step| format!("{above}/{}{}", step.name(), slash(step.kind.is_dir())))
        .collect()
}

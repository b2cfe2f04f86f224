//! Everything below a folder, links not followed.

use std::fs::{self, DirEntry, FileType};
use std::path::PathBuf;

/// The most entries of one folder that are looked at.
const MAX_FOLDER: usize = 10_000;

/// What is below a folder, depth first and sorted by name. Folders that cannot be read count as
/// empty.
pub(crate) struct Walk {
    /// What comes next, last first.
    ahead: Vec<Step>,
    deepest: usize,
}

/// Something on the way.
pub(crate) struct Step {
    pub(crate) path: PathBuf,
    pub(crate) kind: FileType,
    /// How many folders are between it and the start.
    pub(crate) depth: usize,
}

impl Walk {
    /// A walk that goes into folders until `deepest` folders lie in between.
    pub(crate) fn new(folder: PathBuf, deepest: usize) -> Self {
        let mut walk = Self {
            ahead: Vec::new(),
            deepest,
        };
        walk.enter(folder, 0);
        walk
    }

    fn enter(&mut self, folder: PathBuf, depth: usize) {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let entries = entries.take(MAX_FOLDER);
        let mut below: Vec<Step> = entries
            .filter_map(|entry| Step::of(&entry, depth))
            .collect();
        below.sort_by(|a, b| b.path.cmp(&a.path));
        self.ahead.append(&mut below);
    }
}

impl Step {
    fn of(entry: &DirEntry, depth: usize) -> Option<Self> {
        // The entry's own kind: a link is a link, wherever it leads.
        let kind = entry.file_type().ok()?;
        Some(Self {
            path: entry.path(),
            kind,
            depth,
        })
    }

    /// The last part of the path.
    pub(crate) fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}

impl Iterator for Walk {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        let step = self.ahead.pop()?;
        if step.kind.is_dir() && step.depth < self.deepest {
            self.enter(step.path.clone(), step.depth + 1);
        }
        Some(step)
    }
}

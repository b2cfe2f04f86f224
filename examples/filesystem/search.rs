//! Looking for a text in the names and the lines of files.

use std::path::Path;

use toolwright::prelude::*;

use crate::reading::{self, Window};
use crate::roots::Roots;
use crate::walk::Walk;

/// The most matches of one search.
const MAX_MATCHES: usize = 200;
/// The most characters of a line that are shown.
const MAX_SHOWN: usize = 200;
/// How deep folders are searched.
const DEEPEST: usize = 64;
/// Files between two reports of progress.
const REPORT_EVERY: u32 = 16;

/// What a search found.
#[data]
pub(crate) struct Found {
    matches: Vec<Match>,
    /// How many files were looked at.
    files: u32,
    /// How many of them were not searched by line: not text, too long, or not readable.
    unread: u32,
    /// Whether there may be more matches than are shown.
    more: bool,
}

/// A place where the text is.
#[data]
struct Match {
    path: String,
    /// The line, from 1; none when the file's name holds the text.
    line: Option<u64>,
    text: Option<String>,
}

/// What to look for.
pub(crate) struct Search<'a> {
    pub(crate) roots: &'a Roots,
    pub(crate) pattern: &'a str,
    /// Only files whose name fits this glob.
    pub(crate) names: Option<&'a str>,
}

impl Search<'_> {
    /// Searches everything below a folder.
    pub(crate) fn run(&self, folder: &Path, progress: &Progress, cancelled: &Cancelled) -> Found {
        let mut found = Found {
            matches: Vec::new(),
            files: 0,
            unread: 0,
            more: false,
        };
        let files = Walk::new(folder.to_owned(), DEEPEST).filter(|step| step.kind.is_file());
        for step in files {
            // A thread of the pool cannot be dropped like a future: it looks by itself.
            if cancelled.is_cancelled() {
                break;
            }
            if self.names.is_none_or(|glob| fits(glob, &step.name())) {
                self.search_file(&step.path, &step.name(), &mut found);
            }
            found.files += 1;
            if found.matches.len() >= MAX_MATCHES {
                found.matches.truncate(MAX_MATCHES);
                found.more = true;
                break;
            }
            if found.files.is_multiple_of(REPORT_EVERY) {
                progress.report(f64::from(found.files), None, step.name());
            }
        }
        let done = f64::from(found.files);
        progress.report(done, Some(done), None);
        found
    }

    fn search_file(&self, path: &Path, name: &str, found: &mut Found) {
        let place = path.display().to_string();
        if name.contains(self.pattern) {
            found.matches.push(Match {
                path: place.clone(),
                line: None,
                text: None,
            });
        }
        let read = self.roots.open(path);
        let read = read.and_then(|file| reading::read(file, path, Window::default()));
        let Some(text) = read.ok().and_then(|bytes| String::from_utf8(bytes).ok()) else {
            found.unread += 1;
            return;
        };
        let lines = (1..).zip(text.lines());
        let hits = lines.filter(|(_, line)| line.contains(self.pattern));
        found
            .matches
            .extend(hits.take(MAX_MATCHES).map(|(number, line)| Match {
                path: place.clone(),
                line: Some(number),
                text: Some(line.chars().take(MAX_SHOWN).collect()),
            }));
    }
}

/// Whether a name fits a glob of `*` (anything) and `?` (one character). Goes back only to the last
/// `*`, so that no glob takes longer than its length times the name's.
fn fits(glob: &str, name: &str) -> bool {
    let (mut glob, mut name) = (glob.chars(), name.chars());
    // What follows the last `*`, and from where on the name was tried against it.
    let mut last_star = None;
    loop {
        let here = name.clone();
        match (glob.next(), name.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                last_star = Some((glob.clone(), here.clone()));
                name = here;
            }
            (Some(wanted), Some(there)) if wanted == '?' || wanted == there => {}
            _ => {
                let Some((after, from)) = &mut last_star else {
                    return false;
                };
                // The `*` takes one character more.
                if from.next().is_none() {
                    return false;
                }
                (glob, name) = (after.clone(), from.clone());
            }
        }
    }
}

//! The tools, and files as resources.

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use toolwright::prelude::*;

use crate::reading::{self, Contents, Window};
use crate::refused::Refused;
use crate::roots::Roots;
use crate::search::{Found, Search};
use crate::walk::Walk;

/// The most entries of one listing or tree.
const MAX_ENTRIES: usize = 1000;
/// The deepest tree.
const MAX_DEPTH: usize = 16;

/// What is in a folder.
#[data]
pub(crate) struct Listing {
    entries: Vec<Entry>,
    /// Whether there are more entries than are shown.
    more: bool,
}

/// Something in a folder.
#[data]
struct Entry {
    name: String,
    kind: Kind,
}

/// What something is; a link is not followed.
#[data]
#[serde(rename_all = "lowercase")]
enum Kind {
    File,
    Folder,
    Link,
    Other,
}

impl From<fs::FileType> for Kind {
    fn from(kind: fs::FileType) -> Self {
        match () {
            () if kind.is_file() => Self::File,
            () if kind.is_dir() => Self::Folder,
            () if kind.is_symlink() => Self::Link,
            () => Self::Other,
        }
    }
}

/// What is known of a file or a folder.
#[data]
pub(crate) struct Info {
    /// Where it really lies.
    path: String,
    kind: Kind,
    bytes: u64,
    /// Seconds since 1970.
    modified: Option<u64>,
    writable: bool,
}

/// The files of a few folders.
#[derive(Debug)]
pub(crate) struct Files {
    pub(crate) roots: Roots,
}

#[tools]
impl Files {
    pub(crate) fn new(roots: Roots) -> Self {
        Self { roots }
    }

    /// Read a text file, whole or a few of its lines; a picture is shown.
    #[tool(read_only, blocking, title = "Read a file")]
    fn read_file(
        &self,
        /// The file.
        path: String,
        /// How many lines to leave out first.
        #[arg(default = 0)]
        offset: u64,
        /// How many lines to read at most; all without this.
        limit: Option<u64>,
    ) -> Result<ToolResult, ToolError> {
        let real = self.roots.find(&path)?;
        let file = self.roots.open(&real)?;
        let bytes = reading::read(file, &real, Window { offset, limit })?;
        Ok(reading::for_model(bytes, &real))
    }

    /// Write a text file, in place of what was there.
    #[tool(
        blocking,
        destructive,
        idempotent,
        open_world = false,
        title = "Write a file"
    )]
    fn write_file(
        &self,
        /// The file; its folder must exist.
        path: String,
        /// The whole text.
        content: String,
    ) -> Result<String, ToolError> {
        let place = self.roots.write(&path, content.as_bytes())?;
        Ok(format!(
            "Wrote {} bytes to {}.",
            content.len(),
            place.display()
        ))
    }

    /// List what is in a folder.
    #[tool(read_only, blocking, title = "List a folder")]
    fn list_directory(
        &self,
        /// The folder.
        #[arg(default = ".")]
        path: String,
    ) -> Result<Json<Listing>, ToolError> {
        let folder = self.roots.find_folder(&path)?;
        let mut below = Walk::new(folder, 0).map(|step| Entry {
            name: step.name(),
            kind: step.kind.into(),
        });
        Ok(Json(Listing {
            entries: below.by_ref().take(MAX_ENTRIES).collect(),
            more: below.next().is_some(),
        }))
    }

    /// Show a folder and the folders in it as a tree.
    #[tool(read_only, blocking, title = "Show a tree")]
    fn directory_tree(
        &self,
        /// The folder.
        #[arg(default = ".")]
        path: String,
        /// How many levels to show, at most 16.
        #[arg(default = 3)]
        depth: usize,
    ) -> Result<String, ToolError> {
        if !(1..=MAX_DEPTH).contains(&depth) {
            return Err(ToolError::new(format!(
                "choose a depth from 1 to {MAX_DEPTH}"
            )));
        }
        let folder = self.roots.find_folder(&path)?;
        let mut tree = format!("{}/\n", folder.display());
        let mut walk = Walk::new(folder, depth - 1);
        for step in walk.by_ref().take(MAX_ENTRIES) {
            let indent = "  ".repeat(step.depth + 1);
            let slash = if step.kind.is_dir() { "/" } else { "" };
            tree.push_str(&format!("{indent}{}{slash}\n", step.name()));
        }
        if walk.next().is_some() {
            tree.push_str(&format!("(only the first {MAX_ENTRIES} are shown)\n"));
        }
        Ok(tree)
    }

    /// Find files whose name or whose text holds a piece of text. Case matters.
    #[tool(read_only, blocking, title = "Search files")]
    fn search_files(
        &self,
        /// The folder to search, with the folders in it.
        #[arg(default = ".")]
        path: String,
        /// The text to look for.
        pattern: String,
        /// Only files whose name fits this glob of `*` and `?`, such as `*.md`.
        names: Option<String>,
        progress: Progress,
        cancelled: Cancelled,
    ) -> Result<Json<Found>, ToolError> {
        if pattern.is_empty() {
            return Err(ToolError::new(
                "`pattern` is empty; give a text to look for",
            ));
        }
        let folder = self.roots.find_folder(&path)?;
        let search = Search {
            roots: &self.roots,
            pattern: &pattern,
            names: names.as_deref(),
        };
        Ok(Json(search.run(&folder, &progress, &cancelled)))
    }

    /// Tell the size, the kind and the age of a file or a folder.
    #[tool(read_only, blocking, title = "Describe a file")]
    fn get_file_info(
        &self,
        /// The file or the folder.
        path: String,
    ) -> Result<Json<Info>, ToolError> {
        let real = self.roots.find(&path)?;
        // The path is real, so its end is no link, unless one was put there just now.
        let metadata = fs::symlink_metadata(&real).map_err(Refused::system(&real))?;
        let modified = metadata.modified().ok();
        let age = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Ok(Json(Info {
            path: real.display().to_string(),
            kind: metadata.file_type().into(),
            bytes: metadata.len(),
            modified: age.map(|age| age.as_secs()),
            writable: !metadata.permissions().readonly(),
        }))
    }

    /// A file of the folders served.
    #[resource("file://{+path}", name = "file", title = "File", blocking)]
    fn resource(
        &self,
        /// The absolute path.
        path: String,
    ) -> Result<Contents, ResourceError> {
        // RFC 8089: the host is empty or `localhost`.
        let path = path.strip_prefix("localhost").unwrap_or(&path);
        if !Path::new(path).is_absolute() {
            return Err(ResourceError::NotFound);
        }
        let real = self.roots.find(path)?;
        let file = self.roots.open(&real)?;
        Ok(Contents {
            bytes: reading::read(file, &real, Window::default())?,
            mime: reading::mime(&real),
        })
    }
}

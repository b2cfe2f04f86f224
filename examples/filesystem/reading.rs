//! What is in a file: its text, or what else it may be.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use toolwright::handler::{Answering, IntoResource};
use toolwright::model::ReadResourceResult;
use toolwright::prelude::*;

use crate::refused::Refused;

/// The most bytes of one answer.
pub(crate) const MAX_READ: u64 = 1024 * 1024;

/// The lines asked for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Window {
    /// How many are left out first.
    pub(crate) offset: u64,
    /// How many at most; `None` for all.
    pub(crate) limit: Option<u64>,
}

/// Reads a window of a file.
pub(crate) fn read(file: File, path: &Path, window: Window) -> Result<Vec<u8>, Refused> {
    let system = || Refused::system(path);
    let mut reader = BufReader::new(file);
    for _ in 0..window.offset {
        if reader.skip_until(b'\n').map_err(system())? == 0 {
            break;
        }
    }
    let mut bounded = reader.take(MAX_READ + 1);
    let mut bytes = Vec::new();
    match window.limit {
        None => drop(bounded.read_to_end(&mut bytes).map_err(system())?),
        Some(lines) => {
            for _ in 0..lines {
                if bounded.read_until(b'\n', &mut bytes).map_err(system())? == 0 {
                    break;
                }
            }
        }
    }
    if bounded.limit() == 0 {
        return Err(Refused::Unfit(format!(
            "{} has more than {MAX_READ} bytes there, the limit of one read; ask for fewer lines \
             with `offset` and `limit`",
            path.display()
        )));
    }
    Ok(bytes)
}

/// The contents of a file as a resource: text if it is text, bytes otherwise.
pub(crate) struct Contents {
    pub(crate) bytes: Vec<u8>,
    pub(crate) mime: Option<&'static str>,
}

impl IntoResource for Contents {
    fn into_resource(self, at: &Answering<'_>) -> Result<ReadResourceResult, ResourceError> {
        let mut result = match String::from_utf8(self.bytes) {
            Ok(text) => text.into_resource(at)?,
            Err(error) => error.into_bytes().into_resource(at)?,
        };
        if let Some(mime) = self.mime {
            let contents = result.contents.into_iter();
            result.contents = contents.map(|part| part.with_mime_type(mime)).collect();
        }
        Ok(result)
    }
}

/// What a model gets to see of a file: text, a picture, or where to find the bytes.
pub(crate) fn for_model(bytes: Vec<u8>, path: &Path) -> ToolResult {
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return ToolResult::new().with(text),
        Err(error) => error.into_bytes(),
    };
    match mime(path) {
        Some(mime) if mime.starts_with("image/") => ToolResult::new().with(Image::new(bytes, mime)),
        _ => {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            ToolResult::new()
                .with(format!("{name} is not text; it can be read as a resource."))
                .with(ResourceLink::new(uri(path), name))
        }
    }
}

/// The media type that a file's name promises, for the few that models look at.
pub(crate) fn mime(path: &Path) -> Option<&'static str> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    Some(match extension.as_str() {
        "gif" => "image/gif",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "webp" => "image/webp",
        "json" => "application/json",
        "md" => "text/markdown",
        "txt" => "text/plain",
        _ => return None,
    })
}

/// The `file:` URI of an absolute path.
fn uri(path: &Path) -> String {
    let mut uri = String::from("file://");
    for byte in path.to_string_lossy().bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

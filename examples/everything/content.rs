//! Tools that show what a result can say.

use toolwright::model::ResourceContents;
use toolwright::prelude::*;

use crate::fixtures::{PNG, WAV};

/// Returns a line of text.
#[tool(read_only)]
pub(crate) fn test_simple_text() -> &'static str {
    "This is a simple text response for testing."
}

/// Returns a picture of one red pixel.
#[tool(read_only)]
pub(crate) fn test_image_content() -> Image {
    Image::png(PNG)
}

/// Returns a recording of silence.
#[tool(read_only)]
pub(crate) fn test_audio_content() -> Audio {
    Audio::wav(WAV)
}

/// Returns the contents of a resource.
#[tool(read_only)]
pub(crate) fn test_embedded_resource() -> ResourceContents {
    let text = "This is an embedded resource content.";
    ResourceContents::text("test://embedded-resource", text).with_mime_type("text/plain")
}

/// Returns text, a picture and a resource in one result.
#[tool(read_only)]
pub(crate) fn test_multiple_content_types() -> (&'static str, Image, ResourceContents) {
    let json = r#"{"test":"data","value":123}"#;
    (
        "Multiple content types test:",
        Image::png(PNG),
        ResourceContents::text("test://mixed-content-resource", json)
            .with_mime_type("application/json"),
    )
}

/// Always fails: the model reads why.
#[tool(read_only)]
pub(crate) fn test_error_handling() -> Result<String, ToolError> {
    Err(ToolError::new(
        "This tool intentionally returns an error for testing",
    ))
}

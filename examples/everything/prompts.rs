//! Prompts: with and without arguments, and with more than text.

use toolwright::model::{ContentBlock, PromptMessage, ResourceContents};
use toolwright::prelude::*;

use crate::fixtures::PNG;

/// A prompt without arguments.
#[prompt]
pub(crate) fn test_simple_prompt() -> &'static str {
    "This is a simple prompt for testing."
}

/// A prompt that repeats its two arguments.
#[prompt]
pub(crate) fn test_prompt_with_arguments(
    /// The first; values are proposed for it.
    #[arg(complete = openings)]
    arg1: String,
    /// The second.
    arg2: String,
) -> String {
    format!("Prompt with arguments: arg1='{arg1}', arg2='{arg2}'")
}

fn openings(prefix: &str) -> Vec<&'static str> {
    let known = ["tea", "test", "testimony", "toast"];
    known
        .into_iter()
        .filter(|word| word.starts_with(prefix))
        .collect()
}

/// A prompt that shows a resource.
#[prompt]
pub(crate) fn test_prompt_with_embedded_resource(
    /// The URI of the resource.
    #[arg(name = "resourceUri")]
    resource_uri: String,
) -> [PromptMessage; 2] {
    let text = "Embedded resource content for testing.";
    let resource = ResourceContents::text(resource_uri, text).with_mime_type("text/plain");
    [
        PromptMessage::user(ContentBlock::resource(resource)),
        PromptMessage::user("Please process the embedded resource above."),
    ]
}

/// A prompt that shows a picture.
#[prompt]
pub(crate) fn test_prompt_with_image() -> [PromptMessage; 2] {
    [
        PromptMessage::user(Image::png(PNG)),
        PromptMessage::user("Please describe the picture above."),
    ]
}

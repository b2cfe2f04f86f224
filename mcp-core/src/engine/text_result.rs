//! The most frequent result, written by hand: a `tools/call` that says a text.

use crate::json::write_string;
use crate::model::{CallToolResult, ContentBlock, TextContent};

/// Appends the JSON of `result` without its opening brace, when there is nothing in it but plain
/// texts and `isError`; false when there is more, and nothing was appended.
///
/// The same bytes as its `Serialize` writes: only the names of the members are not escaped anew.
pub(super) fn write_plain_texts(buffer: &mut Vec<u8>, result: &CallToolResult) -> bool {
    let more = result.structured_content.is_some()
        || result.meta.is_some()
        || result.result_type.is_some()
        || !result.extra.is_empty();
    if more || !result.content.iter().all(is_plain_text) {
        return false;
    }
    buffer.extend_from_slice(b"\"content\":[");
    for (index, block) in result.content.iter().enumerate() {
        let opening: &[u8] = match index {
            0 => b"{\"type\":\"text\",\"text\":",
            _ => b",{\"type\":\"text\",\"text\":",
        };
        buffer.extend_from_slice(opening);
        write_string(buffer, block.as_text().unwrap_or_default());
        buffer.push(b'}');
    }
    buffer.push(b']');
    match result.is_error {
        None => {}
        Some(true) => buffer.extend_from_slice(b",\"isError\":true"),
        Some(false) => buffer.extend_from_slice(b",\"isError\":false"),
    }
    buffer.push(b'}');
    true
}

fn is_plain_text(block: &ContentBlock) -> bool {
    matches!(
        block,
        ContentBlock::Text(TextContent {
            annotations: None,
            meta: None,
            extra,
            ..
        }) if extra.is_empty()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Meta, ResultType};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn by_hand_is_byte_for_byte_what_serialize_writes(
            texts in prop::collection::vec(any::<String>(), 0..4),
            is_error in prop::option::of(any::<bool>()),
        ) {
            let content = texts.iter().map(|text| ContentBlock::text(text.as_str())).collect();
            let mut result = CallToolResult::new(content);
            result.is_error = is_error;
            let mut buffer = b"{".to_vec();
            prop_assert!(write_plain_texts(&mut buffer, &result));
            let expected = serde_json::to_string(&result).unwrap();
            prop_assert_eq!(String::from_utf8(buffer).unwrap(), expected);
        }
    }

    #[test]
    fn anything_more_than_texts_is_left_to_serialize() {
        let image = CallToolResult::new(vec![ContentBlock::image("AA==", "image/png")]);
        let data = CallToolResult::structured(serde_json::json!({}));
        let [mut told, mut typed, mut more, mut other] =
            [(); 4].map(|()| CallToolResult::text("a"));
        told.meta = Some(Meta::new());
        typed.result_type = Some(ResultType::INPUT_REQUIRED);
        more.extra.insert("x".to_owned(), serde_json::json!(1));
        if let Some(ContentBlock::Text(text)) = other.content.first_mut() {
            text.extra.insert("x".to_owned(), serde_json::json!(1));
        }
        for result in [image, data, told, typed, more, other] {
            let mut buffer = Vec::new();
            assert!(!write_plain_texts(&mut buffer, &result));
            assert!(buffer.is_empty());
        }
    }
}

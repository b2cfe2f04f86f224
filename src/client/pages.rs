//! Lists over all their pages.

use mcp_core::model::JsonObject;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{CallError, Client};

/// Pages of one list that are followed; a server that goes on for longer goes on for ever.
const MAX_PAGES: usize = 10_000;

impl Client {
    /// Every entry of a list (PAG-A-01): a page follows as long as there is a cursor, and an
    /// empty cursor is one.
    pub(super) async fn all_pages<T: DeserializeOwned>(
        &self,
        method: &str,
        member: &str,
    ) -> Result<Vec<T>, CallError> {
        let mut entries = Vec::new();
        let mut cursor: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let params = match &cursor {
                Some(cursor) => json!({ "cursor": cursor }),
                None => Value::Null,
            };
            let mut page: JsonObject = self.request(method, params).await?;
            let listed = page.remove(member).unwrap_or_default();
            let mut listed: Vec<T> = serde_json::from_value(listed)
                .map_err(|error| CallError::Protocol(format!("`{member}`: {error}")))?;
            entries.append(&mut listed);
            match page.remove("nextCursor") {
                Some(Value::String(next)) if cursor.as_ref() == Some(&next) => {
                    let why = format!("{method} repeats the cursor {next:?}");
                    return Err(CallError::Protocol(why));
                }
                Some(Value::String(next)) => cursor = Some(next),
                _ => return Ok(entries),
            }
        }
        Err(CallError::Protocol(format!(
            "{method} has more than {MAX_PAGES} pages"
        )))
    }
}

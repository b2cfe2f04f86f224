//! What a peer sees of a session: how often each id was asked about, and answered.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

/// How often each id occurs.
#[derive(Debug, Default)]
pub struct Ids(BTreeMap<String, usize>);

/// The members of a message, none of which is looked into: it may be deeper than a `Value` can be.
type Members<'m> = BTreeMap<String, &'m RawValue>;

impl Ids {
    /// Notes every message in `line` that has an id and is a request, or no message at all: what
    /// may be answered.
    pub fn asked(&mut self, line: &[u8]) {
        let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        self.note(line, |message| {
            message.contains_key("method")
                || !(message.contains_key("result") || message.contains_key("error"))
        });
    }

    /// Notes every answer in `line`.
    pub fn answered(&mut self, line: &[u8]) {
        self.note(line, |message| !message.contains_key("method"));
    }

    fn note(&mut self, line: &[u8], counts: impl Fn(&Members<'_>) -> bool) {
        let batch = serde_json::from_slice::<Vec<&RawValue>>(line);
        let messages = batch.or_else(|_| serde_json::from_slice(line).map(|single| vec![single]));
        for message in messages.unwrap_or_default() {
            let Ok(members) = serde_json::from_str::<Members<'_>>(message.get()) else {
                continue;
            };
            let id = members.get("id").filter(|_| counts(&members));
            let id = id.and_then(|id| serde_json::from_str::<Value>(id.get()).ok());
            if let Some(id @ (Value::String(_) | Value::Number(_))) = id {
                *self.0.entry(id.to_string()).or_default() += 1;
            }
        }
    }

    /// # Panics
    ///
    /// When an id was answered more often than it was asked about.
    pub fn cover(&self, answered: &Self) {
        for (id, answers) in &answered.0 {
            let asked = self.0.get(id).copied().unwrap_or_default();
            assert!(
                *answers <= asked,
                "{answers} answers to {asked} requests with the id {id}"
            );
        }
    }
}

//! What a request is answered with, and how that becomes bytes for one revision.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use super::text_result::write_plain_texts;
use crate::jsonrpc::{ErrorObject, RequestId, encode};
use crate::model::{
    CallToolResult, CompleteResult, DiscoverResult, EmptyResult, GetPromptResult, Implementation,
    InputRequired, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
    ListToolsResult, Lower, Meta, ReadResourceResult, ResultType,
};
use crate::{Era, Revision};

/// How a request ends.
pub type Outcome = Result<Reply, ErrorObject>;

/// A result of the canonical model, or one that was encoded beforehand.
#[derive(Debug, Clone)]
pub enum Reply {
    /// The JSON of a result as [`ResultEncoder::render`] made it for the caller's revision.
    Rendered(Arc<str>),
    /// Of `tools/call`.
    CallTool(CallToolResult),
    /// Of `tools/list`.
    ListTools(ListToolsResult),
    /// Of `resources/list`.
    ListResources(ListResourcesResult),
    /// Of `resources/templates/list`.
    ListResourceTemplates(ListResourceTemplatesResult),
    /// Of `resources/read`.
    ReadResource(ReadResourceResult),
    /// Of `prompts/list`.
    ListPrompts(ListPromptsResult),
    /// Of `prompts/get`.
    GetPrompt(GetPromptResult),
    /// Of `completion/complete`.
    Complete(CompleteResult),
    /// Of requests whose result says nothing.
    Empty,
    /// Of `tools/call`, `prompts/get` and `resources/read`, to a modern client: it is asked first
    /// (MRTR-M-01).
    InputRequired(Box<InputRequired>),
}

/// A result that a modern peer gets with `resultType` and `serverInfo` spliced in.
pub trait ResultBody: Serialize + Lower {
    /// The result's `_meta`.
    fn meta_mut(&mut self) -> &mut Option<Meta>;
    /// The result's `resultType`, absent in what handlers return.
    fn result_type(&self) -> Option<&ResultType>;
}

macro_rules! result_body {
    ($($name:ident),+ $(,)?) => {$(
        impl ResultBody for $name {
            fn meta_mut(&mut self) -> &mut Option<Meta> {
                &mut self.meta
            }

            fn result_type(&self) -> Option<&ResultType> {
                self.result_type.as_ref()
            }
        }
    )+};
}

result_body!(
    CallToolResult,
    CompleteResult,
    DiscoverResult,
    EmptyResult,
    GetPromptResult,
    InputRequired,
    ListPromptsResult,
    ListResourceTemplatesResult,
    ListResourcesResult,
    ListToolsResult,
    ReadResourceResult,
);

/// Turns results into bytes: down to what a revision knows, and up to what a modern one demands
/// (RPC-M-07, META-M-07). Everything that does not depend on the result is encoded once.
#[derive(Debug)]
pub struct ResultEncoder {
    server_info: Value,
    /// `{"resultType":"complete","_meta":{…}` without its closing brace.
    prefix: String,
}

impl ResultEncoder {
    /// An encoder for results of the server `info`.
    pub fn new(info: &Implementation) -> Self {
        let server_info = json!(info);
        let meta = encode::text(&json!({ Meta::SERVER_INFO: server_info }));
        Self {
            prefix: format!("{{\"resultType\":\"complete\",\"_meta\":{meta}"),
            server_info,
        }
    }

    /// Appends the JSON of `result` as a peer of `revision` expects it.
    pub fn encode<R: ResultBody>(&self, buffer: &mut Vec<u8>, revision: Revision, mut result: R) {
        result.lower(revision);
        if revision.era() == Era::Legacy {
            encode::value(buffer, &result);
            return;
        }
        let start = buffer.len();
        if let Some(meta) = result.meta_mut() {
            if meta.get(Meta::SERVER_INFO).is_none() {
                meta.insert(Meta::SERVER_INFO, self.server_info.clone());
            }
            if result.result_type().is_none() {
                buffer.extend_from_slice(b"{\"resultType\":\"complete\"");
            }
        } else if result.result_type().is_none() {
            buffer.extend_from_slice(self.prefix.as_bytes());
        }
        let body = buffer.len();
        encode::value(buffer, &result);
        if body != start {
            join_objects(buffer, body);
        }
    }

    /// [`ResultEncoder::encode`], with a shorter way for results that are nothing but text.
    fn encode_call(&self, buffer: &mut Vec<u8>, revision: Revision, result: CallToolResult) {
        let start = buffer.len();
        match revision.era() {
            Era::Legacy => buffer.push(b'{'),
            Era::Modern => {
                buffer.extend_from_slice(self.prefix.as_bytes());
                buffer.push(b',');
            }
        }
        if !write_plain_texts(buffer, &result) {
            buffer.truncate(start);
            self.encode(buffer, revision, result);
        }
    }

    /// Appends the whole response to the request `id`.
    pub fn respond(
        &self,
        buffer: &mut Vec<u8>,
        id: &RequestId,
        revision: Revision,
        outcome: Outcome,
    ) {
        match outcome {
            Ok(reply) => {
                encode::begin_response(buffer, id);
                self.encode_reply(buffer, revision, reply);
                buffer.push(b'}');
            }
            Err(error) => encode::error(buffer, Some(id), &error),
        }
    }

    /// The JSON of `result` as a peer of `revision` expects it.
    pub fn render<R: ResultBody>(&self, revision: Revision, result: R) -> String {
        let mut buffer = Vec::new();
        self.encode(&mut buffer, revision, result);
        String::from_utf8(buffer).expect("JSON is UTF-8")
    }

    /// The JSON of `reply` as a peer of `revision` expects it.
    pub fn render_reply(&self, revision: Revision, reply: Reply) -> String {
        let mut buffer = Vec::new();
        self.encode_reply(&mut buffer, revision, reply);
        String::from_utf8(buffer).expect("JSON is UTF-8")
    }

    /// Appends the JSON of `reply`.
    pub fn encode_reply(&self, buffer: &mut Vec<u8>, revision: Revision, reply: Reply) {
        match reply {
            Reply::Rendered(json) => buffer.extend_from_slice(json.as_bytes()),
            Reply::CallTool(result) => self.encode_call(buffer, revision, result),
            Reply::ListTools(result) => self.encode(buffer, revision, result),
            Reply::ListResources(result) => self.encode(buffer, revision, result),
            Reply::ListResourceTemplates(result) => self.encode(buffer, revision, result),
            Reply::ReadResource(result) => self.encode(buffer, revision, result),
            Reply::ListPrompts(result) => self.encode(buffer, revision, result),
            Reply::GetPrompt(result) => self.encode(buffer, revision, result),
            Reply::Complete(result) => self.encode(buffer, revision, result),
            Reply::Empty => self.encode(buffer, revision, EmptyResult::default()),
            Reply::InputRequired(mut result) => {
                // It names its own type, so that there is nothing to splice `_meta` in with.
                result.meta.get_or_insert_default();
                result.result_type = Some(ResultType::INPUT_REQUIRED);
                self.encode(buffer, revision, *result);
            }
        }
    }
}

/// Makes one object of an unclosed one and the complete one that begins at `body`: its brace
/// becomes the comma between them, so that nothing is moved.
fn join_objects(buffer: &mut Vec<u8>, body: usize) {
    if buffer.get(body..) == Some(b"{}") {
        buffer.truncate(body);
        buffer.push(b'}');
    } else if let Some(brace) = buffer.get_mut(body) {
        *brace = b',';
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ContentBlock;

    #[test]
    fn the_shorter_way_of_texts_and_the_usual_one_say_the_same() {
        let encoder = ResultEncoder::new(&Implementation::new("tested", "1"));
        let mut told = CallToolResult::text("with");
        told.meta = Some(serde_json::from_value(json!({ "a": 1 })).expect("an object"));
        let results = [
            CallToolResult::text("text"),
            CallToolResult::error("failed"),
            CallToolResult::new(vec![ContentBlock::image("AA==", "image/png")]),
            CallToolResult::structured(json!({ "n": 1 })),
            told,
        ];
        for (result, revision) in results
            .iter()
            .flat_map(|result| Revision::ALL.map(|revision| (result, revision)))
        {
            let short = encoder.render_reply(revision, Reply::CallTool(result.clone()));
            let usual = encoder.render(revision, result.clone());
            let [short, usual] = [short, usual].map(|json| {
                serde_json::from_str::<Value>(&json).unwrap_or_else(|why| panic!("{why}: {json}"))
            });
            assert_eq!(short, usual, "{revision}");
            let is_modern = revision.era() == Era::Modern;
            let info = &short["_meta"][Meta::SERVER_INFO];
            assert_eq!(short["resultType"] == "complete", is_modern, "RPC-M-07");
            assert_eq!(info["name"] == "tested", is_modern, "META-M-07");
        }
    }
}

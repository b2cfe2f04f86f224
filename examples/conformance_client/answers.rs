//! What the client answers when a server asks.

use serde_json::Value;
use toolwright::client::Answers;
use toolwright::jsonrpc::ErrorObject;
use toolwright::model::legacy::{CreateMessageParams, CreateMessageResult, Root};
use toolwright::model::{ElicitParams, ElicitResult, FieldSchema, FormSchema, JsonObject};

/// Takes what forms propose and agrees to the rest.
pub(crate) struct Agreeable;

impl Answers for Agreeable {
    async fn elicit(&self, params: ElicitParams) -> Result<ElicitResult, ErrorObject> {
        let ElicitParams::Form(form) = params else {
            return Ok(ElicitResult::decline());
        };
        let content = filled_in(&form.requested_schema);
        match form.requested_schema.check(&content) {
            Ok(()) => Ok(ElicitResult::accept(Some(content))),
            Err(error) => Err(ErrorObject::invalid_params(error.to_string())),
        }
    }

    async fn sample(&self, _: CreateMessageParams) -> Result<CreateMessageResult, ErrorObject> {
        Ok(CreateMessageResult::text("none", "Yes."))
    }

    async fn roots(&self) -> Result<Vec<Root>, ErrorObject> {
        Ok(vec![Root::new("file:///srv")])
    }
}

/// Every default, and a yes to what proposes nothing.
fn filled_in(form: &FormSchema) -> JsonObject {
    let fields = form.properties.0.iter();
    let agreed = fields.filter(|(_, field)| matches!(field, FieldSchema::Boolean(_)));
    let mut content: JsonObject = agreed
        .map(|(name, _)| (name.clone(), Value::Bool(true)))
        .collect();
    content.extend(form.defaults());
    content
}

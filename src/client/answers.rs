//! What a client answers when a server asks: the same for servers of every revision.

use std::sync::Arc;

use mcp_core::jsonrpc::ErrorObject;
use mcp_core::model::legacy::{CreateMessageParams, CreateMessageResult, ListRootsResult, Root};
use mcp_core::model::{
    ElicitParams, ElicitResult, InputRequest, InputRequired, JsonObject, ResultType,
};
use mcp_transport::driver::{Answerer, Answering};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use super::calls::invalid;
use super::{CallError, Client};

/// Answers what servers ask, in the middle of a request of this client.
///
/// Every method refuses until it is written. What is not declared in
/// [`ClientConfig::capabilities`](super::ClientConfig) is never asked.
///
/// ```
/// use toolwright::client::Answers;
/// use toolwright::jsonrpc::ErrorObject;
/// use toolwright::model::{ElicitParams, ElicitResult};
///
/// struct Agreeable;
///
/// impl Answers for Agreeable {
///     async fn elicit(&self, _: ElicitParams) -> Result<ElicitResult, ErrorObject> {
///         Ok(ElicitResult::accept(None))
///     }
/// }
/// # let _ = Agreeable;
/// ```
pub trait Answers: Send + Sync + 'static {
    /// Asks the user, by a form or a URL (ELI-A-07).
    fn elicit(
        &self,
        params: ElicitParams,
    ) -> impl Future<Output = Result<ElicitResult, ErrorObject>> + Send {
        let _ = params;
        async { Err(ErrorObject::method_not_found("elicitation/create")) }
    }

    /// Asks the model (SMP-A-02).
    #[deprecated(
        note = "2026-07-28 deprecates sampling (SEP-2577), and a revision of 2027-07-28 or later may remove it; call a model yourself"
    )]
    fn sample(
        &self,
        params: CreateMessageParams,
    ) -> impl Future<Output = Result<CreateMessageResult, ErrorObject>> + Send {
        let _ = params;
        async { Err(ErrorObject::method_not_found("sampling/createMessage")) }
    }

    /// Lists the folders this client works in (ROOT-A-01).
    #[deprecated(
        note = "2026-07-28 deprecates roots (SEP-2577), and a revision of 2027-07-28 or later may remove them; take folders as arguments"
    )]
    fn roots(&self) -> impl Future<Output = Result<Vec<Root>, ErrorObject>> + Send {
        async { Err(ErrorObject::method_not_found("roots/list")) }
    }
}

/// [`Answers`] by the names of methods.
pub(super) struct Dispatched<A>(pub(super) Arc<A>);

impl<A: Answers> Answerer for Dispatched<A> {
    #[expect(deprecated, reason = "what a client declares has to work (SDK-02)")]
    fn answer(&self, method: &str, params: Option<&RawValue>) -> Answering {
        let answers = Arc::clone(&self.0);
        let method = method.to_owned();
        let params = params.map(ToOwned::to_owned);
        Box::pin(async move {
            let result = match method.as_str() {
                "elicitation/create" => json!(answers.elicit(parse(params)?).await?),
                "sampling/createMessage" => json!(answers.sample(parse(params)?).await?),
                "roots/list" => json!(ListRootsResult::new(answers.roots().await?)),
                _ => return Err(ErrorObject::method_not_found(&method)),
            };
            to_raw_value(&result).map_err(|error| ErrorObject::internal(error.to_string()))
        })
    }
}

fn parse<T: DeserializeOwned>(params: Option<Box<RawValue>>) -> Result<T, ErrorObject> {
    let json = params.as_deref().map_or("{}", RawValue::get);
    serde_json::from_str(json)
        .map_err(|error| ErrorObject::invalid_params(format!("Invalid params: {error}")))
}

impl Client {
    /// How often one request may ask: a server that asks for ever is left (fault 55).
    const MAX_ROUNDS: usize = 32;

    /// Sends a request, and sends it again with the answers for as long as the server asks first
    /// (MRTR-M-05). Returns the last answer, and how often the server asked.
    pub(super) async fn exchange_answering(
        &self,
        method: &str,
        params: JsonObject,
    ) -> Result<(Box<RawValue>, usize), CallError> {
        let Some(answerer) = &self.shared.answerer else {
            return Ok((self.exchange(method, params).await?, 0));
        };
        let mut next = params.clone();
        for round in 0..=Self::MAX_ROUNDS {
            let result = self.exchange(method, next).await?;
            let Some(required) = required(method, &result)? else {
                return Ok((result, round));
            };
            if round == Self::MAX_ROUNDS {
                break;
            }
            next = params.clone();
            next.extend(answers_to(&**answerer, required).await?);
        }
        let most = Self::MAX_ROUNDS;
        Err(CallError::Protocol(format!(
            "{method} asks more than {most} times"
        )))
    }
}

/// What a result asks, if it does. Only some methods may (MRTR-M-01).
fn required(method: &str, result: &RawValue) -> Result<Option<InputRequired>, CallError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Head {
        result_type: Option<ResultType>,
    }

    let may_ask = matches!(method, "tools/call" | "prompts/get" | "resources/read");
    let head: Head = serde_json::from_str(result.get()).map_err(invalid)?;
    match head.result_type {
        Some(kind) if may_ask && kind == ResultType::INPUT_REQUIRED => {
            serde_json::from_str(result.get())
                .map(Some)
                .map_err(invalid)
        }
        _ => Ok(None),
    }
}

/// What to send with the request when it is sent again (MRTR-M-05, MRTR-M-06).
async fn answers_to(
    answerer: &dyn Answerer,
    required: InputRequired,
) -> Result<JsonObject, CallError> {
    let mut members = JsonObject::new();
    if let Some(requests) = required.input_requests {
        let mut responses = JsonObject::new();
        for (key, request) in requests {
            let params = params_of(&request)?;
            let answer = answerer.answer(request.method(), params.as_deref()).await;
            let answer = match answer {
                Ok(answer) => serde_json::from_str(answer.get()).map_err(invalid)?,
                Err(error) => return Err(CallError::Unanswered { key, error }),
            };
            responses.insert(key, answer);
        }
        members.insert("inputResponses".to_owned(), Value::Object(responses));
    }
    if let Some(state) = required.request_state {
        members.insert("requestState".to_owned(), Value::String(state));
    }
    Ok(members)
}

/// The parameters of a question as they are written: the fields of a form keep their order.
fn params_of(request: &InputRequest) -> Result<Option<Box<RawValue>>, CallError> {
    #[derive(Deserialize)]
    struct Members {
        params: Option<Box<RawValue>>,
    }

    let json = serde_json::to_string(request).map_err(invalid)?;
    let members: Members = serde_json::from_str(&json).map_err(invalid)?;
    Ok(members.params)
}

//! What the client answers when a server asks.

use std::sync::{Arc, Mutex, PoisonError};

use toolwright::client::Answers;
use toolwright::jsonrpc::ErrorObject;
use toolwright::model::legacy::{CreateMessageParams, CreateMessageResult, Root};
use toolwright::model::{ElicitParams, ElicitResult};

/// Ada fills in forms as they propose, and her name; she works in one folder.
#[derive(Clone)]
pub(crate) struct Ada {
    root: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Ada {
    /// Ada, working in the folder at this URI.
    pub(crate) fn working_in(root: impl Into<String>) -> Self {
        Self {
            root: root.into(),
            asked: Arc::default(),
        }
    }

    /// The messages of all questions so far, and forgets them.
    pub(crate) fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(&self, question: &str) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.push(question.to_owned());
    }
}

impl Answers for Ada {
    async fn elicit(&self, params: ElicitParams) -> Result<ElicitResult, ErrorObject> {
        let form = match params {
            ElicitParams::Form(form) => form,
            ElicitParams::Url(url) => {
                self.note(&url.url);
                return Ok(ElicitResult::accept(None));
            }
        };
        self.note(&form.message);
        let mut content = form.requested_schema.defaults();
        content.insert("name".to_owned(), "Ada".into());
        match form.requested_schema.check(&content) {
            Ok(()) => Ok(ElicitResult::accept(Some(content))),
            Err(error) => Err(ErrorObject::invalid_params(error.to_string())),
        }
    }

    async fn sample(
        &self,
        params: CreateMessageParams,
    ) -> Result<CreateMessageResult, ErrorObject> {
        self.note(&format!("at most {} tokens", params.max_tokens));
        Ok(CreateMessageResult::text("none", "blue"))
    }

    async fn roots(&self) -> Result<Vec<Root>, ErrorObject> {
        self.note("roots");
        Ok(vec![Root::new(self.root.as_str())])
    }
}

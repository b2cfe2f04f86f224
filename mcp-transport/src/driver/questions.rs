//! What a server asks of its client, answered beside the client's loop.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use mcp_core::engine::ClientEngine;
use mcp_core::jsonrpc::{ErrorObject, RequestId};
use serde_json::value::RawValue;
use tokio::task::{AbortHandle, JoinSet};

/// The JSON of an answer to a question of the server, in the making.
pub type Answering = Pin<Box<dyn Future<Output = Result<Box<RawValue>, ErrorObject>> + Send>>;

/// Answers what a server asks of its client.
pub trait Answerer: Send + Sync + 'static {
    /// Answers `elicitation/create`, `sampling/createMessage` or `roots/list`. Dropped when the
    /// server no longer wants the answer.
    fn answer(&self, method: &str, params: Option<&RawValue>) -> Answering;
}

impl fmt::Debug for dyn Answerer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answerer")
    }
}

/// What the server asked and is not answered yet.
pub(super) struct Questions {
    answerer: Option<Arc<dyn Answerer>>,
    tasks: JoinSet<(RequestId, Result<Box<RawValue>, ErrorObject>)>,
    aborts: HashMap<RequestId, AbortHandle>,
}

impl Questions {
    pub(super) fn new(answerer: Option<Arc<dyn Answerer>>) -> Self {
        Self {
            answerer,
            tasks: JoinSet::new(),
            aborts: HashMap::new(),
        }
    }

    pub(super) fn begin(
        &mut self,
        engine: &mut ClientEngine,
        id: RequestId,
        method: &str,
        params: Option<&RawValue>,
    ) {
        let Some(answerer) = &self.answerer else {
            return engine.reply(&id, Err(ErrorObject::method_not_found(method)));
        };
        let answering = answerer.answer(method, params);
        let answered = id.clone();
        let task = self.tasks.spawn(async move { (answered, answering.await) });
        self.aborts.insert(id, task);
    }

    pub(super) fn withdraw(&mut self, id: &RequestId) {
        if let Some(task) = self.aborts.remove(id) {
            task.abort();
        }
    }

    /// Replies to what was answered, and says whether anything was.
    pub(super) fn turn(&mut self, cx: &mut Context<'_>, engine: &mut ClientEngine) -> bool {
        let mut turned = false;
        while let Poll::Ready(Some(ended)) = self.tasks.poll_join_next_with_id(cx) {
            turned = true;
            match ended {
                Ok((_, (id, outcome))) => {
                    self.aborts.remove(&id);
                    engine.reply(&id, outcome);
                }
                Err(error) => self.fail(engine, error.id()),
            }
        }
        turned
    }

    /// Answers a question whose task panicked; one that was stopped has no answer to give.
    fn fail(&mut self, engine: &mut ClientEngine, task: tokio::task::Id) {
        let of_task =
            |(id, handle): (&RequestId, &AbortHandle)| (handle.id() == task).then(|| id.clone());
        if let Some(id) = self.aborts.iter().find_map(of_task) {
            self.aborts.remove(&id);
            let error = ErrorObject::internal("Internal error: the question's handler panicked");
            engine.reply(&id, Err(error));
        }
    }
}

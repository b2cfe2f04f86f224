//! Running a round at most once, with a [`JournalStore`].

use std::sync::Arc;

use mcp_core::Revision;
use mcp_core::engine::{Outcome, Reply, ResultEncoder};
use mcp_core::jsonrpc::ErrorObject;

use super::{Begun, JournalStore, Round, RoundOutcome, StoreError};
use crate::context::Context;

/// Runs `handler` for the round that the request of `context` begins, unless it was begun before;
/// then answers as the first run did.
pub(crate) async fn once(
    context: &Context,
    encoder: &ResultEncoder,
    handler: impl Future<Output = Outcome> + Send,
) -> Outcome {
    let (desk, journals) = (context.desk(), context.journals());
    let Some(store) = journals.store().filter(|_| desk.has_state()) else {
        return handler.await;
    };
    let Some(round) = desk.round() else {
        return handler.await;
    };
    let begun = store.begin(round.clone(), journals.expiry()).await;
    if let Begun::Ended(outcome) = begun.map_err(|error| failed(&error))? {
        return match outcome {
            RoundOutcome::Answered(json) => Ok(Reply::Rendered(json.into())),
            RoundOutcome::Refused(error) => Err(error),
        };
    }
    let note = Note(Some((Arc::clone(store), round)));
    let outcome = handler.await;
    note.end(&outcome, encoder, context.revision()).await?;
    outcome
}

fn failed(error: &StoreError) -> ErrorObject {
    tracing::error!(%error, "the journal store failed");
    ErrorObject::internal("Internal error: it is not known whether this request ran before")
}

/// A round that was begun.
struct Note(Option<(Arc<dyn JournalStore>, Round)>);

impl Note {
    async fn end(
        mut self,
        outcome: &Outcome,
        encoder: &ResultEncoder,
        revision: Revision,
    ) -> Result<(), ErrorObject> {
        let Some((store, round)) = self.0.take() else {
            return Ok(());
        };
        let outcome = match outcome {
            Ok(reply) => RoundOutcome::Answered(encoder.render_reply(revision, reply.clone())),
            Err(error) => RoundOutcome::Refused(error.clone()),
        };
        let ended = store.end(round, outcome).await;
        ended.map_err(|error| failed(&error))
    }
}

/// A round that was interrupted has no outcome, and may have run its steps: it must not run again.
impl Drop for Note {
    fn drop(&mut self) {
        let Some((store, round)) = self.0.take() else {
            return;
        };
        let error = ErrorObject::internal(
            "Internal error: this request was interrupted when it ran before, and is not repeated",
        );
        let ended = store.end(round, RoundOutcome::Refused(error));
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = ended.await {
                    tracing::error!(%error, "the journal store failed");
                }
            });
        }
    }
}

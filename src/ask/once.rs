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
        return again(outcome);
    }
    let note = Note(Some((Arc::clone(store), round)));
    let outcome = context.settle(handler.await);
    note.end(outcome, encoder, context.revision()).await
}

/// What a request is answered with whose round ended like this.
fn again(outcome: RoundOutcome) -> Outcome {
    match outcome {
        RoundOutcome::Answered(json) => Ok(Reply::Rendered(json.into())),
        RoundOutcome::Refused(error) => Err(error),
    }
}

fn failed(error: &StoreError) -> ErrorObject {
    tracing::error!(%error, "the journal store failed");
    ErrorObject::internal("Internal error: it is not known whether this request ran before")
}

/// A round that was begun.
struct Note(Option<(Arc<dyn JournalStore>, Round)>);

impl Note {
    /// Notes how the round ended, and answers the first time with what later answers will be.
    async fn end(
        mut self,
        outcome: Outcome,
        encoder: &ResultEncoder,
        revision: Revision,
    ) -> Outcome {
        let Some((store, round)) = self.0.take() else {
            return outcome;
        };
        let ended = match outcome {
            Ok(reply) => RoundOutcome::Answered(encoder.render_reply(revision, reply)),
            Err(error) => RoundOutcome::Refused(error),
        };
        let noted = store.end(round, ended.clone()).await;
        noted.map_err(|error| failed(&error))?;
        again(ended)
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

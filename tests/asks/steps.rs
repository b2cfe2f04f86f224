//! Steps: run once, recorded, finished.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tokio::sync::Notify;
use tokio::time::Instant;
use toolwright::Limits;
use toolwright::ask::StepError;
use toolwright::handler::State;
use toolwright::prelude::*;

use crate::rig::{BOTH, Modern, Scripted, accepted, client, complete, required, said};
use crate::support::{Peer, cancel, modern_call};

#[form]
struct Yes {
    yes: bool,
}

/// What steps did.
pub(crate) struct Log {
    ran: Mutex<Vec<String>>,
    gate: Notify,
    started: Notify,
    /// When the test began.
    since: Instant,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            ran: Mutex::default(),
            gate: Notify::new(),
            started: Notify::new(),
            since: Instant::now(),
        }
    }
}

type Shared = State<Arc<Log>>;

impl Log {
    fn note(&self, what: impl Into<String>) {
        self.ran.lock().unwrap().push(what.into());
    }

    fn ran(&self) -> Vec<String> {
        self.ran.lock().unwrap().clone()
    }
}

#[tool]
async fn three_rounds(cx: Context, log: Shared) -> Result<String, ToolError> {
    let mut total = 0;
    for round in 1..=3_u32 {
        let step = format!("step{round}");
        total += cx
            .step(&step, async |_| {
                log.note(&step);
                Ok::<_, Infallible>(round)
            })
            .await?;
        cx.elicit::<Yes>(&format!("ask{round}"), "Go on?")
            .await?
            .accepted()?;
    }
    Ok(format!("{total}"))
}

/// A step beside a question: it ends before the round does.
#[tool]
async fn beside(cx: Context, log: Shared) -> Result<String, ToolError> {
    let (step, yes) = tokio::join!(
        cx.step("slow", async |_| {
            tokio::task::yield_now().await;
            log.note("slow");
            Ok::<_, Infallible>(7)
        }),
        cx.elicit::<Yes>("yes", "Yes?"),
    );
    Ok(format!("{} {}", step?, yes?.accepted()?.yes))
}

/// Shows the key of its step, which fails until the third time.
#[tool]
async fn stubborn(cx: Context, log: Shared) -> Result<String, ToolError> {
    cx.elicit::<Yes>("yes", "Yes?").await?.accepted()?;
    let value = cx
        .step("try", async |key| {
            log.note(&*key);
            match log.ran().len() {
                3 => Ok(key.to_string()),
                _ => Err("not yet"),
            }
        })
        .await?;
    Ok(value)
}

#[tool]
async fn gated(cx: Context, log: Shared) -> Result<String, ToolError> {
    cx.step("gated", async |_| {
        log.started.notify_one();
        log.gate.notified().await;
        log.note("finished");
        Ok::<_, Infallible>(())
    })
    .await?;
    cx.step("next", async |_| {
        log.note("must not run");
        Ok::<_, Infallible>(())
    })
    .await?;
    log.note("must not come here");
    Ok("done".to_owned())
}

/// Counts when its step is given up.
#[tool]
async fn stuck(cx: Context, log: Shared) -> Result<String, ToolError> {
    struct GivenUp(Arc<Log>);

    impl Drop for GivenUp {
        fn drop(&mut self) {
            self.0.note(format!("{:?}", self.0.since.elapsed()));
            self.0.started.notify_one();
        }
    }

    cx.step("stuck", async |_| {
        let _given_up = GivenUp(Arc::clone(&log));
        log.started.notify_one();
        std::future::pending::<Result<(), Infallible>>().await
    })
    .await?;
    Ok("never".to_owned())
}

#[tool]
async fn greedy(cx: Context) -> Result<String, ToolError> {
    let much = cx.step("much", async |_| Ok::<_, Infallible>("x".repeat(2000)));
    Ok(much.await?)
}

#[tool]
async fn ask_in_step(cx: Context) -> Result<String, ToolError> {
    let inner = cx.clone();
    let step = cx.step("outer", async |_| {
        inner.elicit::<Yes>("inner", "?").await.map(|_| ())
    });
    match step.await {
        Err(StepError::Failed(error)) => Ok(error.to_string()),
        other => Ok(format!("{other:?}")),
    }
}

fn server(log: &Arc<Log>) -> ServerHandle {
    Server::new("steps", "1.0.0")
        .state(Arc::clone(log))
        .limits(Limits {
            journal: 1000,
            ..Limits::default()
        })
        .tool::<(
            three_rounds,
            beside,
            stubborn,
            gated,
            stuck,
            greedy,
            ask_in_step,
        )>()
        .build()
        .unwrap()
}

#[tokio::test]
async fn three_rounds_run_every_step_once() {
    for revision in BOTH {
        let log = Arc::new(Log::default());
        let answers = Scripted::accepting(json!({ "yes": true }));
        let client = client(&server(&log), revision, answers).await;
        let result = client.call("three_rounds", json!({})).await.unwrap();
        assert_eq!(said(&result), ("6", false), "{revision}");
        assert_eq!(log.ran(), ["step1", "step2", "step3"], "{revision}");
    }
}

#[tokio::test]
async fn a_step_beside_a_question_ends_before_the_round_does() {
    for revision in BOTH {
        let log = Arc::new(Log::default());
        let answers = Scripted::accepting(json!({ "yes": true }));
        let client = client(&server(&log), revision, answers).await;
        let result = client.call("beside", json!({})).await.unwrap();
        assert_eq!(said(&result), ("7 true", false), "{revision}");
        assert_eq!(log.ran(), ["slow"], "{revision}");
    }
}

#[tokio::test]
async fn a_step_that_failed_is_not_recorded_and_keeps_its_key() {
    let log = Arc::new(Log::default());
    let mut client = Modern::connect(&server(&log));
    let (_, state) = required(&client.call("stubborn", json!({})).await);
    let retry = accepted(json!({ "yes": { "yes": true } }), &state);
    for _ in 0..2 {
        let answer = client.call("stubborn", retry.clone()).await;
        assert_eq!(answer["result"]["content"][0]["text"], "not yet");
    }
    let answer = client.call("stubborn", retry).await;
    let ran = log.ran();
    assert_eq!(complete(&answer), ran[0]);
    assert!(
        ran.iter().all(|key| *key == ran[0] && key.len() == 49),
        "{ran:?}"
    );
}

#[tokio::test]
async fn the_same_step_of_another_call_has_another_key() {
    let log = Arc::new(Log::default());
    let mut client = Modern::connect(&server(&log));
    for _ in 0..2 {
        let (_, state) = required(&client.call("stubborn", json!({})).await);
        let retry = accepted(json!({ "yes": { "yes": true } }), &state);
        client.call("stubborn", retry).await;
    }
    let ran = log.ran();
    assert_ne!(ran[0], ran[1]);
}

#[tokio::test]
async fn a_running_step_is_finished_although_its_request_is_cancelled() {
    let log = Arc::new(Log::default());
    let server = server(&log);
    let mut peer = Peer::connect(&server);
    peer.send(modern_call("gone", "gated", json!({}))).await;
    log.started.notified().await;
    peer.send(cancel("gone")).await;
    // Whatever answers next came after the cancellation.
    peer.ask(modern_call("next", "greedy", json!({}))).await;
    log.gate.notify_one();
    while log.ran().is_empty() {
        tokio::task::yield_now().await;
    }
    peer.hang_up().await;
    assert_eq!(log.ran(), ["finished"]);
}

#[tokio::test(start_paused = true)]
async fn a_step_that_is_not_finished_in_its_grace_is_given_up() {
    let log = Arc::new(Log::default());
    let mut peer = Peer::connect(&server(&log));
    peer.send(modern_call("gone", "stuck", json!({}))).await;
    log.started.notified().await;
    peer.send(cancel("gone")).await;
    log.started.notified().await;
    assert_eq!(log.ran(), ["30s"], "`Limits::step_grace`");
    peer.ask(modern_call("next", "greedy", json!({}))).await;
    peer.hang_up().await;
}

#[tokio::test]
async fn a_journal_that_grows_too_large_is_an_error_that_names_the_limit() {
    for revision in BOTH {
        let log = Arc::new(Log::default());
        let client = client(&server(&log), revision, Scripted::refusing("cancel")).await;
        let result = client.call("greedy", json!({})).await.unwrap();
        let (text, is_error) = said(&result);
        assert!(
            is_error && text.contains("1000 bytes (limit `journal`)"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_question_inside_of_a_step_is_refused() {
    for revision in BOTH {
        let log = Arc::new(Log::default());
        let client = client(&server(&log), revision, Scripted::refusing("cancel")).await;
        let result = client.call("ask_in_step", json!({})).await.unwrap();
        let (text, _) = said(&result);
        assert!(
            text.contains("`inner` was asked inside of a step"),
            "{text}"
        );
    }
}

//! What the tools of the simulated server do, and the book in which they note it.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use toolwright::handler::State;
use toolwright::prelude::*;

/// Which tools there are.
pub(crate) const TOOLS: [&str; 9] = [
    "quick", "slow", "tell", "fail", "fall", "polite", "deaf", "wish", "journey",
];

/// What the handlers did, whichever server they ran on.
#[derive(Debug, Default)]
pub(crate) struct Book(Mutex<Pages>);

#[derive(Debug, Default)]
pub(crate) struct Pages {
    /// The keys with which each step of each call was run.
    pub(crate) steps: BTreeMap<(u64, &'static str), Vec<String>>,
    /// Handlers that heard that they were cancelled.
    pub(crate) heard: u64,
    /// Handlers that panicked.
    pub(crate) fallen: u64,
}

impl Book {
    pub(crate) fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap()
    }
}

async fn pause(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

/// Answers at once.
#[tool]
pub(crate) fn quick(nonce: u64) -> String {
    format!("nonce {nonce}")
}

/// Answers after a while.
#[tool]
pub(crate) async fn slow(nonce: u64, millis: u64) -> String {
    pause(millis).await;
    format!("nonce {nonce}")
}

/// Says how far it is.
#[tool]
pub(crate) async fn tell(cx: Context, nonce: u64, millis: u64) -> String {
    for far in 0..5_u32 {
        let message = format!("nonce {nonce}");
        cx.progress(f64::from(far), Some(5.0), Some(&message));
        pause(millis / 5).await;
    }
    format!("nonce {nonce}")
}

/// Fails after a while.
#[tool]
pub(crate) async fn fail(nonce: u64, millis: u64) -> Result<String, String> {
    pause(millis).await;
    Err(format!("nonce {nonce}"))
}

/// Panics after a while.
#[tool]
pub(crate) async fn fall(book: State<Arc<Book>>, nonce: u64, millis: u64) -> String {
    pause(millis).await;
    book.pages().fallen += 1;
    // Not by `panic!`, whose hook would fill the screen.
    std::panic::resume_unwind(Box::new(format!("nonce {nonce}")))
}

/// Ends when it is told to.
#[tool]
pub(crate) async fn polite(cx: Context, book: State<Arc<Book>>, nonce: u64, millis: u64) -> String {
    let told = cx.cancelled();
    if tokio::time::timeout(Duration::from_millis(millis), told)
        .await
        .is_ok()
    {
        book.pages().heard += 1;
    }
    format!("nonce {nonce}")
}

/// Never ends.
#[tool]
pub(crate) async fn deaf() -> String {
    std::future::pending().await
}

#[form]
pub(crate) struct Reply {
    text: String,
}

/// Asks the user.
#[tool]
pub(crate) async fn wish(cx: Context, nonce: u64) -> Result<String, ToolError> {
    let said: Reply = cx
        .elicit("wish", format!("nonce {nonce}"))
        .await?
        .accepted()?;
    assert_eq!(
        said.text,
        format!("nonce {nonce}"),
        "somebody else's answer"
    );
    Ok(said.text)
}

/// Asks three times, with a step between each two.
#[tool]
pub(crate) async fn journey(
    cx: Context,
    book: State<Arc<Book>>,
    nonce: u64,
    millis: u64,
) -> Result<String, ToolError> {
    let ask = async |key: &str| -> Result<(), ToolError> {
        let said: Reply = cx.elicit(key, format!("nonce {nonce}")).await?.accepted()?;
        assert_eq!(
            said.text,
            format!("nonce {nonce}"),
            "somebody else's answer"
        );
        Ok(())
    };
    let run = async |name: &'static str| -> Result<(), ToolError> {
        let step = async |key: toolwright::ask::IdempotencyKey| {
            let key = key.to_string();
            book.pages()
                .steps
                .entry((nonce, name))
                .or_default()
                .push(key);
            pause(millis).await;
            Ok::<_, Infallible>(())
        };
        Ok(cx.step(name, step).await?)
    };
    ask("first").await?;
    run("out").await?;
    ask("second").await?;
    run("back").await?;
    ask("third").await?;
    Ok(format!("nonce {nonce}"))
}

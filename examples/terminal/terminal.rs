//! Answers from the person at a terminal.

use std::io::{BufRead, Write};

use tokio::sync::Mutex;
use toolwright::client::Answers;
use toolwright::jsonrpc::{ErrorCode, ErrorObject};
use toolwright::model::legacy::{CreateMessageParams, CreateMessageResult, SamplingBlock};
use toolwright::model::{ElicitParams, ElicitResult};

use crate::screen::{Gone, Screen};
use crate::{consent, form};

/// The code by which a client says that its user refused (SMP-L-04).
const REFUSED: ErrorCode = ErrorCode(-1);

/// Asks a person, one question after the other.
pub(crate) struct Terminal {
    server: String,
    screen: Mutex<Screen>,
}

impl Terminal {
    /// Asks on `output` what `server` asks, and reads the answers from `input`.
    pub(crate) fn new(
        server: impl Into<String>,
        input: impl BufRead + Send + 'static,
        output: impl Write + Send + 'static,
    ) -> Self {
        Self {
            server: server.into(),
            screen: Mutex::new(Screen::new(input, output)),
        }
    }

    async fn sampled(&self, params: &CreateMessageParams) -> Result<String, Gone> {
        let mut screen = self.screen.lock().await;
        screen.say(&format!("{} asks for a model's answer:", self.server))?;
        if let Some(system) = &params.system_prompt {
            screen.say(&format!("  system: {system}"))?;
        }
        for message in &params.messages {
            for block in message.content.blocks() {
                let text = match block {
                    SamplingBlock::Text(text) => text.text.as_str(),
                    _ => "(no text)",
                };
                screen.say(&format!("  {:?}: {text}", message.role))?;
            }
        }
        screen.ask("Type the answer, or nothing to refuse:").await
    }
}

impl Answers for Terminal {
    async fn elicit(&self, params: ElicitParams) -> Result<ElicitResult, ErrorObject> {
        let mut screen = self.screen.lock().await;
        let answer = match &params {
            ElicitParams::Form(asked) => form::fill(&mut screen, &self.server, asked).await,
            ElicitParams::Url(asked) => consent::ask(&mut screen, &self.server, asked).await,
        };
        Ok(answer.unwrap_or_else(|Gone| ElicitResult::cancel()))
    }

    async fn sample(
        &self,
        params: CreateMessageParams,
    ) -> Result<CreateMessageResult, ErrorObject> {
        match self.sampled(&params).await {
            Ok(text) if !text.is_empty() => Ok(CreateMessageResult::text("a person", text)),
            _ => Err(ErrorObject::new(REFUSED, "the user refused")),
        }
    }
}

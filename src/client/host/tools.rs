//! The tools of one server, and calling them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use mcp_core::model::{CallToolResult, Tool};
use serde_json::Value;

use super::member::Member;
use super::{Fingerprint, HostError, HostEventKind, OnRedefined, Resend};
use crate::client::{CallError, Client, lock};

/// What is known of a server's tools.
#[derive(Default)]
pub(super) struct Known {
    tools: Arc<Vec<Tool>>,
    /// Those that are not what they were, and that nobody accepted.
    refused: BTreeMap<String, Tool>,
}

impl Member {
    /// The tools, listed anew when they may have changed.
    pub(super) async fn tools(&self, client: &Client) -> Result<Arc<Vec<Tool>>, CallError> {
        let mut known = self.known.lock().await;
        if self.stale.swap(false, Ordering::SeqCst) {
            match client.tools().await {
                Ok(tools) => self.compare(&mut known, tools),
                Err(error) => {
                    self.stale.store(true, Ordering::SeqCst);
                    return Err(error);
                }
            }
        }
        Ok(Arc::clone(&known.tools))
    }

    /// Holds a list against the pins.
    fn compare(&self, known: &mut Known, tools: Vec<Tool>) {
        known.refused.clear();
        let mut pins = lock(&self.settings.pins);
        for tool in &tools {
            let is = Fingerprint::of(tool);
            match pins.get(&self.name, &tool.name) {
                Some(was) if *was == is => {}
                None => pins.pin(&self.name, tool),
                Some(was) => {
                    self.tell(HostEventKind::Redefined {
                        tool: tool.name.clone(),
                        was: Box::new(was.clone()),
                        is: Box::new(is),
                    });
                    match self.settings.on_redefined {
                        OnRedefined::Report => pins.pin(&self.name, tool),
                        OnRedefined::Refuse => {
                            known.refused.insert(tool.name.clone(), tool.clone());
                        }
                    }
                }
            }
        }
        known.tools = Arc::new(tools);
    }

    /// Pins a tool as it is now.
    pub(super) async fn accept(&self, tool: &str) {
        if let Some(tool) = self.known.lock().await.refused.remove(tool) {
            lock(&self.settings.pins).pin(&self.name, &tool);
        }
    }

    /// Calls a tool, on a new connection if need be. What was sent is sent again only when that
    /// does no harm: it may have run before the connection ended (STDIO-M-05).
    pub(super) async fn call(&self, tool: &str, args: &Value) -> Result<CallToolResult, HostError> {
        let client = self.client().await?;
        let may_repeat = match self.check(&client, tool).await {
            Ok(may_repeat) => may_repeat,
            // Nothing was called yet.
            Err(HostError::Call(error)) if is_end(&error) => return self.again(tool, args).await,
            Err(error) => return Err(error),
        };
        match client
            .with(self.settings.options.clone())
            .call(tool, args)
            .await
        {
            Err(error) if is_end(&error) && may_repeat => self.again(tool, args).await,
            outcome => Ok(outcome?),
        }
    }

    async fn again(&self, tool: &str, args: &Value) -> Result<CallToolResult, HostError> {
        let client = self.client().await?;
        self.check(&client, tool).await?;
        let client = client.with(self.settings.options.clone());
        Ok(client.call(tool, args).await?)
    }

    /// Whether the tool is what it was, and whether it may be called twice.
    async fn check(&self, client: &Client, tool: &str) -> Result<bool, HostError> {
        let tools = self.tools(client).await?;
        if self.known.lock().await.refused.contains_key(tool) {
            return Err(HostError::Redefined {
                server: self.name.clone(),
                tool: tool.to_owned(),
            });
        }
        let listed = tools.iter().find(|listed| listed.name == tool);
        let hints = listed.and_then(|tool| tool.annotations.as_ref());
        let harmless = hints.is_some_and(|hints| {
            hints.read_only_hint == Some(true) || hints.idempotent_hint == Some(true)
        });
        Ok(match self.settings.resend {
            Resend::Never => false,
            Resend::Idempotent => harmless,
            Resend::Always => true,
        })
    }
}

/// Whether the connection ended, or lost the answer, so that a new one may answer.
fn is_end(error: &CallError) -> bool {
    matches!(
        error,
        CallError::Closed | CallError::Lost(_) | CallError::Limit(_)
    )
}

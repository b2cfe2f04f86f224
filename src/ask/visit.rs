//! Sending a user to a page, where what must not pass through the client is entered (ELI-A-04).

use std::convert::Infallible;
use std::future::pending;

use mcp_core::Feature;
use mcp_core::engine::Elicitation;
use mcp_core::model::{
    ElicitAction, ElicitParams, ElicitResult, ElicitUrlParams, InputRequest, UrlElicitations,
};

use super::desk::Way;
use super::{AskError, Elicited};
use crate::context::Context;

/// A page that the user has to visit before a call makes sense; see [`Context::visit_first`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    key: String,
    message: String,
    url: String,
}

impl Visit {
    /// The question `key` of the call: to open `url`, for the reason that `message` gives.
    pub fn new(key: impl Into<String>, message: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            message: message.into(),
            url: url.into(),
        }
    }
}

impl Context {
    /// Asks the user to open a URL, where what must not pass through the client is entered
    /// (ELI-A-04). Accepted means that the user agreed, not that anything was done there
    /// (ELI-M-05).
    ///
    /// # Errors
    /// As [`Context::elicit`].
    pub async fn elicit_url(
        &self,
        key: &str,
        message: impl Into<String>,
        url: impl Into<String>,
    ) -> Result<Elicited<()>, AskError> {
        let request = self.visit_request(&Visit::new(key, message, url));
        let result: ElicitResult = self.ask(key, request).await?;
        Ok(result.action.into())
    }

    /// What the user does at the URL of the question `key`, for whoever learns that it is done:
    /// [`Elicitation::complete`] then tells the client of 2025-11-25, which may be waiting for that
    /// to send a request again (ELI-L-06). To every other it says nothing, as their revisions
    /// have it.
    pub fn elicitation(&self, key: &str) -> Elicitation {
        Elicitation::new(self.desk().elicitation_id(key), self.exchange())
    }

    /// Ends the call, because the user has to visit these pages first: to enter a secret, to link
    /// an account. The client sends the call again afterwards, and the handler looks once more
    /// whether all is there by now.
    ///
    /// A client of 2025-11-25 gets the error -32042 with the URLs (ELI-L-06); one of 2026-07-28 is
    /// asked to open them, and asked again for as long as the handler says so.
    ///
    /// # Errors
    /// Always, when it returns. [`AskError::VisitFirst`] is for the handler to pass on; the others
    /// are those of [`Context::elicit_url`], and that the user said no.
    pub async fn visit_first(
        &self,
        visits: impl IntoIterator<Item = Visit>,
    ) -> Result<Infallible, AskError> {
        let visits: Vec<Visit> = visits.into_iter().collect();
        let mut entries = Vec::with_capacity(visits.len());
        for visit in &visits {
            entries.push(self.enter(&visit.key).await?);
            self.check(&visit.key, &self.visit_request(visit))?;
        }
        let Way::Rounds(_) = self.desk().way() else {
            return Err(self.visits_required(visits));
        };
        for (entry, visit) in entries.iter().zip(&visits) {
            // That the user agreed is not that anything was done: the handler knows better.
            if let Some(json) = entry.unrecorded_answer() {
                let read = serde_json::from_str::<ElicitResult>(json.get());
                let result = read.map_err(|error| self.unfit(&visit.key, &error))?;
                Elicited::<()>::from(result.action).accepted()?;
            }
            entry.put(self.visit_request(visit));
        }
        pending().await
    }

    /// The refusal of a call until its user has been elsewhere.
    fn visits_required(&self, visits: Vec<Visit>) -> AskError {
        let urls = visits
            .iter()
            .map(|visit| self.visit_params(visit))
            .collect();
        let error = AskError::VisitFirst(UrlElicitations {
            elicitations: urls,
            ..UrlElicitations::default()
        });
        self.desk().note(&error);
        error
    }

    fn visit_request(&self, visit: &Visit) -> InputRequest {
        InputRequest::Elicit(Box::new(ElicitParams::Url(self.visit_params(visit))))
    }

    fn visit_params(&self, visit: &Visit) -> ElicitUrlParams {
        let mut params = ElicitUrlParams::new(&visit.message, &visit.url);
        self.name_elicitation(&visit.key, &mut params);
        params
    }

    /// Names the elicitation of a question where elicitations have names.
    pub(super) fn name_elicitation(&self, key: &str, params: &mut ElicitUrlParams) {
        if self.revision().has(Feature::ElicitationIds) {
            params.elicitation_id = Some(self.desk().elicitation_id(key));
        }
    }
}

impl From<ElicitAction> for Elicited<()> {
    fn from(action: ElicitAction) -> Self {
        match action {
            ElicitAction::Accept => Self::Accepted(()),
            ElicitAction::Decline => Self::Declined,
            ElicitAction::Cancel => Self::Dismissed,
        }
    }
}

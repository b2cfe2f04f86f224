//! The single resources that a legacy server was asked to tell of.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::{CallError, Client, lock};

/// What of a legacy connection's resources is wanted, and what the server was told of that. Several
/// subscriptions may want the same resource: the server is told by the first and by the last of them.
#[derive(Debug, Default)]
pub(super) struct Subscribed(Mutex<BTreeMap<String, Resource>>);

#[derive(Debug, Default)]
struct Resource {
    /// How many subscriptions want it.
    wanted: usize,
    /// Held by who tells the server, until it has answered: requests may overtake each other on their
    /// way, and an end that arrives after the next beginning would be the end of that.
    told: Arc<tokio::sync::Mutex<Told>>,
}

/// What the server knows.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Told {
    #[default]
    Nothing,
    /// It was asked, and there is no answer, or a failure.
    Perhaps,
    Wanted,
}

impl Subscribed {
    fn enter(&self, uri: &str) -> Arc<tokio::sync::Mutex<Told>> {
        let mut resources = lock(&self.0);
        let resource = resources.entry(uri.to_owned()).or_default();
        resource.wanted += 1;
        Arc::clone(&resource.told)
    }

    /// Returns what the server knows if nobody wants the resource any more.
    fn leave(&self, uri: &str) -> Option<Arc<tokio::sync::Mutex<Told>>> {
        let mut resources = lock(&self.0);
        let resource = resources.get_mut(uri)?;
        resource.wanted -= 1;
        (resource.wanted == 0).then(|| Arc::clone(&resource.told))
    }

    fn is_wanted(&self, uri: &str) -> bool {
        lock(&self.0)
            .get(uri)
            .is_some_and(|resource| resource.wanted > 0)
    }

    /// Keeps nothing of a resource that nobody wants.
    fn forget(&self, uri: &str) {
        let mut resources = lock(&self.0);
        if resources.get(uri).is_some_and(|one| one.wanted == 0) {
            resources.remove(uri);
        }
    }
}

/// The resources of one subscription, for as long as it lives.
#[derive(Debug)]
pub(super) struct Resources {
    client: Client,
    uris: Vec<String>,
}

impl Resources {
    pub(super) fn new(client: Client) -> Self {
        Self {
            client,
            uris: Vec::new(),
        }
    }

    pub(super) fn uris(&self) -> &[String] {
        &self.uris
    }

    /// Returns when the server tells of the resource.
    ///
    /// # Errors
    /// [`CallError`]: that the server will not, or did not answer.
    pub(super) async fn add(&mut self, uri: String) -> Result<(), CallError> {
        let told = self.client.shared.subscribed.enter(&uri);
        self.uris.push(uri.clone());
        let mut told = told.lock().await;
        if *told != Told::Wanted {
            *told = Told::Perhaps;
            ask(&self.client, "resources/subscribe", &uri).await?;
            *told = Told::Wanted;
        }
        Ok(())
    }

    /// An update may name what lies below the resource that was asked for (SUB-M-04).
    pub(super) fn include(&self, uri: &str) -> bool {
        self.uris.iter().any(|mine| uri.starts_with(mine.as_str()))
    }
}

impl Drop for Resources {
    fn drop(&mut self) {
        for uri in std::mem::take(&mut self.uris) {
            let Some(told) = self.client.shared.subscribed.leave(&uri) else {
                continue;
            };
            if self.client.is_closed() {
                continue;
            }
            if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                runtime.spawn(end(self.client.clone(), uri, told));
            }
        }
    }
}

/// Tells the server that nobody wants a resource any more, unless somebody does by now.
async fn end(client: Client, uri: String, told: Arc<tokio::sync::Mutex<Told>>) {
    let mut told = told.lock().await;
    if client.shared.subscribed.is_wanted(&uri) {
        return;
    }
    if *told != Told::Nothing {
        *told = Told::Perhaps;
        match ask(&client, "resources/unsubscribe", &uri).await {
            Ok(()) => *told = Told::Nothing,
            Err(error) => tracing::debug!(%error, uri, "unsubscribing failed"),
        }
    }
    client.shared.subscribed.forget(&uri);
}

async fn ask(client: &Client, method: &str, uri: &str) -> Result<(), CallError> {
    let _: Value = client.request(method, json!({ "uri": uri })).await?;
    Ok(())
}

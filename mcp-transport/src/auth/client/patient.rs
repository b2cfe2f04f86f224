//! A store that is not waited for for ever.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::store::{CredentialKey, CredentialStore, Loading, Storing};
use crate::auth::Secret;
use crate::http_client::BoxError;

/// A store that has failed when it takes longer than a login may. A keyring may ask its user to
/// unlock it, so it has as long as they have.
pub(super) struct Patient {
    store: Arc<dyn CredentialStore>,
    patience: Duration,
}

impl Patient {
    pub(super) fn new(store: Arc<dyn CredentialStore>, login_timeout: Duration) -> Self {
        Self {
            store,
            patience: login_timeout,
        }
    }

    async fn wait<T>(
        &self,
        answer: impl Future<Output = Result<T, BoxError>>,
    ) -> Result<T, BoxError> {
        let answered = tokio::time::timeout(self.patience, answer).await;
        answered.unwrap_or_else(|_| {
            let patience = self.patience;
            Err(format!("no answer within {patience:?} (limit `login_timeout`)").into())
        })
    }
}

impl CredentialStore for Patient {
    fn load<'a>(&'a self, key: &'a CredentialKey) -> Loading<'a> {
        Box::pin(self.wait(self.store.load(key)))
    }

    fn save<'a>(&'a self, key: &'a CredentialKey, credential: Secret<String>) -> Storing<'a> {
        Box::pin(self.wait(self.store.save(key, credential)))
    }

    fn remove<'a>(&'a self, key: &'a CredentialKey) -> Storing<'a> {
        Box::pin(self.wait(self.store.remove(key)))
    }
}

//! Where credentials are kept between runs (AUTH-C-05).

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::auth::Secret;
use crate::http_client::BoxError;

/// What a credential is for: the authorization server it is from, and the server it is shown to.
/// What is kept under one issuer is never used with another (fault 93).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct CredentialKey {
    /// The authorization server.
    pub issuer: String,
    /// The resource that tokens are for. `None` for who this client is to the authorization
    /// server.
    pub resource: Option<String>,
}

impl CredentialKey {
    /// The key of what is from `issuer`.
    pub fn new(issuer: impl Into<String>, resource: Option<String>) -> Self {
        Self {
            issuer: issuer.into(),
            resource,
        }
    }
}

/// As one text, for stores that know entries by a name.
impl fmt::Display for CredentialKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.issuer)?;
        match &self.resource {
            Some(resource) => write!(f, " {resource}"),
            None => Ok(()),
        }
    }
}

/// Keeps credentials: what a key names is one text, which nobody else may read.
///
/// A store that fails costs a login, nothing more: its errors are logged. So does one that does not
/// answer within [`Limits::login_timeout`](mcp_core::Limits::login_timeout).
pub trait CredentialStore: Send + Sync + 'static {
    /// What is kept under a key.
    ///
    /// # Errors
    /// Why it cannot be told whether there is something.
    fn load<'a>(&'a self, key: &'a CredentialKey) -> Loading<'a>;

    /// Keeps a credential, in place of what was under the key before.
    ///
    /// # Errors
    /// Why it is not kept.
    fn save<'a>(&'a self, key: &'a CredentialKey, credential: Secret<String>) -> Storing<'a>;

    /// Forgets what is kept under a key, if there is something.
    ///
    /// # Errors
    /// Why it may still be there.
    fn remove<'a>(&'a self, key: &'a CredentialKey) -> Storing<'a>;
}

/// A store that several share.
impl<S: CredentialStore + ?Sized> CredentialStore for Arc<S> {
    fn load<'a>(&'a self, key: &'a CredentialKey) -> Loading<'a> {
        (**self).load(key)
    }

    fn save<'a>(&'a self, key: &'a CredentialKey, credential: Secret<String>) -> Storing<'a> {
        (**self).save(key, credential)
    }

    fn remove<'a>(&'a self, key: &'a CredentialKey) -> Storing<'a> {
        (**self).remove(key)
    }
}

/// The future of [`CredentialStore::load`].
pub type Loading<'a> =
    Pin<Box<dyn Future<Output = Result<Option<Secret<String>>, BoxError>> + Send + 'a>>;

/// The future of [`CredentialStore::save`] and [`CredentialStore::remove`].
pub type Storing<'a> = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send + 'a>>;

/// Keeps credentials until the process ends.
#[derive(Default)]
pub struct MemoryStore(Mutex<HashMap<CredentialKey, Secret<String>>>);

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<CredentialKey, Secret<String>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CredentialStore for MemoryStore {
    fn load<'a>(&'a self, key: &'a CredentialKey) -> Loading<'a> {
        let found = self.entries().get(key).map(|kept| kept.expose().clone());
        Box::pin(async { Ok(found.map(Secret::new)) })
    }

    fn save<'a>(&'a self, key: &'a CredentialKey, credential: Secret<String>) -> Storing<'a> {
        self.entries().insert(key.clone(), credential);
        Box::pin(async { Ok(()) })
    }

    fn remove<'a>(&'a self, key: &'a CredentialKey) -> Storing<'a> {
        self.entries().remove(key);
        Box::pin(async { Ok(()) })
    }
}

/// Without the credentials.
impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("entries", &self.entries().len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn fault_93_what_is_kept_for_one_issuer_is_not_found_for_another() {
        let store = MemoryStore::new();
        let key = |issuer: &str| CredentialKey::new(issuer, Some("https://a.example".to_owned()));
        let one = key("https://as1.example");
        store.save(&one, "t0ken".into()).await.expect("kept");
        assert!(
            store
                .load(&key("https://as2.example"))
                .await
                .expect("told")
                .is_none()
        );
        let found = store.load(&one).await.expect("told").expect("kept");
        assert_eq!(found.expose(), "t0ken");
        assert!(!format!("{store:?}").contains("t0ken"));
        store.remove(&one).await.expect("forgotten");
        assert!(store.load(&one).await.expect("told").is_none());
    }
}

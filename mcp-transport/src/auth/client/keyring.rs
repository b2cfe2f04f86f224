//! Credentials in the keyring of the system.

use std::sync::Arc;
use std::thread;

use keyring_core::{CredentialStore as Keyring, Entry, Error};
use tokio::sync::oneshot;

use super::store::{CredentialKey, CredentialStore, Loading, Storing};
use crate::auth::Secret;
use crate::http_client::BoxError;

/// Keeps credentials in a keyring: that of the system, or any other for which there is a store of
/// the `keyring-core` ecosystem. Which one is the host's choice, and so are the crates it brings.
///
/// A keyring may ask its user to unlock it, so each question is put to it on a thread of its own;
/// nothing else waits meanwhile.
#[derive(Debug, Clone)]
pub struct KeyringStore {
    service: String,
    keyring: Arc<Keyring>,
}

impl KeyringStore {
    /// A store in this keyring. People who look into it find the credentials under `service`, the
    /// name of the program.
    pub fn new(service: impl Into<String>, keyring: Arc<Keyring>) -> Self {
        Self {
            service: service.into(),
            keyring,
        }
    }

    /// What `ask` says of the entry of a key.
    async fn ask<T: Send + 'static>(
        &self,
        key: &CredentialKey,
        ask: impl FnOnce(&Entry) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, BoxError> {
        let (answer, answered) = oneshot::channel();
        let (keyring, service) = (Arc::clone(&self.keyring), self.service.clone());
        let user = key.to_string();
        let question = move || {
            let entry = keyring.build(&service, &user, None);
            // Whoever asked may be gone by now.
            let _ = answer.send(entry.and_then(|entry| ask(&entry)));
        };
        thread::Builder::new()
            .name("keyring".to_owned())
            .spawn(question)?;
        // The error may hold what was kept, which its text does not show.
        answered.await?.map_err(|error| error.to_string().into())
    }
}

impl CredentialStore for KeyringStore {
    fn load<'a>(&'a self, key: &'a CredentialKey) -> Loading<'a> {
        Box::pin(self.ask(key, |entry| match entry.get_password() {
            Ok(kept) => Ok(Some(Secret::new(kept))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        }))
    }

    fn save<'a>(&'a self, key: &'a CredentialKey, credential: Secret<String>) -> Storing<'a> {
        Box::pin(self.ask(key, move |entry| entry.set_password(credential.expose())))
    }

    fn remove<'a>(&'a self, key: &'a CredentialKey) -> Storing<'a> {
        Box::pin(self.ask(key, |entry| match entry.delete_credential() {
            Err(Error::NoEntry) => Ok(()),
            other => other,
        }))
    }
}

#[cfg(test)]
mod tests {
    use keyring_core::mock;

    use super::*;

    fn key(issuer: &str) -> CredentialKey {
        CredentialKey::new(issuer, Some("https://a.example".to_owned()))
    }

    #[tokio::test]
    async fn what_is_kept_in_a_keyring_is_there_for_the_next_store_in_it() {
        let keyring: Arc<Keyring> = mock::Store::new().expect("a keyring");
        let store = KeyringStore::new("example", Arc::clone(&keyring));
        let here = key("https://as1.example");
        assert!(store.load(&here).await.expect("told").is_none());
        for value in ["first", "second"] {
            store.save(&here, value.into()).await.expect("kept");
            let next = KeyringStore::new("example", Arc::clone(&keyring));
            let found = next.load(&here).await.expect("told").expect("kept");
            assert_eq!(found.expose(), value);
        }
        let other_program = KeyringStore::new("other", keyring);
        assert!(other_program.load(&here).await.expect("told").is_none());
        store.remove(&here).await.expect("forgotten");
        store.remove(&here).await.expect("forgotten already");
        assert!(store.load(&here).await.expect("told").is_none());
    }

    #[tokio::test]
    async fn fault_93_a_keyring_keeps_apart_what_different_issuers_gave() {
        let store = KeyringStore::new("example", mock::Store::new().expect("a keyring"));
        let here = key("https://as1.example");
        store.save(&here, "t0ken".into()).await.expect("kept");
        let there = store.load(&key("https://as2.example")).await;
        assert!(there.expect("told").is_none());
    }

    #[tokio::test]
    async fn fault_95_an_error_of_a_keyring_does_not_show_what_was_kept() {
        let keyring: Arc<Keyring> = mock::Store::new().expect("a keyring");
        let here = key("https://as1.example");
        let entry = keyring.build("example", &here.to_string(), None);
        let broken = [b"t0ken".as_slice(), &[0xff]].concat();
        entry.expect("an entry").set_secret(&broken).expect("kept");
        let store = KeyringStore::new("example", keyring);
        let error = store.load(&here).await.expect_err("no text");
        assert_eq!(
            format!("{error:?}"),
            r#""Password data is not valid UTF-8""#
        );
        assert!(!format!("{store:?}").contains("t0ken"));
    }
}

//! Credentials as they are kept: JSON, in a store.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use mcp_core::engine::Scopes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::dpop::Prover;
use super::registration::Registration;
use super::sign::SigningKey;
use super::store::{CredentialKey, CredentialStore};
use super::token::{Life, Tokens, is_presentable};
use crate::auth::Secret;

#[derive(Serialize, Deserialize)]
struct StoredTokens {
    access: String,
    refresh: Option<String>,
    /// Seconds since 1970.
    ends: Option<u64>,
    scopes: String,
    key: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct StoredClient {
    client_id: String,
    secret: Option<String>,
    method: Option<String>,
    redirect_uris: Vec<String>,
}

/// The tokens under a key, if they are any.
pub(super) async fn load_tokens(
    store: &dyn CredentialStore,
    key: &CredentialKey,
) -> Option<Tokens> {
    let stored: StoredTokens = load(store, key).await?;
    let prover = match stored.key {
        Some(text) => {
            let key = SigningKey::from_pkcs8(BASE64URL.decode(text).ok()?);
            Some(Arc::new(Prover::new(key.ok()?)))
        }
        None => None,
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    is_presentable(&stored.access).then(|| Tokens {
        access: Arc::new(stored.access.into()),
        refresh: stored.refresh.map(|token| Arc::new(token.into())),
        life: stored
            .ends
            .map(|end| Life::of(Duration::from_secs(end.saturating_sub(now)))),
        asked: Scopes::parse(&stored.scopes),
        prover,
    })
}

pub(super) async fn save_tokens(store: &dyn CredentialStore, key: &CredentialKey, tokens: &Tokens) {
    let ends = tokens.life.and_then(|life| {
        let left = life.end.saturating_duration_since(Instant::now());
        let end = SystemTime::now() + left;
        Some(end.duration_since(UNIX_EPOCH).ok()?.as_secs())
    });
    let stored = StoredTokens {
        access: tokens.access.expose().clone(),
        refresh: tokens.refresh.as_ref().map(|token| token.expose().clone()),
        ends,
        scopes: tokens.asked.to_string(),
        key: tokens
            .prover
            .as_ref()
            .map(|prover| BASE64URL.encode(prover.key().pkcs8())),
    };
    save(store, key, &stored).await;
}

/// The client that was registered under a key before; for logins that come back to a place, if
/// that is given.
pub(super) async fn load_client(
    store: &dyn CredentialStore,
    key: &CredentialKey,
    redirect_uri: Option<&str>,
) -> Option<Registration> {
    let stored: StoredClient = load(store, key).await?;
    let knows = |place: &str| stored.redirect_uris.iter().any(|known| known == place);
    redirect_uri.is_none_or(knows).then(|| Registration {
        client_id: stored.client_id,
        issuer: Some(key.issuer.clone()),
        secret: stored.secret.map(|secret| Arc::new(secret.into())),
        key: None,
        method: stored.method,
        redirect_uris: stored.redirect_uris,
    })
}

pub(super) async fn save_client(
    store: &dyn CredentialStore,
    key: &CredentialKey,
    client: &Registration,
) {
    let stored = StoredClient {
        client_id: client.client_id.clone(),
        secret: client.secret.as_ref().map(|secret| secret.expose().clone()),
        method: client.method.clone(),
        redirect_uris: client.redirect_uris.clone(),
    };
    save(store, key, &stored).await;
}

pub(super) async fn remove(store: &dyn CredentialStore, key: &CredentialKey) {
    if let Err(error) = store.remove(key).await {
        tracing::warn!(issuer = key.issuer, %error, "a credential may still be kept");
    }
}

async fn load<T: DeserializeOwned>(store: &dyn CredentialStore, key: &CredentialKey) -> Option<T> {
    let kept = store.load(key).await.unwrap_or_else(|error| {
        tracing::warn!(issuer = key.issuer, %error, "no credential could be read");
        None
    });
    // What cannot be read is of another version, and as good as nothing. The error would show it.
    serde_json::from_str(kept?.expose()).ok()
}

async fn save<T: Serialize>(store: &dyn CredentialStore, key: &CredentialKey, stored: &T) {
    let json = serde_json::to_string(stored).expect("texts become JSON");
    if let Err(error) = store.save(key, Secret::new(json)).await {
        tracing::warn!(issuer = key.issuer, %error, "a credential is not kept");
    }
}

#[cfg(test)]
mod tests {
    use super::super::store::MemoryStore;
    use super::*;

    #[tokio::test]
    async fn tokens_come_back_with_their_key_and_what_is_left_of_their_life() {
        let store = MemoryStore::new();
        let key = CredentialKey::new("https://as.example", Some("https://a.example".to_owned()));
        let prover = Arc::new(Prover::new(SigningKey::generate().expect("a key")));
        let tokens = Tokens {
            access: Arc::new("t0ken".into()),
            refresh: Some(Arc::new("refr3sh".into())),
            life: Some(Life::of(Duration::from_secs(3600))),
            asked: Scopes::parse("a b"),
            prover: Some(Arc::clone(&prover)),
        };
        save_tokens(&store, &key, &tokens).await;
        let read = load_tokens(&store, &key).await.expect("kept");
        assert_eq!(read.access.expose(), "t0ken");
        assert_eq!(read.refresh.as_ref().expect("kept").expose(), "refr3sh");
        assert_eq!(read.asked, tokens.asked);
        assert_eq!(
            read.prover.as_ref().expect("kept").thumbprint(),
            prover.thumbprint()
        );
        let left = read.life.expect("kept").end - Instant::now();
        assert!((3590..=3600).contains(&left.as_secs()), "{left:?}");
    }

    #[tokio::test]
    async fn a_client_comes_back_only_for_logins_to_the_same_place() {
        let store = MemoryStore::new();
        let key = CredentialKey::new("https://as.example", None);
        let mut client = Registration::new("id").secret("s3cr3t");
        client.redirect_uris = vec!["http://127.0.0.1:7/callback".to_owned()];
        save_client(&store, &key, &client).await;
        let again = load_client(&store, &key, Some("http://127.0.0.1:7/callback")).await;
        let again = again.expect("kept");
        assert_eq!(again.client_id, "id");
        assert_eq!(again.issuer.as_deref(), Some("https://as.example"));
        let else_where = load_client(&store, &key, Some("http://127.0.0.1:8/callback")).await;
        assert!(else_where.is_none());
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_as_good_as_nothing() {
        let store = MemoryStore::new();
        let key = CredentialKey::new("https://as.example", None);
        for bad in ["", "{}", "not json", r#"{"access":"a\nb","scopes":""}"#] {
            store.save(&key, bad.into()).await.expect("kept");
            assert!(load_tokens(&store, &key).await.is_none(), "{bad}");
        }
    }
}

//! An issuer of tokens: found, read, and its keys kept until they change.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::Uri;
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

use super::token::Unverified;
use crate::auth::Fetcher;
use crate::auth::jwk::{Algorithm, Jwk, JwkSet};
use crate::auth::metadata::{AuthorizationServer, issuer_metadata_urls};

/// After how long the keys are read again, so that one that was withdrawn does not count for
/// ever.
const FRESH: Duration = Duration::from_secs(600);
/// How often, at most, a key that nobody knows makes them be read again: whoever invents keys
/// must not make this server flood the issuer.
const UNKNOWN_KEY: Duration = Duration::from_secs(30);
/// How long to wait after the issuer could not be read.
const FAILED: Duration = Duration::from_secs(5);

/// An issuer of tokens.
pub(super) struct Issuer {
    pub(super) name: String,
    url: Uri,
    known: Mutex<Known>,
    /// Held by who reads it, so that everybody else waits for the same answer.
    reading: Arc<tokio::sync::Mutex<()>>,
}

/// What an issuer says of itself, and its keys.
#[derive(Debug)]
pub(super) struct Description {
    pub(super) metadata: AuthorizationServer,
    keys: Vec<Jwk>,
}

#[derive(Debug, Default)]
struct Known {
    description: Option<Arc<Description>>,
    read_at: Option<Instant>,
    failed_at: Option<Instant>,
    /// When an unknown key made it be read again.
    rotated_at: Option<Instant>,
}

impl Issuer {
    pub(super) fn new(name: String, url: Uri) -> Self {
        Self {
            name,
            url,
            known: Mutex::default(),
            reading: Arc::default(),
        }
    }

    /// What it says of itself, read when that is due. What is known stays known while it cannot be
    /// read.
    ///
    /// # Errors
    /// [`Unverified::Unavailable`].
    pub(super) async fn description(
        self: &Arc<Self>,
        fetcher: &Fetcher,
    ) -> Result<Arc<Description>, Unverified> {
        if !self.known().is_recent(Instant::now()) {
            let reading = Arc::clone(&self.reading).lock_owned().await;
            // Somebody else may have read it meanwhile.
            if !self.known().is_recent(Instant::now()) {
                self.refresh(fetcher, reading).await;
            }
        }
        self.current()
    }

    /// The description after the one that lacked a key, if there may be one by now.
    async fn after(
        self: &Arc<Self>,
        lacking: &Arc<Description>,
        fetcher: &Fetcher,
    ) -> Result<Arc<Description>, Unverified> {
        let reading = Arc::clone(&self.reading).lock_owned().await;
        let current = self.current()?;
        if Arc::ptr_eq(&current, lacking) && self.known().may_rotate(Instant::now()) {
            self.refresh(fetcher, reading).await;
        }
        self.current()
    }

    fn current(&self) -> Result<Arc<Description>, Unverified> {
        let description = self.known().description.clone();
        description.ok_or_else(|| {
            Unverified::Unavailable(format!("the issuer {} could not be read", self.name))
        })
    }

    /// Reads it in a task of its own: whoever made that necessary and hung up must not take it
    /// away from everybody else.
    async fn refresh(self: &Arc<Self>, fetcher: &Fetcher, reading: OwnedMutexGuard<()>) {
        let (issuer, fetcher) = (Arc::clone(self), fetcher.clone());
        let task = tokio::spawn(async move {
            let read = issuer.read(&fetcher).await;
            issuer.note(read);
            drop(reading);
        });
        if let Err(error) = task.await {
            tracing::error!(%error, "reading an issuer ended early");
        }
    }

    fn note(&self, read: Result<Description, String>) {
        let mut known = self.known();
        match read {
            Ok(description) => {
                known.description = Some(Arc::new(description));
                known.read_at = Some(Instant::now());
                known.failed_at = None;
            }
            Err(why) => {
                tracing::warn!(
                    issuer = self.name,
                    why,
                    "an issuer of tokens cannot be read"
                );
                known.failed_at = Some(Instant::now());
            }
        }
    }

    /// Finds its metadata (AUTH-C-03), and reads its keys.
    async fn read(&self, fetcher: &Fetcher) -> Result<Description, String> {
        let mut why = String::new();
        for url in issuer_metadata_urls(&self.url) {
            let metadata: AuthorizationServer = match fetcher.get(&url).await {
                Ok(metadata) => metadata,
                Err(error) => {
                    why = format!("{url}: {error}");
                    continue;
                }
            };
            if metadata.issuer != self.name {
                return Err(format!("{url} is of another issuer: {:?}", metadata.issuer));
            }
            let keys = match &metadata.jwks_uri {
                None => Vec::new(),
                Some(url) => {
                    let keys: Result<JwkSet, _> = fetcher.get(url).await;
                    keys.map_err(|error| format!("{url}: {error}"))?.0
                }
            };
            return Ok(Description { metadata, keys });
        }
        Err(why)
    }

    /// The keys that may have made a signature of this algorithm. Without a name, all that fit.
    ///
    /// # Errors
    /// [`Unverified::Invalid`] when there is none of this name, not even now.
    pub(super) async fn keys(
        self: &Arc<Self>,
        fetcher: &Fetcher,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Vec<Jwk>, Unverified> {
        let mut description = self.description(fetcher).await?;
        let mut keys = description.keys_for(kid, algorithm);
        if keys.is_empty() {
            description = self.after(&description, fetcher).await?;
            keys = description.keys_for(kid, algorithm);
        }
        match keys.is_empty() {
            true => Err(Unverified::invalid(
                "the token is signed with an unknown key",
            )),
            false => Ok(keys),
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Whether it need not be read again yet, or should not.
    fn is_recent(&self, now: Instant) -> bool {
        let recently = |at: Option<Instant>, time| at.is_some_and(|at| now < at + time);
        recently(self.read_at, FRESH) || recently(self.failed_at, FAILED)
    }

    /// Whether a key that is not known may make it be read again; that it does is noted.
    fn may_rotate(&mut self, now: Instant) -> bool {
        let may = self.rotated_at.is_none_or(|at| now >= at + UNKNOWN_KEY);
        if may {
            self.rotated_at = Some(now);
        }
        may
    }
}

impl Description {
    fn keys_for(&self, kid: Option<&str>, algorithm: Algorithm) -> Vec<Jwk> {
        /// Without a name, no more keys than this are tried.
        const MOST: usize = 4;
        let named = |key: &&Jwk| kid.is_none_or(|kid| key.kid.as_deref() == Some(kid));
        let keys = self.keys.iter().filter(named);
        let fitting = keys.filter(|key| key.is_for(algorithm));
        fitting.take(MOST).cloned().collect()
    }
}

#[cfg(test)]
mod tests;

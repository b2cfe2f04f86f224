//! Fail the Nth: every look into the store of credentials and every exchange on the way to a token
//! fails once, in every way. Every request ends, nothing is left behind, and the next run is served.

#[cfg(feature = "keyring")]
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use mcp_core::Revision;
use mcp_core::engine::{CallError, ClientConfig};
use mcp_transport::auth::Secret;
use mcp_transport::auth::client::{
    CredentialKey, CredentialStore, Loading, MemoryStore, OAuth, Storing,
};
use mcp_transport::driver::ClientHandle;
use mcp_transport::http_client::{
    Endpoint, Exchanging, HttpClient, HttpError, KnownServers, ReceivedBody, connect,
};
use tokio::runtime::{Builder, Handle};

use super::web::{SERVER, Web, list};

/// How an operation fails.
#[derive(Debug, Clone, Copy)]
enum How {
    /// By an error.
    Error,
    /// It never ends.
    Stuck,
    /// Something answers that is not who should.
    Nonsense,
}

/// The operations of a run, and the one that fails.
#[derive(Debug)]
struct Points {
    seen: AtomicUsize,
    nth: usize,
    how: How,
}

impl Points {
    fn new(nth: usize, how: How) -> Arc<Self> {
        let seen = AtomicUsize::new(0);
        Arc::new(Self { seen, nth, how })
    }

    /// Counts an operation; how it fails, if it does.
    fn pass(&self) -> Option<How> {
        let number = self.seen.fetch_add(1, Ordering::Relaxed) + 1;
        (number == self.nth).then_some(self.how)
    }

    fn has_failed(&self) -> bool {
        (1..=self.seen.load(Ordering::Relaxed)).contains(&self.nth)
    }
}

/// A store whose operations may fail.
struct FailingStore<S> {
    inner: Arc<S>,
    points: Arc<Points>,
}

impl<S: CredentialStore> CredentialStore for FailingStore<S> {
    fn load<'a>(&'a self, key: &'a CredentialKey) -> Loading<'a> {
        match self.points.pass() {
            Some(How::Error) => Box::pin(async { Err("locked".into()) }),
            Some(How::Stuck) => Box::pin(std::future::pending()),
            Some(How::Nonsense) => Box::pin(async { Ok(Some("{]".into())) }),
            None => self.inner.load(key),
        }
    }

    fn save<'a>(&'a self, key: &'a CredentialKey, credential: Secret<String>) -> Storing<'a> {
        match self.points.pass() {
            Some(How::Error) => Box::pin(async { Err("full".into()) }),
            Some(How::Stuck) => Box::pin(std::future::pending()),
            Some(How::Nonsense) => self.inner.save(key, "{]".into()),
            None => self.inner.save(key, credential),
        }
    }

    fn remove<'a>(&'a self, key: &'a CredentialKey) -> Storing<'a> {
        match self.points.pass() {
            Some(How::Error | How::Nonsense) => Box::pin(async { Err("locked".into()) }),
            Some(How::Stuck) => Box::pin(std::future::pending()),
            None => self.inner.remove(key),
        }
    }
}

/// A web whose exchanges may fail.
#[derive(Clone)]
struct FailingWeb {
    inner: Web,
    points: Arc<Points>,
}

impl HttpClient for FailingWeb {
    fn exchange(&self, request: Request<Bytes>) -> Exchanging {
        match self.points.pass() {
            Some(How::Error) => {
                let error = HttpError::unreachable(request.uri(), "nobody is there");
                Box::pin(async { Err(error) })
            }
            Some(How::Stuck) => Box::pin(std::future::pending()),
            Some(How::Nonsense) => Box::pin(async {
                let mut answer = Response::new(ReceivedBody::whole("<p>Welcome to the hotel"));
                *answer.status_mut() = StatusCode::OK;
                let html = "text/html".parse().unwrap();
                answer.headers_mut().insert("content-type", html);
                Ok(answer)
            }),
            None => self.inner.exchange(request),
        }
    }
}

/// What may fail: what the store does, or what the web does.
struct World {
    web: Web,
    store: Arc<MemoryStore>,
    of_store: Arc<Points>,
    of_web: Arc<Points>,
}

impl World {
    async fn connect(&self) -> Result<ClientHandle, CallError> {
        let way = FailingWeb {
            inner: self.web.clone(),
            points: Arc::clone(&self.of_web),
        };
        let store = FailingStore {
            inner: Arc::clone(&self.store),
            points: Arc::clone(&self.of_store),
        };
        let oauth = self.web.login().http_client(way.clone()).store(store);
        dial(way, &oauth.build()).await
    }

    /// Logs in, outlives a token, loses one, and comes back in another run.
    async fn session(&self) -> Result<(), CallError> {
        let client = self.connect().await?;
        let mut outcomes = vec![list(&client).await];
        tokio::time::advance(Duration::from_secs(3590)).await;
        outcomes.push(list(&client).await);
        self.web.state().tokens.clear();
        outcomes.push(list(&client).await);
        drop(client);
        outcomes.push(list(&self.connect().await?).await);
        outcomes.into_iter().collect()
    }
}

async fn dial(web: impl HttpClient, oauth: &OAuth) -> Result<ClientHandle, CallError> {
    let revision = Revision::from_wire("2026-07-28").unwrap();
    let config = ClientConfig::new("test", "1").pin(revision);
    let endpoint = Endpoint::new(SERVER).unwrap().known(KnownServers::new());
    let endpoint = endpoint
        .client(Arc::new(web))
        .authorize(Arc::new(oauth.clone()));
    connect(endpoint, config, Box::new(|_| {}), None).await
}

/// One run, on a runtime of its own, which has no task left in the end.
fn run(of_store: &Arc<Points>, of_web: &Arc<Points>) {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let world = World {
            web: Web::default(),
            store: Arc::new(MemoryStore::new()),
            of_store: Arc::clone(of_store),
            of_web: Arc::clone(of_web),
        };
        let day = Duration::from_secs(24 * 60 * 60);
        let outcome = tokio::time::timeout(day, world.session()).await;
        let outcome = outcome.unwrap_or_else(|_| panic!("hangs: {of_store:?} {of_web:?}"));
        if let Err(error) = &outcome {
            let failed = of_store.has_failed() || of_web.has_failed();
            assert!(failed, "{error}");
        }
        // The next run knows what was kept, and nothing fails.
        let oauth = world.web.login().store(Arc::clone(&world.store)).build();
        let client = dial(world.web.clone(), &oauth).await.unwrap();
        let served = list(&client).await;
        served.unwrap_or_else(|error| panic!("{error} after {of_store:?} {of_web:?}"));
        drop((client, oauth));
        tokio::time::sleep(day).await;
        let left = Handle::current().metrics().num_alive_tasks();
        assert_eq!(left, 0, "tasks are left: {of_store:?} {of_web:?}");
    });
}

/// Runs that fail, for each operation and each way.
fn fail_each(what: &str, run: impl Fn(&Arc<Points>)) -> usize {
    let sound = Points::new(0, How::Error);
    run(&sound);
    let operations = sound.seen.load(Ordering::Relaxed);
    for how in [How::Error, How::Stuck, How::Nonsense] {
        (1..=operations).for_each(|nth| run(&Points::new(nth, how)));
    }
    println!("{what}: {operations} operations, each failed in three ways");
    operations
}

#[test]
fn whatever_fails_in_a_credential_store_ends_and_the_next_run_is_served() {
    let sound = Points::new(0, How::Error);
    let operations = fail_each("credential store", |points| run(points, &sound));
    assert!(operations >= 8, "{operations}");
}

#[test]
fn whatever_fails_on_the_way_to_a_token_ends_and_the_next_run_is_served() {
    let sound = Points::new(0, How::Error);
    let operations = fail_each("web", |points| run(&sound, points));
    assert!(operations >= 15, "{operations}");
}

/// A keyring of the system that cannot be looked into now and then.
#[cfg(feature = "keyring")]
#[derive(Debug)]
struct FailingKeyring {
    inner: Arc<keyring_core::CredentialStore>,
    points: Arc<Points>,
}

#[cfg(feature = "keyring")]
impl keyring_core::api::CredentialStoreApi for FailingKeyring {
    fn vendor(&self) -> String {
        self.inner.vendor()
    }

    fn id(&self) -> String {
        self.inner.id()
    }

    fn build(
        &self,
        service: &str,
        user: &str,
        modifiers: Option<&HashMap<&str, &str>>,
    ) -> keyring_core::Result<keyring_core::Entry> {
        match self.points.pass() {
            Some(_) => Err(keyring_core::Error::NoStorageAccess("locked".into())),
            None => self.inner.build(service, user, modifiers),
        }
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

/// In real time: a keyring is asked on a thread of its own, for which a paused clock does not wait.
#[cfg(feature = "keyring")]
#[test]
fn whatever_fails_in_a_keyring_costs_a_login_at_most() {
    use mcp_transport::auth::client::KeyringStore;

    let operations = fail_each("keyring", |points| {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let web = Web::default();
            let keyring = Arc::new(FailingKeyring {
                inner: keyring_core::mock::Store::new().unwrap(),
                points: Arc::clone(points),
            });
            for _ in 0..3 {
                let store = KeyringStore::new("test", Arc::clone(&keyring) as _);
                let client = web.connect(&web.login().store(store).build()).await;
                list(&client).await.unwrap();
                web.state().tokens.clear();
                list(&client).await.unwrap();
            }
        });
    });
    assert!(operations >= 9, "{operations}");
}

//! Paths beside the endpoint, at which a supervisor sees that the server lives and a load balancer
//! whether to send it anything.

use std::time::Duration;

use http::header::CACHE_CONTROL;
use http::{HeaderValue, Method, StatusCode};

use super::options::HttpOptions;
use super::reply::{self, HttpResponse};

impl HttpOptions {
    /// A path that answers 200 for as long as the server runs, while it shuts down as well. There
    /// is none by default.
    ///
    /// Like [`HttpOptions::readiness`] it is for a server that listens itself, and asks neither
    /// who comes nor for which host: who probes a server often knows no more than its address.
    /// The endpoint's own path stays the endpoint's.
    #[must_use]
    pub fn health(mut self, path: impl Into<String>) -> Self {
        self.probes.health = Some(path.into());
        self
    }

    /// A path that answers 200 while the server wants to be sent requests, and 503 from the moment
    /// on in which it is told to shut down. There is none by default.
    ///
    /// For `notice` the server then goes on as before, so that whoever asks at this path sees
    /// it and sends requests elsewhere; only then it accepts no more connections and drains. It
    /// should be longer than the time between two such questions.
    #[must_use]
    pub fn readiness(mut self, path: impl Into<String>, notice: Duration) -> Self {
        self.probes.readiness = Some(path.into());
        self.probes.notice = notice;
        self
    }
}

/// The paths, and how long a server goes on when it is no longer ready.
#[derive(Debug, Clone, Default)]
pub(super) struct Probes {
    health: Option<String>,
    readiness: Option<String>,
    pub(super) notice: Duration,
}

/// How far a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It accepts whatever comes.
    Serving,
    /// So it does, but it was told to shut down, and says so where it is asked.
    Leaving,
    /// It accepts no more connections, and finishes what it began.
    Draining,
}

impl Probes {
    /// The answer at a path, if one of the probes is there.
    pub(super) fn answer(&self, method: &Method, path: &str, stage: Stage) -> Option<HttpResponse> {
        let status = if self.health.as_deref() == Some(path) {
            StatusCode::OK
        } else if self.readiness.as_deref() == Some(path) {
            match stage {
                Stage::Serving => StatusCode::OK,
                Stage::Leaving | Stage::Draining => StatusCode::SERVICE_UNAVAILABLE,
            }
        } else {
            return None;
        };
        if *method != Method::GET && *method != Method::HEAD {
            return Some(reply::method_not_allowed("GET, HEAD"));
        }
        let mut answer = reply::empty(status);
        // Or something on the way goes on telling how it was.
        let never = HeaderValue::from_static("no-store");
        answer.headers_mut().insert(CACHE_CONTROL, never);
        Some(answer)
    }
}

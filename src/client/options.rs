//! How calls are made.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use mcp_core::engine::{RequestOptions, Wait};
use mcp_core::model::ProgressParams;

type OnProgress = Arc<dyn Fn(&ProgressParams) + Send + Sync>;

/// Whether a result that the server called fresh may be used again (CCH-M-02).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CachePolicy {
    /// Yes, until its time is over or the server tells of a change.
    #[default]
    Use,
    /// No: the server is asked, and its answer kept for others.
    Refresh,
}

/// How the calls of a client are made, for [`Client::with`](super::Client::with).
#[derive(Clone, Default)]
pub struct CallOptions {
    pub(super) wait: Wait,
    pub(super) total: Option<Duration>,
    pub(super) progress: Option<OnProgress>,
    pub(super) cache: CachePolicy,
}

impl CallOptions {
    /// As usual.
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits this long for an answer, and anew after each progress, instead of
    /// [`Limits::request_timeout`](crate::Limits::request_timeout) (LIFE-L-09).
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.wait = Wait::For(timeout);
        self
    }

    /// Waits no longer than this whatever the progress, instead of
    /// [`Limits::request_total`](crate::Limits::request_total) (fault 51).
    #[must_use]
    pub fn max_total(mut self, total: Duration) -> Self {
        self.total = Some(total);
        self
    }

    /// Asks for progress, and hands it to `handler` while the call is awaited (PROG-A-01). Of
    /// progress that comes faster than it is looked at the latest counts.
    #[must_use]
    pub fn on_progress(
        mut self,
        handler: impl Fn(&ProgressParams) + Send + Sync + 'static,
    ) -> Self {
        self.progress = Some(Arc::new(handler));
        self
    }

    /// Whether fresh results are used again.
    #[must_use]
    pub fn cache(mut self, policy: CachePolicy) -> Self {
        self.cache = policy;
        self
    }

    pub(super) fn for_request(&self) -> RequestOptions {
        RequestOptions {
            wait: self.wait,
            total: self.total,
            progress: self.progress.is_some(),
        }
    }
}

impl fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallOptions")
            .field("wait", &self.wait)
            .field("total", &self.total)
            .field("progress", &self.progress.is_some())
            .field("cache", &self.cache)
            .finish()
    }
}

//! What a client says of itself, and what one request of it may ask for.

use std::time::{Duration, Instant};

use super::{CallError, Pending};
use crate::model::legacy::LoggingLevel;
use crate::model::{ClientCapabilities, Implementation};
use crate::{Limits, Revision};

/// What a client says of itself, and how it looks for the server's era.
///
/// ```
/// use mcp_core::Revision;
/// use mcp_core::engine::ClientConfig;
///
/// let config = ClientConfig::new("inspector", "1.0.0").pin(Revision::NEWEST_LEGACY);
/// assert_eq!(config.pinned, Some(Revision::NEWEST_LEGACY));
/// ```
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// Who it is.
    pub info: Implementation,
    /// What it can be asked for.
    pub capabilities: ClientCapabilities,
    /// The one revision to speak, or `None` to probe: modern first, then the handshake
    /// (VER-D-10).
    pub pinned: Option<Revision>,
    /// How long the probe waits before the handshake is tried.
    pub probe_timeout: Duration,
    /// The least severe log messages the server shall send, if any. A modern server is told with
    /// every request (LOG-M-02), an older one once (LOG-L-03).
    pub log_level: Option<LoggingLevel>,
    /// The bounds; [`Limits::request_timeout`] applies to each request.
    pub limits: Limits,
}

impl ClientConfig {
    /// A client of this name and version that probes.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            info: Implementation::new(name, version),
            capabilities: ClientCapabilities::default(),
            pinned: None,
            probe_timeout: Duration::from_secs(5),
            log_level: None,
            limits: Limits::default(),
        }
    }

    /// Speaks this revision and no other.
    #[must_use]
    pub fn pin(mut self, revision: Revision) -> Self {
        self.pinned = Some(revision);
        self
    }

    /// Declares what the server may ask for.
    #[must_use]
    pub fn capabilities(mut self, capabilities: ClientCapabilities) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// Waits this long for the answer to the probe.
    #[must_use]
    pub fn probe_timeout(mut self, timeout: Duration) -> Self {
        self.probe_timeout = timeout;
        self
    }

    /// Waits this long for each answer, unless the request says otherwise.
    #[must_use]
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.limits.request_timeout = timeout;
        self
    }

    /// Asks for log messages from this level on.
    #[must_use]
    #[deprecated(
        note = "2026-07-28 deprecates logging to the client (SEP-2577), and a revision of 2027-07-28 or later may remove it; use `tracing`"
    )]
    pub fn log_level(mut self, level: LoggingLevel) -> Self {
        self.log_level = Some(level);
        self
    }

    /// Replaces the bounds.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

/// How long to wait for an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Wait {
    /// [`Limits::request_timeout`].
    #[default]
    Usual,
    /// This long.
    For(Duration),
    /// As long as the connection lasts.
    Forever,
}

/// How one request differs from others (LIFE-L-09).
#[derive(Debug, Clone, Default)]
pub struct RequestOptions {
    /// How long to wait for the answer, anew with every progress.
    pub wait: Wait,
    /// The longest it may take with all its progress; [`Limits::request_total`] otherwise.
    pub total: Option<Duration>,
    /// Whether to ask for progress (PROG-A-01): the token is the request's id.
    pub progress: bool,
}

impl RequestOptions {
    /// The first wait of a request that is sent now.
    pub(super) fn begin(&self, now: Instant, limits: &Limits, method: &str) -> Pending {
        let timeout = match self.wait {
            Wait::Usual => limits.request_timeout,
            Wait::For(timeout) => timeout,
            Wait::Forever => Duration::MAX,
        };
        // A wait that was asked for is granted, and without progress it is the only one.
        let total = self.total.unwrap_or(limits.request_total.max(timeout));
        let last = now.checked_add(total);
        Pending {
            deadline: earliest(now.checked_add(timeout), last),
            timeout,
            last,
            total,
            progress: self.progress.then_some(f64::NEG_INFINITY),
            subscription: method == "subscriptions/listen",
        }
    }
}

impl Pending {
    /// Waits anew, unless `progress` is no progress (fault 49) or was not asked for. The absolute
    /// maximum stays (fault 51).
    pub(super) fn progress(&mut self, now: Instant, progress: f64) -> bool {
        let forward = self.progress.is_some_and(|before| progress > before);
        if forward {
            self.progress = Some(progress);
            self.deadline = earliest(now.checked_add(self.timeout), self.last);
        }
        forward
    }

    /// Begins every wait anew.
    pub(super) fn restart(&mut self, now: Instant) {
        self.last = now.checked_add(self.total);
        self.deadline = earliest(now.checked_add(self.timeout), self.last);
    }

    /// Which of the two waits is over.
    pub(super) fn why_late(&self, now: Instant) -> CallError {
        let made_progress = self.progress.is_some_and(f64::is_finite);
        if self.last.is_some_and(|last| last <= now) && (made_progress || self.total < self.timeout)
        {
            CallError::Overdue(self.total)
        } else {
            CallError::Timeout(self.timeout)
        }
    }
}

fn earliest(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    [one, other].into_iter().flatten().min()
}

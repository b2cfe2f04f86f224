//! What reaches a connection from outside its driver: events of running handlers, and changes of
//! the server.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

use super::Exchange;
use super::change::{Change, Changes};
use crate::model::legacy::LoggingLevel;
use crate::sync::{AtomicBool, AtomicU8, Mutex, MutexGuard};

/// The mailbox of one connection. Handlers and the server post; the driver waits and takes.
#[derive(Debug)]
pub struct Signals {
    raised: AtomicBool,
    /// The least level of log messages that a legacy connection wants (LOG-L-03).
    log_level: AtomicU8,
    state: Mutex<SignalState>,
}

#[derive(Debug, Default)]
struct SignalState {
    waker: Option<Waker>,
    exchanges: Vec<Arc<Exchange>>,
    changes: Changes,
    /// The resources whose changes somebody wants to hear of, and how many do.
    watched: BTreeMap<String, u64>,
    shutdown: bool,
}

/// What was in the mailbox.
#[derive(Debug, Default)]
pub struct Mail {
    /// Exchanges whose handlers queued something.
    pub exchanges: Vec<Arc<Exchange>>,
    /// Changes to announce.
    pub changes: Changes,
    /// Whether the connection was asked to end.
    pub shutdown: bool,
}

impl Default for Signals {
    fn default() -> Self {
        Self {
            raised: AtomicBool::new(false),
            log_level: AtomicU8::new(LoggingLevel::Info as u8),
            state: Mutex::default(),
        }
    }
}

impl Signals {
    /// Lets log messages through from this level on (LOG-L-03).
    pub(super) fn set_log_level(&self, least: LoggingLevel) {
        self.log_level.store(least as u8, Ordering::Relaxed);
    }

    /// Whether log messages of this level are let through.
    pub(super) fn logs(&self, level: LoggingLevel) -> bool {
        level as u8 >= self.log_level.load(Ordering::Relaxed)
    }

    /// Posts a change of the server. Of a resource that nobody on this connection is subscribed
    /// to, nothing is kept.
    pub fn change(&self, change: Change) {
        let mut state = self.state();
        if let Change::Resource(uri) = &change
            && !state.watched.contains_key(uri)
        {
            return;
        }
        state.changes.add(change);
        self.raise(state);
    }

    /// Posts that what a user of this connection does at a URL is done; `most` may wait.
    pub(super) fn complete_elicitation(&self, id: &str, most: usize) {
        let mut state = self.state();
        state.changes.elicited.extend([id.to_owned()], most);
        self.raise(state);
    }

    /// Lets changes of the resource `uri` through, until [`Signals::unwatch`] was called as often.
    pub(super) fn watch(&self, uri: &str) {
        *self.state().watched.entry(uri.to_owned()).or_default() += 1;
    }

    pub(super) fn unwatch(&self, uri: &str) {
        let watched = &mut self.state().watched;
        if let Some(count) = watched.get_mut(uri) {
            *count -= 1;
            if *count == 0 {
                watched.remove(uri);
            }
        }
    }

    /// Asks the connection to end gracefully: calls drain, subscriptions end with a result.
    pub fn shutdown(&self) {
        let mut state = self.state();
        state.shutdown = true;
        self.raise(state);
    }

    pub(super) fn queue(&self, exchange: Arc<Exchange>) {
        let mut state = self.state();
        state.exchanges.push(exchange);
        self.raise(state);
    }

    /// Takes the mail. Cheap when there is none.
    pub fn take(&self) -> Option<Mail> {
        if !self.raised.load(Ordering::Acquire) || !self.raised.swap(false, Ordering::AcqRel) {
            return None;
        }
        let mut state = self.state();
        Some(Mail {
            exchanges: std::mem::take(&mut state.exchanges),
            changes: std::mem::take(&mut state.changes),
            shutdown: state.shutdown,
        })
    }

    /// Waits until there is mail.
    pub fn poll_mail(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.state();
        if self.raised.load(Ordering::Acquire) {
            return Poll::Ready(());
        }
        match &mut state.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        Poll::Pending
    }

    fn raise(&self, mut state: MutexGuard<'_, SignalState>) {
        self.raised.store(true, Ordering::Release);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn state(&self) -> MutexGuard<'_, SignalState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool as Flag;

    use super::*;

    /// Whether a change of the resource is kept.
    fn kept(signals: &Signals) -> bool {
        signals.change(Change::Resource("a:1".to_owned()));
        signals.take().is_some()
    }

    #[test]
    fn a_resource_is_watched_until_everyone_who_did_has_given_it_up() {
        let signals = Signals::default();
        signals.unwatch("a:1");
        assert!(!kept(&signals));
        for _ in 0..2 {
            signals.watch("a:1");
        }
        assert!(kept(&signals));
        signals.unwatch("a:1");
        assert!(kept(&signals), "somebody still does");
        signals.unwatch("a:1");
        assert!(!kept(&signals));
    }

    #[test]
    fn mail_is_waited_for_and_taken_once() {
        let signals = Signals::default();
        let waiting = Arc::new(Woken(Flag::new(false)));
        let waker = Waker::from(Arc::clone(&waiting));
        let mut cx = Context::from_waker(&waker);
        assert!(signals.poll_mail(&mut cx).is_pending());
        assert!(signals.take().is_none());
        signals.shutdown();
        assert!(waiting.0.load(Ordering::Acquire));
        assert!(signals.poll_mail(&mut cx).is_ready());
        assert!(signals.take().is_some_and(|mail| mail.shutdown));
        assert!(signals.take().is_none());
        assert!(signals.poll_mail(&mut cx).is_pending());
    }

    /// Whether it was woken.
    struct Woken(Flag);

    impl std::task::Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::Release);
        }
    }
}

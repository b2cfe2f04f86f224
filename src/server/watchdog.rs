//! Names the handlers that hold the thread of their connection (fault 54).
//!
//! A thread that runs handlers has a post: one word that says which of them runs. That costs a
//! call two relaxed stores, and no look at a clock. While anything is served, one thread of the
//! process makes rounds of the posts and marks each handler it finds. A mark that is still there
//! in a later round is on a handler that has run ever since, for whatever comes or goes wipes it
//! off.
//!
//! A round that finds a handler also wakes the runtime. Whichever of its threads waits for sockets
//! hands that over only when there is more to do than it can do itself; a handler that holds it
//! would keep every connection waiting, and not its own alone.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};
use std::{io, thread};

use tokio::runtime::Handle;

use super::core::Core;

/// What runs: the address of something shared. It is compared with others, and never followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Subject(usize);

/// Bits that are zero in every subject: the counters of an [`Arc`] align what it holds.
const MARKS: usize = 0b11;
/// It was seen in a round.
const SEEN: usize = 0b01;
/// It was named already.
const NAMED: usize = 0b11;

impl Subject {
    /// What is not watched.
    pub(super) const NONE: Self = Self(0);

    pub(super) fn of<T: ?Sized>(shared: &Arc<T>) -> Self {
        Self(Arc::as_ptr(shared).addr() & !MARKS)
    }
}

/// The subject that one thread runs, with its marks.
#[derive(Debug, Default)]
struct Post(AtomicUsize);

thread_local! {
    static POST: Arc<Post> = WATCH.post();
}

/// Runs `run`, which must not panic, as `subject`.
pub(super) fn during<T>(subject: Subject, run: impl FnOnce() -> T) -> T {
    POST.with(|post| {
        let Post(word) = &**post;
        let outer = word.load(Ordering::Relaxed);
        word.store(subject.0, Ordering::Relaxed);
        let value = run();
        word.store(outer & !MARKS, Ordering::Relaxed);
        value
    })
}

/// Watches the handlers of a server for as long as the returned value lives.
///
/// # Errors
/// When the process gets no thread to watch with.
pub(super) fn watch(core: &Arc<Core>) -> io::Result<Watched> {
    let mut rota = WATCH.rota();
    if !rota.runs {
        let dog = thread::Builder::new().name("mcp-watchdog".into());
        dog.spawn(|| WATCH.run())?;
        rota.runs = true;
    }
    let number = rota.next;
    rota.next += 1;
    let before = rota.period();
    rota.served.push(Served {
        number,
        period: core.settings.limits.blocked_thread,
        core: Arc::downgrade(core),
        runtime: Handle::try_current().ok(),
    });
    // One more to look at in the same round is no reason to wake up.
    if rota.period() != before {
        WATCH.changed.notify_one();
    }
    Ok(Watched(number))
}

/// Keeps a server watched until it is dropped.
#[derive(Debug)]
pub(super) struct Watched(u64);

impl Drop for Watched {
    fn drop(&mut self) {
        let mut rota = WATCH.rota();
        let before = rota.period();
        rota.served.retain(|served| served.number != self.0);
        if rota.period() != before {
            WATCH.changed.notify_one();
        }
    }
}

/// The watchdog of the process.
static WATCH: Watch = Watch {
    rota: Mutex::new(Rota {
        posts: Vec::new(),
        served: Vec::new(),
        next: 0,
        runs: false,
    }),
    changed: Condvar::new(),
};

struct Watch {
    rota: Mutex<Rota>,
    changed: Condvar,
}

/// What is watched.
struct Rota {
    posts: Vec<Watchpost>,
    served: Vec<Served>,
    next: u64,
    /// Whether there is a thread that makes rounds.
    runs: bool,
}

/// The post of a thread, and since when what runs there has its mark.
struct Watchpost {
    post: Weak<Post>,
    seen: Instant,
}

/// A server that is served.
#[derive(Clone)]
struct Served {
    number: u64,
    period: Duration,
    core: Weak<Core>,
    /// Where it is served, if that was known.
    runtime: Option<Handle>,
}

/// Something that has run for a while.
struct Suspect {
    post: Arc<Post>,
    subject: Subject,
    held: Duration,
}

impl Watch {
    fn rota(&self) -> MutexGuard<'_, Rota> {
        self.rota.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn post(&self) -> Arc<Post> {
        let post = Arc::new(Post::default());
        self.rota().posts.push(Watchpost {
            post: Arc::downgrade(&post),
            seen: Instant::now(),
        });
        post
    }

    /// Makes rounds for as long as anything is served.
    fn run(&self) {
        let mut last = Instant::now();
        let mut rota = self.rota();
        while let Some(period) = rota.period() {
            let left = period.saturating_sub(last.elapsed());
            if !left.is_zero() {
                let waited = self.changed.wait_timeout(rota, left);
                rota = waited.unwrap_or_else(PoisonError::into_inner).0;
                continue;
            }
            last = Instant::now();
            let suspects = rota.round(last);
            if rota.is_busy() {
                rota.wake_runtimes();
            }
            if !suspects.is_empty() {
                let served = rota.served.clone();
                // Looking at a server may drop the last of it, and logging runs others' code.
                drop(rota);
                suspects.iter().for_each(|suspect| suspect.judge(&served));
                rota = self.rota();
            }
        }
        rota.runs = false;
    }
}

impl Rota {
    /// The time between rounds; `None` when nothing is served.
    fn period(&self) -> Option<Duration> {
        const LEAST: Duration = Duration::from_millis(1);
        let periods = self.served.iter().map(|served| served.period);
        periods.min().map(|period| period.max(LEAST))
    }

    /// Whether anything runs that the last round found.
    fn is_busy(&self) -> bool {
        let busy = |post: Arc<Post>| post.0.load(Ordering::Relaxed) & MARKS != 0;
        self.posts
            .iter()
            .any(|watched| watched.post.upgrade().is_some_and(busy))
    }

    /// Has another thread of each runtime look for what there is to do. A server is served by one,
    /// however many its connections are.
    fn wake_runtimes(&self) {
        let mut woken = HashSet::new();
        for served in &self.served {
            if woken.insert(served.core.as_ptr())
                && let Some(runtime) = &served.runtime
            {
                runtime.spawn(std::future::ready(()));
            }
        }
    }

    /// Marks what runs, and returns what has its mark from a round before.
    fn round(&mut self, now: Instant) -> Vec<Suspect> {
        let mut suspects = Vec::new();
        self.posts.retain_mut(|watchpost| {
            let Some(post) = watchpost.post.upgrade() else {
                return false;
            };
            let word = post.0.load(Ordering::Relaxed);
            let subject = Subject(word & !MARKS);
            if subject != Subject::NONE && word & MARKS == 0 {
                post.mark(word, SEEN);
                watchpost.seen = now;
            } else if word & MARKS == SEEN {
                let held = now.saturating_duration_since(watchpost.seen);
                suspects.push(Suspect {
                    post,
                    subject,
                    held,
                });
            }
            true
        });
        suspects
    }
}

impl Post {
    /// Marks what runs, if it still is what it was when `word` was read. Says whether it is.
    fn mark(&self, word: usize, mark: usize) -> bool {
        let marked = word | mark;
        let order = Ordering::Relaxed;
        self.0.compare_exchange(word, marked, order, order).is_ok()
    }
}

impl Suspect {
    /// Names it, when it has run for longer than its server allows.
    fn judge(&self, served: &[Served]) {
        let patient = |served: &&Served| served.period <= self.held;
        let cores = served.iter().filter(patient);
        let name = cores
            .filter_map(|served| served.core.upgrade())
            .find_map(|core| core.name_of(self.subject));
        if let Some(name) = name
            && self.post.mark(self.subject.0 | SEEN, NAMED)
        {
            tracing::warn!(
                handler = name,
                held = ?self.held,
                "a handler holds its thread, and other requests of the connection wait; mark it \
                 `blocking`, or let it await (limit `blocked_thread`)"
            );
        }
    }
}

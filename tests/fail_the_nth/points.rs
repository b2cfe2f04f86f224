//! The operations of one run, counted, and the one that fails; and the runs for all of them.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::time::{Instant, sleep, timeout};

/// How an operation fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// By an error, and so does everything after it.
    Error,
    /// By an error that says to try again; what comes after it goes well.
    Interrupted,
    /// By an end: of the stream, or of what can be written.
    End,
    /// It does as little as it may. That is no failure.
    Short,
    /// It never ends, nor does anything after it.
    Stuck,
    /// It goes well, and the clock has jumped by a day.
    Jump,
}

impl How {
    /// Every way in which a stream can fail.
    pub(crate) const OF_STREAMS: [Self; 6] = [
        Self::Error,
        Self::Interrupted,
        Self::End,
        Self::Short,
        Self::Stuck,
        Self::Jump,
    ];
}

/// How far the clock jumps.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Whatever fails, a session is over by then: every time limit together is less.
const LONGEST: Duration = Duration::from_secs(3 * 60 * 60);
/// More operations than any session has: whoever needs so many is going round in circles.
const TOO_MANY: usize = 100_000;

/// What one run does, and which of it fails.
#[derive(Debug)]
pub(crate) struct Points {
    seen: AtomicUsize,
    /// The number of the operation that fails, from 1; 0 is none.
    nth: usize,
    how: How,
    failed: Mutex<Option<&'static str>>,
}

impl Points {
    pub(crate) fn new(nth: usize, how: How) -> Arc<Self> {
        Arc::new(Self {
            seen: AtomicUsize::new(0),
            nth,
            how,
            failed: Mutex::default(),
        })
    }

    /// How the next operation fails, if it does.
    pub(crate) fn next(&self) -> Option<How> {
        (self.seen() + 1 == self.nth).then_some(self.how)
    }

    /// Counts an operation of this name; how it fails, if it does.
    pub(crate) fn pass(&self, what: &'static str) -> Option<How> {
        let seen = self.seen.fetch_add(1, Ordering::Relaxed) + 1;
        assert!(seen < TOO_MANY, "it goes round in circles: {self}");
        if seen != self.nth {
            return None;
        }
        *self.failed.lock().unwrap() = Some(what);
        if self.how == How::Jump {
            tokio::spawn(tokio::time::advance(DAY));
        }
        Some(self.how)
    }

    /// How this run is meant to fail.
    pub(crate) fn how(&self) -> How {
        self.how
    }

    /// Whether something has failed, other than by doing less than it could.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed.lock().unwrap().is_some() && self.how != How::Short
    }

    fn seen(&self) -> usize {
        self.seen.load(Ordering::Relaxed)
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (nth, how) = (self.nth, self.how);
        match *self.failed.lock().unwrap() {
            Some(what) => write!(f, "operation {nth}, a {what}, has failed: {how:?}"),
            None => write!(f, "operation {nth} was to fail: {how:?}"),
        }
    }
}

/// Says which run a failed assertion belongs to.
struct Trace<'a>(&'a Points);

impl Drop for Trace<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.0);
        }
    }
}

/// Runs `session` once to count its operations, and once for each of them and each way to fail.
/// At least `least` runs have to have failed, or there is less to the session than was thought.
pub(crate) fn fail_each<F: Future<Output = ()>>(
    name: &str,
    ways: &[How],
    least: usize,
    session: impl Fn(Arc<Points>) -> F,
) {
    count_panics();
    let sound = Points::new(0, How::Short);
    run_once(&sound, &session);
    let operations = sound.seen();
    let mut failed = 0;
    for how in ways {
        for nth in 1..=operations {
            let points = Points::new(nth, *how);
            run_once(&points, &session);
            failed += usize::from(points.failed.lock().unwrap().is_some());
        }
    }
    println!("{name}: {operations} operations, {failed} runs in which one of them failed");
    assert!(failed >= least, "{name}: only {failed} runs failed");
}

thread_local! {
    /// How often anything has panicked on this thread, where all of a run is. A task that does is
    /// silent otherwise.
    static PANICS: Cell<usize> = const { Cell::new(0) };
}

fn count_panics() {
    static COUNTING: Once = Once::new();
    COUNTING.call_once(|| {
        let say = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            PANICS.set(PANICS.get() + 1);
            say(panic);
        }));
    });
}

/// One run, on a runtime of its own, which has no task left in the end.
fn run_once<F: Future<Output = ()>>(points: &Arc<Points>, session: &impl Fn(Arc<Points>) -> F) {
    let _trace = Trace(points);
    let panics = PANICS.get();
    let runtime = Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let begun = Instant::now();
        let ended = timeout(DAY * 30, session(Arc::clone(points))).await;
        assert!(ended.is_ok(), "it hangs");
        let jumped = if points.how == How::Jump {
            DAY
        } else {
            Duration::ZERO
        };
        let took = begun.elapsed().saturating_sub(jumped);
        assert!(took < LONGEST, "it took {took:?}");
        // What waits for a while before it gives up has given up by then.
        sleep(LONGEST).await;
        let left = Handle::current().metrics().num_alive_tasks();
        assert_eq!(left, 0, "tasks are left");
    });
    let panicked = PANICS.get() - panics;
    assert_eq!(panicked, 0, "something panicked");
}

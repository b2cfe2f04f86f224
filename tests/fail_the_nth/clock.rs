//! A time of day that is wrong: what expires by it expires early or late, and nothing else.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::sleep;
use toolwright::Revision;
use toolwright::ask::{Journals, MemoryJournalStore};

use crate::points::{How, Points, fail_each};
use crate::rig::{self, Desk};
use crate::session::session;

/// The time of day, as a clock tells it that is set wrong once, or from then on.
fn told(points: &Points) -> SystemTime {
    const NOW: Duration = Duration::from_secs(1_800_000_000);
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let now = UNIX_EPOCH + NOW;
    match points.pass("look at the clock") {
        Some(How::Error) => UNIX_EPOCH,
        Some(How::Interrupted) => UNIX_EPOCH - DAY,
        Some(How::End) => now - DAY,
        Some(How::Jump) => now + DAY,
        Some(How::Short | How::Stuck) | None => now,
    }
}

const WAYS: [How; 4] = [How::Error, How::Interrupted, How::End, How::Jump];

#[test]
fn whenever_the_clock_is_wrong_calls_end_and_no_step_runs_twice() {
    fail_each("clock", &WAYS, 24, |points| async move {
        let desk = Arc::new(Desk::default());
        let (of_journals, of_store) = (Arc::clone(&points), Arc::clone(&points));
        let store = MemoryJournalStore::new(1, move || told(&of_store));
        let journals = Journals::default()
            .clock(move || told(&of_journals))
            .once(store);
        let server = rig::server(&desk).journals(journals).build().unwrap();
        let client = rig::builder(Some(Revision::V2026_07_28));
        let client = client.connect(&server).await.unwrap();
        session(&client, &server, &points).await;
        // There is no room for a second round, so that it is refused, unless the first has expired.
        let again = client.call("greet", serde_json::json!({})).await;
        assert!(again.is_err() || points.has_failed(), "{again:?}");
        let steps = desk.steps.load(Ordering::Relaxed);
        assert!(steps <= 2, "the steps of two calls ran {steps} times");
        drop(client);
        rig::serves_others(&server, &points).await;
        drop(server);
        sleep(Duration::from_secs(60)).await;
        assert_eq!(desk.running(), 0, "handlers are left");
        assert_eq!(Arc::strong_count(&desk), 1, "the server is left");
    });
}

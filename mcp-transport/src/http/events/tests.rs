use std::task::{Context, Poll, Waker};

use proptest::prelude::*;

use super::*;

fn session() -> SessionId {
    SessionId::generate().unwrap()
}

fn id(text: &str) -> EventId {
    text.parse().unwrap()
}

fn append(store: &MemoryEventStore, session: &SessionId, event: &str, data: &str) {
    store.append(session, id(event), Arc::from(data.as_bytes()));
}

fn replay(
    store: &MemoryEventStore,
    session: &SessionId,
    after: &str,
) -> Result<Vec<(String, String)>, ReplayError> {
    let mut replay = store.replay(session, id(after));
    let Poll::Ready(events) = replay
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    else {
        panic!("memory needs no waiting");
    };
    let shown = |event: StoredEvent| {
        (
            event.id.to_string(),
            String::from_utf8(event.data.to_vec()).unwrap(),
        )
    };
    events.map(|events| events.into_iter().map(shown).collect())
}

fn events(expected: &[(&str, &str)]) -> Result<Vec<(String, String)>, ReplayError> {
    Ok(expected
        .iter()
        .map(|(id, data)| ((*id).to_owned(), (*data).to_owned()))
        .collect())
}

#[test]
fn an_id_names_its_stream_and_has_one_spelling() {
    let first = EventId::first_of(3);
    assert_eq!(first.next().next().to_string(), "3-2");
    assert_eq!("3-2".parse(), Ok(first.next().next()));
    assert_eq!(id("18446744073709551615-0").stream(), u64::MAX);
}

#[test]
fn fault_79_garbage_is_no_event_id() {
    let overlong = "1".repeat(100_000);
    for garbage in [
        "",
        "-",
        "1",
        "1-",
        "-1",
        "--1",
        "1-1-1",
        "01-1",
        "1-01",
        "+1-1",
        "1-+1",
        " 1-1",
        "1-1 ",
        "1-a",
        "18446744073709551616-0",
        &overlong,
        "1\u{2212}1",
        "١-١",
    ] {
        assert_eq!(
            garbage.parse::<EventId>(),
            Err(InvalidEventId),
            "{garbage:?}"
        );
    }
}

#[test]
fn what_followed_an_event_is_replayed_in_order() {
    let (store, session) = (MemoryEventStore::default(), session());
    store.open(&session, 1);
    assert_eq!(replay(&store, &session, "1-0"), events(&[]));
    append(&store, &session, "1-1", "a");
    append(&store, &session, "1-2", "b");
    append(&store, &session, "1-3", "c");
    assert_eq!(
        replay(&store, &session, "1-0"),
        events(&[("1-1", "a"), ("1-2", "b"), ("1-3", "c")])
    );
    assert_eq!(replay(&store, &session, "1-2"), events(&[("1-3", "c")]));
    assert_eq!(replay(&store, &session, "1-3"), events(&[]));
}

#[test]
fn fault_79_nothing_of_another_stream_or_session_is_replayed() {
    let (store, mine, other) = (MemoryEventStore::default(), session(), session());
    append(&store, &mine, "1-1", "mine");
    append(&store, &mine, "2-1", "mine too");
    append(&store, &other, "1-1", "theirs");
    append(&store, &other, "3-1", "theirs too");
    assert_eq!(replay(&store, &mine, "1-0"), events(&[("1-1", "mine")]));
    assert_eq!(replay(&store, &mine, "3-0"), Err(ReplayError::Unknown));
    assert_eq!(replay(&store, &session(), "1-0"), Err(ReplayError::Unknown));
}

#[test]
fn fault_79_an_event_that_was_not_sent_yet_is_unknown() {
    let (store, session) = (MemoryEventStore::default(), session());
    store.open(&session, 1);
    assert_eq!(replay(&store, &session, "1-1"), Err(ReplayError::Unknown));
    assert_eq!(
        replay(&store, &session, "1-18446744073709551615"),
        Err(ReplayError::Unknown)
    );
}

#[test]
fn fault_79_a_stream_is_not_replayed_with_a_hole() {
    let bounds = EventBounds {
        events_per_stream: 2,
        ..EventBounds::default()
    };
    let (store, session) = (MemoryEventStore::new(bounds), session());
    for (event, data) in [("1-1", "a"), ("1-2", "b"), ("1-3", "c")] {
        append(&store, &session, event, data);
    }
    assert_eq!(replay(&store, &session, "1-0"), Err(ReplayError::Evicted));
    assert_eq!(
        replay(&store, &session, "1-1"),
        events(&[("1-2", "b"), ("1-3", "c")])
    );
    append(&store, &session, "1-9", "late");
    assert_eq!(replay(&store, &session, "1-3"), Err(ReplayError::Evicted));
    assert_eq!(replay(&store, &session, "1-8"), events(&[("1-9", "late")]));
    append(&store, &session, "1-9", "again");
    assert_eq!(replay(&store, &session, "1-8"), events(&[("1-9", "late")]));
}

#[test]
fn an_event_larger_than_its_stream_may_be_leaves_a_hole_and_no_bytes() {
    let bounds = EventBounds {
        bytes_per_stream: 1_000,
        ..EventBounds::default()
    };
    let (store, session) = (MemoryEventStore::new(bounds), session());
    append(&store, &session, "1-1", "a");
    append(&store, &session, "1-2", &"x".repeat(2_000));
    assert_eq!(replay(&store, &session, "1-1"), Err(ReplayError::Evicted));
    assert_eq!(replay(&store, &session, "1-2"), events(&[]));
}

#[test]
fn over_the_total_the_stream_written_to_longest_ago_goes() {
    let bounds = EventBounds {
        bytes: 800,
        ..EventBounds::default()
    };
    let (store, session) = (MemoryEventStore::new(bounds), session());
    append(&store, &session, "1-1", "a");
    append(&store, &session, "2-1", "b");
    append(&store, &session, "3-1", "c");
    append(&store, &session, "1-2", "d");
    assert_eq!(replay(&store, &session, "2-0"), Err(ReplayError::Unknown));
    assert_eq!(
        replay(&store, &session, "1-0"),
        events(&[("1-1", "a"), ("1-2", "d")])
    );
    append(&store, &session, "2-2", "e");
    assert_eq!(replay(&store, &session, "2-0"), Err(ReplayError::Evicted));
    assert_eq!(replay(&store, &session, "2-1"), events(&[("2-2", "e")]));
}

#[test]
fn an_ended_session_leaves_nothing() {
    let (store, session) = (MemoryEventStore::default(), session());
    append(&store, &session, "1-1", "a");
    store.open(&session, 2);
    store.end_session(&session);
    store.end_session(&session);
    assert_eq!(replay(&store, &session, "1-0"), Err(ReplayError::Unknown));
    assert_eq!(store.held(), (0, 0));
}

#[test]
fn streams_that_are_opened_and_never_written_to_are_bounded_too() {
    let bounds = EventBounds {
        bytes: 10_000,
        ..EventBounds::default()
    };
    let store = MemoryEventStore::new(bounds);
    for stream in 0..100 {
        (0..10).for_each(|_| store.open(&session(), stream));
    }
    assert!(store.held().0 <= 10_000 / 128);
}

proptest! {
    #[test]
    fn whatever_is_written_the_bounds_hold_and_the_books_are_right(
        writes in proptest::collection::vec((0usize..3, 0u64..4, 0u64..12, 0usize..400), 0..120),
    ) {
        let bounds = EventBounds { events_per_stream: 3, bytes_per_stream: 900, bytes: 2_500 };
        let store = MemoryEventStore::new(bounds);
        let sessions = [session(), session(), session()];
        for (who, stream, place, size) in writes {
            match place {
                0 => store.open(&sessions[who], stream),
                11 => store.end_session(&sessions[who]),
                place => {
                    let event = format!("{stream}-{place}");
                    append(&store, &sessions[who], &event, &"x".repeat(size));
                    let after = format!("{stream}-{}", place - 1);
                    if let Ok(events) = replay(&store, &sessions[who], &after) {
                        let mine = |id: &str| id.starts_with(&format!("{stream}-"));
                        prop_assert!(events.iter().all(|(id, _)| mine(id)));
                    }
                }
            }
            let (_, bytes) = store.held();
            prop_assert!(bytes <= 2_500);
        }
        sessions.iter().for_each(|session| store.end_session(session));
        prop_assert_eq!(store.held(), (0, 0));
    }
}

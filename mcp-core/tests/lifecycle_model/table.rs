//! The transition table, searched breadth first; the rules of §4 are predicates on what was found.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use mcp_core::lifecycle::{Event, State, Violation, transition};

/// A way through the table: the events that were allowed, in order.
type Way = Vec<Event>;

/// A state does not say how it was reached. What matters of that goes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    state: usize,
    was_initialized: bool,
    was_confirmed: bool,
}

fn number(state: State) -> usize {
    let mut all = State::ALL.into_iter();
    all.position(|listed| listed == state)
        .expect("every state is listed")
}

/// Everything that can be reached, each with its shortest way.
fn reachable() -> BTreeMap<Seen, Way> {
    let first = Seen {
        state: number(State::Uninitialized),
        was_initialized: false,
        was_confirmed: false,
    };
    let mut found = BTreeMap::from([(first, Way::new())]);
    let mut queue = VecDeque::from([first]);
    while let Some(seen) = queue.pop_front() {
        for event in Event::ALL {
            let Ok(next) = transition(State::ALL[seen.state], event) else {
                continue;
            };
            let next = Seen {
                state: number(next),
                was_initialized: seen.was_initialized || event == Event::Initialize,
                was_confirmed: seen.was_confirmed || event == Event::Initialized,
            };
            let mut way = found[&seen].clone();
            way.push(event);
            if let Entry::Vacant(new) = found.entry(next) {
                new.insert(way);
                queue.push_back(next);
            }
        }
    }
    found
}

/// Holds a rule against every event in everything that can be reached.
fn everywhere(rule: impl Fn(Seen, State, Event, Result<State, Violation>) -> bool) {
    for (seen, way) in reachable() {
        let state = State::ALL[seen.state];
        for event in Event::ALL {
            let next = transition(state, event);
            assert!(
                rule(seen, state, event, next),
                "{way:?}, then {event:?}: {next:?}"
            );
        }
    }
}

fn is_use(event: Event) -> bool {
    matches!(
        event,
        Event::ClientRequest | Event::ClientNotification | Event::Batch | Event::ServerRequest
    )
}

#[test]
fn every_state_can_be_reached() {
    let states: BTreeSet<usize> = reachable().keys().map(|seen| seen.state).collect();
    assert_eq!(states.len(), State::ALL.len());
}

#[test]
fn life_l_01_nothing_of_the_legacy_era_is_used_before_initialize() {
    everywhere(|seen, _, event, next| seen.was_initialized || !is_use(event) || next.is_err());
}

#[test]
fn life_l_01_initialize_succeeds_once() {
    everywhere(|seen, state, event, next| {
        let again = event == Event::Initialize && seen.was_initialized;
        let expected = match state {
            State::Closed => Violation::Closed,
            _ => Violation::AlreadyInitialized,
        };
        !again || next == Err(expected)
    });
}

#[test]
fn life_l_04_initialized_counts_only_after_initialize() {
    everywhere(|seen, _, event, next| {
        event != Event::Initialized || seen.was_initialized || next.is_err()
    });
    everywhere(|seen, state, _, _| state != State::Ready || seen.was_confirmed);
}

#[test]
fn life_l_05_the_server_asks_nothing_before_initialized() {
    everywhere(|seen, _, event, next| {
        event != Event::ServerRequest || seen.was_confirmed || next.is_err()
    });
}

#[test]
fn life_l_08_a_ping_is_answered_in_every_open_state_and_changes_none() {
    everywhere(|_, state, event, next| {
        event != Event::Ping || state == State::Closed || next == Ok(state)
    });
}

#[test]
fn ver_d_01_a_modern_request_is_taken_in_every_open_state_and_changes_none() {
    everywhere(|_, state, event, next| {
        event != Event::ModernRequest || state == State::Closed || next == Ok(state)
    });
}

#[test]
fn life_l_10_every_state_can_close_and_what_is_closed_stays_so() {
    everywhere(|_, _, event, next| event != Event::Close || next == Ok(State::Closed));
    everywhere(|_, state, event, next| {
        state != State::Closed || event == Event::Close || next == Err(Violation::Closed)
    });
}

#[test]
fn no_state_is_a_dead_end() {
    for (seen, way) in reachable() {
        if State::ALL[seen.state] == State::Closed {
            continue;
        }
        let mut state = State::ALL[seen.state];
        for event in [Event::Initialize, Event::Initialized] {
            // What has happened already is refused, and leaves the state as it was.
            state = transition(state, event).unwrap_or(state);
        }
        assert_eq!(state, State::Ready, "after {way:?}");
    }
}

#[test]
fn what_is_allowed_never_leads_back() {
    everywhere(|_, state, _, next| next.is_err() || next.is_ok_and(|n| number(n) >= number(state)));
}

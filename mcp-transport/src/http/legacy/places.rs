//! Room for sessions: for so many in all, and for so many of one peer.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError};

use mcp_core::Limits;
use mcp_core::engine::Principal;

use crate::http::address::ClientAddress;
use crate::sync::{Mutex, MutexGuard};

/// Whose sessions are counted together (fault 82).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Peer {
    /// Somebody who said who they are.
    Principal(Principal),
    /// Whoever sends from there.
    Address(IpAddr),
    /// Nobody in particular: only the sum of all sessions counts.
    Unknown,
}

impl Peer {
    pub(super) fn of(principal: &Principal, address: Option<ClientAddress>) -> Self {
        match (principal.subject(), address) {
            (Some(_), _) => Self::Principal(principal.clone()),
            (None, Some(address)) => Self::Address(address.network()),
            (None, None) => Self::Unknown,
        }
    }
}

/// There is no room for another session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    /// For nobody (fault 81).
    ForAll,
    /// For this peer (fault 82).
    ForPeer,
}

/// The places that sessions take.
#[derive(Debug)]
pub(super) struct Places {
    most: usize,
    most_of_one: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_peer: HashMap<Peer, usize>,
}

impl Places {
    pub(super) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            most: limits.sessions,
            most_of_one: limits.peer_sessions,
            taken: Mutex::default(),
        })
    }

    /// Takes a place.
    pub(super) fn take(self: &Arc<Self>, peer: Peer) -> Result<Place, Full> {
        let mut taken = self.taken();
        let of_peer = taken.by_peer.get(&peer).copied().unwrap_or(0);
        if of_peer >= self.most_of_one && peer != Peer::Unknown {
            return Err(Full::ForPeer);
        }
        if taken.all >= self.most {
            return Err(Full::ForAll);
        }
        taken.all += 1;
        taken.by_peer.insert(peer.clone(), of_peer + 1);
        Ok(Place {
            places: Arc::clone(self),
            peer,
        })
    }

    /// How many places are taken.
    #[cfg(all(test, shuttle))]
    pub(super) fn taken_by_all(&self) -> usize {
        self.taken().all
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of one session, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    peer: Peer,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all -= 1;
        if let Entry::Occupied(mut count) = taken.by_peer.entry(self.peer.clone()) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> Arc<Places> {
        Places::new(&Limits {
            sessions: 4,
            peer_sessions: 2,
            ..Limits::default()
        })
    }

    fn address(last: u8) -> Peer {
        let address = ClientAddress(IpAddr::from([192, 0, 2, last]));
        Peer::of(&Principal::ANONYMOUS, Some(address))
    }

    #[test]
    fn fault_82_a_peer_that_took_its_places_leaves_the_others_theirs() {
        let places = places();
        let taken: Vec<_> = (0..2).map(|_| places.take(address(1))).collect();
        assert_eq!(places.take(address(1)).expect_err("full"), Full::ForPeer);
        let other = places.take(address(2)).expect("room for another");
        drop(taken);
        places.take(address(1)).expect("room again");
        drop(other);
        assert_eq!(places.taken().all, 0);
        assert!(places.taken().by_peer.is_empty());
    }

    #[test]
    fn fault_82_whoever_said_who_they_are_is_counted_wherever_they_come_from() {
        let places = places();
        let ann = Principal::verified("ann");
        let from = |last| Some(ClientAddress(IpAddr::from([192, 0, 2, last])));
        let _taken: Vec<_> = (0..2)
            .map(|n| places.take(Peer::of(&ann, from(n))))
            .collect();
        let third = places.take(Peer::of(&ann, None));
        assert_eq!(third.expect_err("full"), Full::ForPeer);
        places.take(address(1)).expect("room for a stranger");
    }

    #[test]
    fn fault_82_clients_that_cannot_be_told_apart_share_all_there_is() {
        let places = places();
        let taken: Vec<_> = (0..4).map(|_| places.take(Peer::Unknown)).collect();
        assert!(taken.iter().all(Result::is_ok));
        let fifth = places.take(Peer::Unknown);
        assert_eq!(fifth.expect_err("full"), Full::ForAll);
    }
}

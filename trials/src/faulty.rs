//! A way for bytes that stalls, cuts and corrupts.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::dice::Dice;

/// What can happen to a piece of what is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It comes later.
    Stalled,
    /// It comes later than anybody waits.
    Withheld,
    /// It does not come, and nothing after it.
    Cut,
    /// One byte of it is another: NUL, which stands nowhere in a message, so that no message can
    /// become another one.
    Corrupted,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Stalled, Self::Withheld, Self::Cut, Self::Corrupted];

    fn name(self) -> &'static str {
        match self {
            Self::Stalled => "stalled",
            Self::Withheld => "withheld",
            Self::Cut => "cut",
            Self::Corrupted => "corrupted",
        }
    }
}

/// Which way a piece goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Towards {
    /// From the client.
    Server,
    /// From the server.
    Client,
}

/// How long what is withheld is kept: longer than the clients of the trials wait.
pub const WITHHELD: Duration = Duration::from_secs(6);

/// Which fault comes after which, so that each of them happens, however short the time is. What is
/// withheld holds its client up for so long that it must be rare.
const TURNS: [Fault; 16] = {
    use Fault::{Corrupted, Cut, Stalled, Withheld};
    [
        Cut, Corrupted, Stalled, Cut, Corrupted, Stalled, Cut, Withheld, //
        Cut, Corrupted, Stalled, Cut, Corrupted, Stalled, Stalled, Corrupted,
    ]
};

/// How often each fault happened, by the way of the piece.
#[derive(Debug, Default)]
pub struct Counts {
    pieces: AtomicU64,
    turns: [AtomicU64; 2],
    to_server: [AtomicU64; Fault::ALL.len()],
    to_client: [AtomicU64; Fault::ALL.len()],
}

impl Counts {
    /// The fault whose turn it is.
    fn turn(&self, towards: Towards) -> Fault {
        let turn = self.turns[towards as usize].fetch_add(1, Ordering::Relaxed);
        TURNS[usize::try_from(turn % TURNS.len() as u64).unwrap_or(0)]
    }

    fn note(&self, towards: Towards, fault: Fault) {
        let counts = match towards {
            Towards::Server => &self.to_server,
            Towards::Client => &self.to_client,
        };
        if let Some(count) = counts.get(fault as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Counts {
    /// Prints the counts of this way, one line each: `fault stdio_cut_to_server 3`.
    pub fn print(&self, way: &str) {
        println!("count {way}_pieces {}", self.pieces.load(Ordering::Relaxed));
        for (direction, counts) in [("server", &self.to_server), ("client", &self.to_client)] {
            for (fault, count) in Fault::ALL.iter().zip(counts) {
                let count = count.load(Ordering::Relaxed);
                println!("fault {way}_{fault}_to_{direction} {count}");
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What happens on one way.
#[derive(Debug, Clone)]
pub struct Faulty {
    dice: Dice,
    /// Of so many pieces one meets a fault.
    one_in: usize,
    counts: Arc<Counts>,
}

impl Faulty {
    /// A way on which one in `one_in` pieces meets a fault.
    pub fn new(dice: Dice, one_in: usize, counts: Arc<Counts>) -> Self {
        Self {
            dice,
            one_in,
            counts,
        }
    }

    /// The same for another connection.
    #[must_use]
    pub fn split(&mut self) -> Self {
        Self {
            dice: self.dice.split(),
            one_in: self.one_in,
            counts: Arc::clone(&self.counts),
        }
    }

    /// What happens to the next piece.
    fn next(&mut self, towards: Towards) -> Option<Fault> {
        (self.dice.below(self.one_in) == 0).then(|| self.counts.turn(towards))
    }

    /// Carries bytes until either end is gone or they are cut off.
    ///
    /// # Errors
    ///
    /// What the system says of either end, and that it was cut.
    pub async fn carry(
        mut self,
        towards: Towards,
        mut from: impl AsyncRead + Unpin,
        mut to: impl AsyncWrite + Unpin,
    ) -> io::Result<()> {
        let mut buffer = vec![0; 8192];
        loop {
            let count = from.read(&mut buffer).await?;
            if count == 0 {
                return to.shutdown().await;
            }
            self.counts.pieces.fetch_add(1, Ordering::Relaxed);
            let piece = &mut buffer[..count];
            if let Some(fault) = self.next(towards) {
                self.counts.note(towards, fault);
                self.spoil(fault, piece).await?;
            }
            to.write_all(piece).await?;
            to.flush().await?;
        }
    }

    async fn spoil(&mut self, fault: Fault, piece: &mut [u8]) -> io::Result<()> {
        match fault {
            Fault::Stalled => {
                let stall = Duration::from_millis(self.dice.between(20, 800));
                tokio::time::sleep(stall).await;
            }
            Fault::Withheld => tokio::time::sleep(WITHHELD).await,
            Fault::Cut => return Err(io::ErrorKind::ConnectionAborted.into()),
            Fault::Corrupted => {
                let at = self.dice.below(piece.len());
                if let Some(byte) = piece.get_mut(at) {
                    *byte = 0;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_meets_no_fault_arrives_as_it_was_and_every_fault_has_its_turn() {
        let sent = vec![b'x'; 100_000];
        let counts = Arc::new(Counts::default());
        let good = Faulty::new(Dice::new(1), usize::MAX, Arc::clone(&counts));
        let mut received = Vec::new();
        let carried = good.carry(Towards::Server, &sent[..], &mut received);
        carried.await.expect("nothing went wrong");
        assert_eq!(received, sent);

        let mut bad = Faulty::new(Dice::new(1), 1, counts);
        let seen: Vec<_> = (0..16).filter_map(|_| bad.next(Towards::Client)).collect();
        assert_eq!(seen.len(), 16);
        assert!(Fault::ALL.iter().all(|fault| seen.contains(fault)));
    }
}

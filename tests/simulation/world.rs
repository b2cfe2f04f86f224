//! Clients, the server that is there, and the time between the first call and the rest.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::sleep;
use toolwright::Limits;
use toolwright::ask::{Journals, KeyRing};
use toolwright::prelude::*;

use crate::diary::Diary;
use crate::dice::Dice;
use crate::journal::Store;
use crate::network::Network;
use crate::tools::{Book, deaf, fail, fall, journey, polite, quick, slow, tell, wish};
use crate::visitor::visit;

/// Everything that outlives a server.
#[derive(Clone)]
struct Land {
    book: Arc<Book>,
    store: Option<Store>,
    limits: Limits,
    is_sealed: bool,
}

impl Land {
    fn new(dice: &mut Dice) -> Self {
        let millis = Duration::from_millis;
        Self {
            book: Arc::default(),
            store: dice.one_in(2).then(Store::default),
            is_sealed: !dice.one_in(4),
            limits: Limits {
                call_timeout: millis(dice.between(500, 3_000)),
                ask_timeout: millis(dice.between(300, 2_000)),
                cancel_grace: millis(dice.between(1, 300)),
                step_grace: millis(dice.between(100, 1_000)),
                concurrency: usize::try_from(dice.between(2, 8)).expect("small"),
                session_idle: Duration::from_secs(60),
                ..Limits::default()
            },
        }
    }

    /// A server as every other: with the same key, and with the same store.
    fn server(&self) -> ServerHandle {
        let mut journals = match self.is_sealed {
            true => Journals::sealed(KeyRing::new([7; 32])),
            false => Journals::in_process(),
        };
        if let Some(store) = &self.store {
            journals = journals.once(store.clone());
        }
        Server::new("simulated", "1")
            .limits(self.limits.clone())
            .journals(journals)
            .shared_state(Arc::new(Arc::clone(&self.book)))
            .tool::<(quick, slow, tell, fail, fall, polite, deaf, wish, journey)>()
            .build()
            .expect("a server")
    }

    /// That steps ran as often as they may, each under one key.
    fn assert_steps(&self, diary: &mut Diary) {
        for ((nonce, step), keys) in &self.book.pages().steps {
            diary.count("steps");
            let what = format!("step {step} of {nonce}: {keys:?}");
            assert!(keys.iter().all(|key| *key == keys[0]), "{what}");
            if keys.len() > 1 {
                diary.count("steps that ran again under their key");
                assert!(self.store.is_none(), "{what} with a store");
            }
        }
    }

    fn assert_journals(&self, diary: &mut Diary) {
        if let Some(store) = &self.store {
            assert_eq!(store.open(), 0, "rounds were begun and never ended");
            for _ in 0..store.repeated() {
                diary.count("rounds answered from their note");
            }
        }
    }
}

/// Lets a world run until it is at rest.
pub(crate) fn simulate(seed: u64) -> Diary {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(live(seed))
}

async fn live(seed: u64) -> Diary {
    let mut dice = Dice::new(seed);
    let land = Land::new(&mut dice);
    let clients = dice.between(1, 3);
    let network = Network::new(dice, Diary::new(seed), land.server());
    let mut lives = JoinSet::new();
    for number in 1..=clients {
        lives.spawn(visit(network.clone(), number));
    }
    lives.spawn(change(network.clone()));
    lives.spawn(crash(network.clone(), land.clone()));
    while let Some(life) = lives.join_next().await {
        life.expect("no life ends by a panic");
    }
    // Until sessions have expired, and whatever had time to go on has ended.
    sleep(Duration::from_secs(60 * 60)).await;
    let mut diary = network.close();
    let tasks = Handle::current().metrics().num_alive_tasks();
    assert_eq!(tasks, 0, "tasks are left");
    sleep(Duration::from_secs(60)).await;
    land.assert_steps(&mut diary);
    land.assert_journals(&mut diary);
    let pages = land.book.pages();
    for _ in 0..pages.heard {
        diary.count("handlers that heard of their cancellation");
    }
    for _ in 0..pages.fallen {
        diary.count("panics");
    }
    drop(pages);
    assert_eq!(Arc::strong_count(&land.book), 1, "a server is still held");
    diary
}

/// Things change at the server.
async fn change(network: Network) {
    for _ in 0..4 {
        let millis = network.dice().between(200, 1_500);
        sleep(Duration::from_millis(millis)).await;
        network.server().tools_changed();
        network.count("changes");
    }
}

/// Now and then the server is replaced, between the rounds of some call or in the middle of one.
async fn crash(network: Network, land: Land) {
    let crashes = network.dice().pick(&[0, 0, 0, 0, 1, 2]);
    for _ in 0..crashes {
        let millis = network.dice().between(200, 2_500);
        sleep(Duration::from_millis(millis)).await;
        network.count("crashes");
        network.crash(land.server());
    }
}

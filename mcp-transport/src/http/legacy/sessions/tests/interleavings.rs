//! Those who use, end and sweep sessions, on threads of their own, in every order that chance comes
//! upon: `cargo xtask shuttle`.

use shuttle::thread;

use super::*;

const PING: &[u8] = br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;

/// Runs something in many orders: by chance, and with few changes at the worst places.
fn in_many_orders(what: &'static str, run: fn()) {
    const ORDERS: usize = 1_000;
    let run = move || {
        // A session that begins wants a task that sweeps; here it is swept by hand.
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_time().build().unwrap();
        let _entered = runtime.enter();
        run();
    };
    shuttle::check_random(run, ORDERS);
    shuttle::check_pct(run, ORDERS, 3);
    println!("shuttle: {} orders of {what}", 2 * ORDERS);
}

fn limits(sessions: usize) -> Limits {
    Limits {
        sessions,
        session_idle: IDLE,
        ..Limits::default()
    }
}

fn join<T>(threads: Vec<thread::JoinHandle<T>>) -> Vec<T> {
    let joined = threads.into_iter().map(|thread| thread.join());
    joined.collect::<Result<_, _>>().unwrap()
}

#[test]
fn a_session_ends_once_whoever_ends_it_and_answers_nothing_afterwards() {
    in_many_orders("the end of a session", || {
        let handler = Arc::<Never>::default();
        let sessions = Sessions::new(&limits(10));
        let id = SessionId::generate().unwrap();
        let place = sessions.place(&Peer::Unknown).expect("room");
        sessions.insert(id, session(id, &handler), place);
        let used = sessions.get(&id, &Principal::ANONYMOUS).unwrap();

        let (deleted, swept) = (Arc::clone(&sessions), Arc::clone(&sessions));
        let later = now() + 2 * IDLE;
        let threads = vec![
            thread::spawn(move || deleted.remove(&id)),
            thread::spawn(move || {
                swept.sweep(later);
            }),
            thread::spawn({
                let used = Arc::clone(&used);
                move || post(&used, PING)
            }),
        ];
        join(threads);

        assert!(sessions.get(&id, &Principal::ANONYMOUS).is_none());
        assert!(!used.lock().touch(), "it is over");
        assert!(used.lock().engine.is_at_rest());
        assert_eq!(handler.0.load(Ordering::Relaxed), 0);
        assert_eq!(sessions.places.taken_by_all(), 0);
    });
}

#[test]
fn there_are_never_more_sessions_than_places_and_every_place_comes_back() {
    in_many_orders("the last place", || {
        let handler = Arc::<Never>::default();
        let sessions = Sessions::new(&limits(1));
        let visits = [(); 3].map(|()| {
            let (sessions, handler) = (Arc::clone(&sessions), Arc::clone(&handler));
            thread::spawn(move || {
                let Ok(place) = sessions.place(&Peer::Unknown) else {
                    return false;
                };
                let id = SessionId::generate().unwrap();
                sessions.insert(id, session(id, &handler), place);
                assert!(sessions.state().sessions.len() <= 1);
                sessions.remove(&id);
                true
            })
        });
        let came = join(visits.into());
        assert!(came.contains(&true), "the first one finds room");
        assert_eq!(handler.0.load(Ordering::Relaxed), 0);
        assert_eq!(sessions.places.taken_by_all(), 0);
    });
}

#[test]
fn what_is_sent_on_a_stream_is_read_once_by_one_of_its_readers() {
    in_many_orders("a stream that is taken over", || {
        let session = session(SessionId::generate().unwrap(), &Arc::default());
        let stream = session.new_stream(&mut session.lock());
        stream.begin_events();
        let writer = thread::spawn({
            let stream = Arc::clone(&stream);
            move || {
                for message in [&b"1"[..], b"2"] {
                    stream.push(message);
                }
                stream.finish(b"3");
            }
        });
        let reader = thread::spawn({
            let stream = Arc::clone(&stream);
            move || {
                let reader = stream.attach();
                shuttle::future::block_on(stream.read_to_end(reader))
            }
        });
        let text = reader.join().unwrap();
        writer.join().unwrap();
        let sent = ["data: 1\n", "data: 2\n", "data: 3\n"];
        let counts = sent.map(|data| text.matches(data).count());
        assert_eq!(counts, [1, 1, 1], "{text}");
    });
}

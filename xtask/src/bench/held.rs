//! The memory of what is open, and the time until a program answers.

use super::effort::Effort;
use super::figures::{Figures, OURS};
use super::load::{Cores, ask_memory, ask_program};
use super::peers::{PEERS, serve, server};
use super::workloads::Way;

/// How many sessions ours holds at once; what the others need for so many is too much for small
/// machines.
const VERY_MANY: usize = 100_000;

/// Measures the memory of a session, of a stream and of a call, and of very many sessions.
pub(crate) fn run(effort: &Effort, cores: Cores, figures: &mut Figures) {
    let kinds = [
        ("memory_session", "sessions", effort.sessions),
        ("memory_stream", "streams", effort.streams),
        ("memory_call", "calls", effort.streams),
    ];
    for (name, what, count) in kinds {
        if effort.wants(name) {
            println!("==> {name}");
            for peer in PEERS {
                hold(figures, cores, name, peer, what, count);
            }
        }
    }
    let name = "memory_sessions_100000";
    if effort.wants(name) {
        println!("==> {name}");
        hold(figures, cores, name, OURS, "sessions", VERY_MANY);
    }
}

fn hold(
    figures: &mut Figures,
    cores: Cores,
    name: &str,
    peer: &'static str,
    what: &str,
    count: usize,
) {
    let held = serve(cores, peer, &[]).and_then(|server| {
        let told = ["--what", what, "--count", &count.to_string()].map(str::to_owned);
        ask_memory(&server, &told)
    });
    match held {
        Ok(said) => {
            for (measure, value) in said.figures() {
                figures.add(name, measure, peer, value);
            }
            let each = figures.median(name, "bytes_each", peer).unwrap_or(0.0);
            println!("    {peer:10} {each:9.0} bytes each of {count} {what}");
        }
        Err(why) => {
            println!("    {peer:10} {why}");
            figures.give_up(name, peer, &why);
        }
    }
}

/// Measures how long everybody takes from the start to the first answer, and the memory then.
pub(crate) fn starts(effort: &Effort, cores: Cores, figures: &mut Figures) {
    for (name, way, task) in [
        ("start_stdio", Way::Stdio(1), &["start"][..]),
        ("start_http", Way::Http(1), &["start", "http"]),
    ] {
        if !effort.wants(name) {
            continue;
        }
        println!("==> {name}");
        let mut peers = PEERS.to_vec();
        for _ in 0..effort.starts {
            peers.retain(|peer| {
                let program = server(peer, way, "127.0.0.1:0", &[]);
                match ask_program(cores, task, &[], &program) {
                    Ok(said) => {
                        for (measure, value) in said.figures() {
                            figures.add(name, measure, peer, value);
                        }
                        true
                    }
                    Err(why) => {
                        println!("    {peer:10} {why}");
                        figures.give_up(name, peer, &why);
                        false
                    }
                }
            });
        }
        for peer in peers {
            let median = |measure| figures.median(name, measure, peer).unwrap_or(0.0);
            let (micros, bytes) = (median("start_us"), median("bytes_idle"));
            println!("    {peer:10} {micros:8.0} us to the first answer, {bytes:10.0} bytes then");
        }
    }
}

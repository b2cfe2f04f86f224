//! The other side: what a call costs a client.

use std::path::PathBuf;
use std::process::Command;

use super::callgrind::cost_of_a_call;
use super::counted;
use super::effort::Effort;
use super::figures::{FLOOR, Figures, OURS};
use super::load::{Cores, ask_program};
use super::packages::binary;
use super::peers::serve;
use crate::Outcome;
use crate::command::output_of;
use crate::http::Server;

/// Whose clients are compared.
const CLIENTS: [&str; 3] = [FLOOR, OURS, "rmcp"];

/// Calls of a turn. What it takes to connect is small beside them, and is taken away.
const CALLS: u64 = 4_000;

/// What a call over HTTP costs the client, one at a time; the server is ours for all of them.
pub(crate) fn run(effort: &Effort, cores: Cores, figures: &mut Figures) -> Outcome {
    let (timed, counts) = ("client_http", "count_client_http");
    if !effort.wants(timed) && !effort.wants(counts) {
        return Ok(());
    }
    println!("==> {timed}, {counts}");
    let server = serve(cores, OURS, &[])?;
    let mut clients = CLIENTS.to_vec();
    for _ in 0..effort.rounds {
        clients.retain(|peer| match turn(cores, &server, peer, figures) {
            Ok(()) => true,
            Err(why) => lost(figures, timed, peer, &why),
        });
    }
    for peer in CLIENTS {
        let path = program(peer);
        let converse = |mut command: Command, calls| {
            command.args(told(&server, calls));
            output_of(command).map(drop)
        };
        match cost_of_a_call(&format!("{peer}-{counts}"), &path, converse) {
            Ok(cost) => counted::note(figures, counts, peer, cost),
            Err(why) => {
                lost(figures, counts, peer, &why);
            }
        }
    }
    Ok(())
}

fn lost(figures: &mut Figures, name: &str, peer: &str, why: &str) -> bool {
    println!("    {peer:10} {why}");
    figures.give_up(name, peer, why);
    false
}

fn turn(cores: Cores, server: &Server, peer: &str, figures: &mut Figures) -> Outcome {
    let run = |calls| {
        let mut client = Command::new(program(peer));
        client.args(told(server, calls));
        let said = ask_program(cores, &["cpu"], &[], &client)?;
        Ok::<_, String>((said.figure("cpu_us")?, said.figure("wall_us")?))
    };
    let (few_cpu, few_wall) = run(CALLS / 10)?;
    let (cpu, wall) = run(CALLS + CALLS / 10)?;
    let each = |all: f64, few: f64| (all - few) / CALLS as f64;
    figures.add("client_http", "cpu_us", peer, each(cpu, few_cpu));
    let per_second = 1e6 / each(wall, few_wall);
    figures.add("client_http", "calls_per_second", peer, per_second);
    Ok(())
}

/// The client of a peer. Ours is a program of its own, so that the server is built without it.
fn program(peer: &str) -> PathBuf {
    let client = if peer == OURS { "-client" } else { "" };
    binary(&format!("bench-{peer}{client}"))
}

fn told(server: &Server, calls: u64) -> [String; 4] {
    let address = server.address().to_string();
    ["client".into(), "http".into(), address, calls.to_string()]
}

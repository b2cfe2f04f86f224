//! Instructions and calls of the allocator, which are the same on a busy machine.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::callgrind::{Cost, cost_of_a_call};
use super::effort::Effort;
use super::figures::{FLOOR, Figures, OURS};
use super::load::{Cores, ask_http, ask_program};
use super::peers::{PEERS, server};
use super::workloads::{COUNTED, Variant, Way, Workload};
use crate::Outcome;
use crate::http::Server;

/// Who is counted in the short run: the others are slow under valgrind.
const QUICK: [&str; 3] = [FLOOR, OURS, "rmcp"];

/// Counts every workload that is wanted.
pub(crate) fn run(effort: &Effort, figures: &mut Figures) {
    let peers = if effort.is_quick {
        &QUICK[..]
    } else {
        &PEERS[..]
    };
    for workload in COUNTED {
        for variant in workload.variants {
            if !effort.wants(variant.name) {
                continue;
            }
            println!("==> {}", variant.name);
            for peer in peers {
                // What more tools cost the others is in their processor time.
                if workload.variants.len() > 1 && *peer != OURS {
                    continue;
                }
                match count(workload, variant, peer) {
                    Ok(cost) => note(figures, variant.name, peer, cost),
                    Err(why) => {
                        println!("    {peer:10} {why}");
                        figures.give_up(variant.name, peer, &why);
                    }
                }
            }
        }
    }
}

/// Notes what one call costs.
pub(crate) fn note(figures: &mut Figures, name: &str, peer: &str, cost: Cost) {
    cost.print(peer, "");
    figures.add(name, "instructions", peer, cost.instructions);
    figures.add(name, "allocations", peer, cost.allocations);
}

fn count(workload: &Workload, variant: &Variant, peer: &str) -> Result<Cost, String> {
    let program = server(peer, workload.way, "", variant.arguments);
    let path = PathBuf::from(program.get_program());
    let converse = |under_callgrind: Command, calls: u64| {
        let mut told = workload.told();
        told.extend(["--calls".to_owned(), calls.to_string()]);
        converse(workload, variant, peer, under_callgrind, &told)
    };
    cost_of_a_call(&format!("{peer}-{}", variant.name), &path, converse)
}

/// Has the server, which is the last argument of the command so far, answer what is told.
fn converse(
    workload: &Workload,
    variant: &Variant,
    peer: &str,
    mut command: Command,
    told: &[String],
) -> Outcome {
    match workload.way {
        Way::Stdio(_) => {
            command.args(server(peer, workload.way, "", variant.arguments).get_args());
            ask_program(Cores::all(), &["stdio"], told, &command).map(drop)
        }
        Way::Http(_) => {
            let server = Server::start_at(|address| {
                let address = address.to_string();
                let program = server(peer, workload.way, &address, variant.arguments);
                command.args(program.get_args()).stdout(Stdio::null());
                command
            })?;
            ask_http(Cores::all(), &server, told)?;
            server.end().map(drop)
        }
    }
}

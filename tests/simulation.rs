//! Clients and servers as programs use them, in virtual time: one seed leads to one run. Between them
//! lie pipes and HTTP exchanges that delay, drop, double, overtake and cut, users who think, and a
//! server that is replaced in the middle. After every run each call has had exactly one outcome,
//! nothing has reached another's call, each step ran at most once with a store of rounds and under
//! one key without, and no task, round or server is left.
#![cfg(all(feature = "macros", feature = "http-server", feature = "http-client"))]
#![allow(
    clippy::unwrap_used,
    reason = "the exemption of tests does not reach helpers"
)]

#[path = "../mcp-core/tests/simulation/diary.rs"]
mod diary;
#[path = "../mcp-core/tests/simulation/dice.rs"]
mod dice;
#[path = "simulation/journal.rs"]
mod journal;
#[path = "simulation/network.rs"]
mod network;
#[path = "../mcp-core/tests/simulation/seeds.rs"]
mod seeds;
#[path = "simulation/tools.rs"]
mod tools;
#[path = "simulation/visitor.rs"]
mod visitor;
#[path = "simulation/world.rs"]
mod world;

/// What happens over many seeds.
const KINDS: &[&str] = &[
    "2024-11-05",
    "2025-03-26",
    "2025-06-18",
    "2025-11-25",
    "2026-07-28",
    "clients on pipes",
    "clients over HTTP",
    "calls",
    "answers",
    "journeys",
    "failures",
    "errors",
    "timeouts",
    "calls given up",
    "answers lost",
    "calls whose connection closed",
    "progress",
    "questions",
    "questions refused",
    "handlers that heard of their cancellation",
    "panics",
    "subscriptions",
    "changes",
    "changes heard",
    "requests dropped",
    "retries doubled",
    "answers dropped",
    "streams cut",
    "pipes cut",
    "crashes",
    "connections that failed",
    "steps",
    "steps that ran again under their key",
    "rounds answered from their note",
];

#[test]
fn every_call_has_one_outcome_and_every_step_runs_as_often_as_it_may() {
    seeds::run("clients and servers", 120, KINDS, world::simulate);
}

#[test]
fn one_seed_of_clients_and_servers_leads_to_one_run() {
    for seed in 0..4 {
        seeds::assert_replayed(seed, world::simulate);
    }
}

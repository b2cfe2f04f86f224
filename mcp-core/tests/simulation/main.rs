//! Client and server engines in virtual time, in both eras: one seed leads to one run. Between them
//! lies a network that delays, drops, doubles, reorders and cuts, and after every run each request
//! has had exactly one outcome, nothing has reached another's exchange, and every table is empty.

mod caller;
mod clock;
mod diary;
mod dice;
mod handlers;
mod host;
mod network;
mod nonces;
mod seeds;
mod world;

/// What happens over many seeds.
const KINDS: &[&str] = &[
    "2024-11-05",
    "2025-03-26",
    "2025-06-18",
    "2025-11-25",
    "2026-07-28",
    "pipes",
    "exchanges",
    "calls",
    "small requests",
    "batches",
    "answers",
    "errors",
    "timeouts",
    "cancellations",
    "calls that waited for their turn",
    "calls out of time",
    "handlers stopped",
    "handlers that ended when cancelled",
    "answers that came too late",
    "questions",
    "questions answered",
    "questions without an answer",
    "questions withdrawn",
    "progress",
    "log messages",
    "changes",
    "changes heard",
    "subscriptions",
    "messages dropped",
    "messages doubled",
    "messages overtaken",
    "streams broken",
    "answers lost",
    "connections cut",
    "requests whose connection closed",
    "crashes",
    "sessions begun anew",
    "connections that failed",
];

#[test]
fn every_request_of_the_engines_has_one_outcome_and_nothing_stays_behind() {
    seeds::run("engines", 300, KINDS, world::simulate);
}

#[test]
fn one_seed_of_the_engines_leads_to_one_run() {
    for seed in 0..8 {
        seeds::assert_replayed(seed, world::simulate);
    }
}

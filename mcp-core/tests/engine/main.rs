//! The engines from outside: bytes in, bytes out, and a clock that only the tests turn.

mod alone;
mod asks;
mod batches;
mod clients;
mod eras;
mod faults_envelope;
mod faults_era;
mod faults_framing;
mod faults_lifecycle;
mod harness;
mod limits;
mod link;
mod messages;
mod pair;
mod questions;
mod random;
mod remote;
mod reports;
mod rest;
mod subscriptions;
mod told;

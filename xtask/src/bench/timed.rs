//! The rounds in which everybody gets a turn.

use super::effort::Effort;
use super::figures::Figures;
use super::load::{Cores, Said, ask_http, ask_program};
use super::peers::{PEERS, serve, server};
use super::workloads::{TIMED, Variant, Way, Workload};
use crate::http::Server;

/// Measures every workload that is wanted.
pub(crate) fn run(effort: &Effort, cores: Cores, figures: &mut Figures) {
    for workload in TIMED {
        let wanted = |variant: &&Variant| effort.wants(variant.name);
        let variants: Vec<_> = workload.variants.iter().filter(wanted).collect();
        if variants.is_empty() {
            continue;
        }
        let names: Vec<_> = variants.iter().map(|variant| variant.name).collect();
        println!("==> {}", names.join(", "));
        rounds(workload, &variants, effort, cores, figures);
    }
}

/// Lets everybody take turns until all rounds are over.
fn rounds(
    workload: &Workload,
    variants: &[&'static Variant],
    effort: &Effort,
    cores: Cores,
    figures: &mut Figures,
) {
    let mut told = workload.told();
    told.extend(["--millis".to_owned(), effort.millis.to_string()]);
    let mut sides = Vec::new();
    for variant in variants {
        for peer in PEERS {
            match Side::start(workload.way, variant, peer, cores) {
                Ok(side) => sides.push(side),
                Err(why) => lost(figures, variant.name, peer, &why),
            }
        }
    }
    for _ in 0..effort.rounds {
        sides.retain(|side| match side.turn(cores, &told) {
            Ok(said) => {
                for (measure, value) in said.figures() {
                    figures.add(side.variant.name, measure, side.peer, value);
                }
                true
            }
            Err(why) => {
                lost(figures, side.variant.name, side.peer, &why);
                false
            }
        });
        // Nobody always comes after the same one, who may have left the caches in some state.
        if !sides.is_empty() {
            sides.rotate_left(1);
        }
    }
    for side in &sides {
        print(figures, side.variant.name, side.peer);
    }
}

/// Says and notes why a peer has no figures.
fn lost(figures: &mut Figures, name: &str, peer: &str, why: &str) {
    println!("    {peer:10} {name}: {why}");
    figures.give_up(name, peer, why);
}

fn print(figures: &Figures, name: &str, peer: &str) {
    let median = |measure| figures.median(name, measure, peer);
    if let Some((cpu, calls)) = median("cpu_us").zip(median("calls_per_second")) {
        let ratio = figures.ratio(name, "cpu_us", peer, super::figures::FLOOR);
        let ratio = ratio.map_or(String::new(), |ratio| {
            format!(
                "{:6.2} ({:.2}-{:.2}) x floor",
                ratio.median, ratio.low, ratio.high
            )
        });
        println!("    {peer:10} {name:24} {cpu:9.2} us of processor {calls:10.0} calls/s {ratio}");
    }
}

/// Somebody who takes turns.
struct Side {
    variant: &'static Variant,
    peer: &'static str,
    way: Way,
    /// The server, which stays from one turn to the next. Over pipes each turn has its own.
    server: Option<Server>,
}

impl Side {
    fn start(
        way: Way,
        variant: &'static Variant,
        peer: &'static str,
        cores: Cores,
    ) -> Result<Self, String> {
        let running = match way {
            Way::Stdio(_) => None,
            Way::Http(_) => Some(serve(cores, peer, variant.arguments)?),
        };
        Ok(Self {
            variant,
            peer,
            way,
            server: running,
        })
    }

    fn turn(&self, cores: Cores, told: &[String]) -> Result<Said, String> {
        match &self.server {
            Some(server) => ask_http(cores, server, told),
            None => {
                let program = server(self.peer, self.way, "", self.variant.arguments);
                ask_program(cores, &["stdio"], told, &program)
            }
        }
    }
}
